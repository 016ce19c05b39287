"""No process outlives the one that started it, however that one ended (Linux; elsewhere this does nothing)."""

from __future__ import annotations

import ctypes
import sys
from signal import SIGKILL, Signals

PR_SET_PDEATHSIG = 1


def end_with_parent(orphan_signal: Signals = SIGKILL) -> None:
    """Ask the kernel to send this process a signal when its parent ends (prctl(2))."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
