"""Run the tests in parallel, one database for each worker; further arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run pytest with half as many workers again as there are cores; return its exit code."""
    # A third of the time a worker waits for programs, pages and databases that it has started.
    workers = str(min((os.cpu_count() or 1) * 3 // 2, 8))
    command = [sys.executable, "-m", "pytest", "-n", workers]
    # Who runs what, and in which order, is said in tests/world.py.
    command += ["--dist", "loadscope", "--no-loadscope-reorder", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
