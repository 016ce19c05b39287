"""Key files: made once, readable by the owner alone. Needs no Django: the settings read their own key here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

KEY_BYTES = 32


@cache
def read_or_make(path: Path, *, make: Callable[[], bytes] = lambda: os.urandom(KEY_BYTES)) -> bytes:
    """Return what a key file holds, making it at first use; racing processes and threads agree on one key.

    make: gives the content of a new file, 32 random bytes by default.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its key is the one that counts
        finally:
            draft.unlink()
    return path.read_bytes()
