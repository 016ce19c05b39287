"""Documents: typeset, sign and check, held against the typesetter alone; verification of a file."""

from __future__ import annotations

import os
from collections.abc import Iterator

import django


def run() -> Iterator[dict[str, str | float | None]]:
    """Yield one figure for each thing measured: {"bench", "value", "unit", "baseline", "ratio"}."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "terpadu.config.settings")
    django.setup()
    from bench import paper_mill  # only now: models cannot be read before Django is set up

    yield from paper_mill.figures()
