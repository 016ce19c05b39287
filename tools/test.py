"""Run the tests in parallel, one database for each worker; further arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run pytest with as many workers as there are cores; return its exit code."""
    workers = str(min(os.cpu_count() or 1, 8))
    command = [sys.executable, "-m", "pytest", "-n", workers]
    # Who runs what, and in which order, is said in tests/world.py.
    command += ["--dist", "loadscope", "--no-loadscope-reorder", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
