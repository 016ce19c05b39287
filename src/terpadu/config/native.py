"""The native build of this checkout: gateway and wire formats with their hot modules as machine code."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from terpadu.config import env

PACKAGES = ("terpadu_gateway", "terpadu_wire")
FOLDER = env.PROJECT_ROOT / "build" / "native"
"""Where ``make native`` puts it."""
STAMP = FOLDER / "made-of"
"""Holds the :func:`fingerprint` of what it was made of."""


def fingerprint() -> str:
    """Hash all that a native build is made of: source of gateway and wire formats, choice of modules, Python."""
    source = env.PROJECT_ROOT / "src"
    files = sorted(path for name in PACKAGES for path in (source / name).glob("*.py"))
    parts = [sys.version.encode()]
    for path in (env.PROJECT_ROOT / "setup.py", *files):
        parts += [path.name.encode(), path.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def folder() -> Path | None:
    """Return where the native build lies; None when there is none, or it was made of another source."""
    return FOLDER if STAMP.is_file() and STAMP.read_text() == fingerprint() else None
