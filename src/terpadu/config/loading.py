"""Loading the platform into a process that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Keep the collector from what is imported meanwhile: it stays, and looking through it again and again is a sixth of a start."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
