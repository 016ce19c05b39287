"""No process outlives the one that started it, however that one ended (Linux; elsewhere this does nothing)."""

from __future__ import annotations

import ctypes
import os
import sys
from signal import SIGKILL, Signals

PR_SET_PDEATHSIG = 1


def end_with_parent(orphan_signal: Signals = SIGKILL, *, parent: int | None = None) -> None:
    """Ask the kernel to send this process a signal when its parent ends (prctl(2)).

    Args:
        orphan_signal: the signal.
        parent: process id of the parent, where it is known. One that ended before the kernel was asked is no parent any
            more and would never be told of: then this process ends at once.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if parent is not None and os.getppid() != parent:
            os._exit(1)
