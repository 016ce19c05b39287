"""Run a gateway whose clock can be set by a test: ``python -m tests.gateway.clocked CLOCK-FILE --config FILE.toml``.

The file holds by how many seconds the clock is off; without it, the clock is right. Everything else is the gateway as it is.
"""

import sys
import time
from pathlib import Path

from terpadu_gateway.__main__ import main


def set_clock(file: Path) -> None:
    """Let ``time.time`` follow the file; it is looked at ten times a second at most."""
    right_time, monotonic = time.time, time.monotonic
    seen = [0.0, 0.0]

    def clock() -> float:
        now = monotonic()
        if now >= seen[0]:
            seen[:] = [now + 0.1, float(file.read_text()) if file.exists() else 0.0]
        return right_time() + seen[1]

    time.time = clock


if __name__ == "__main__":
    set_clock(Path(sys.argv.pop(1)))
    sys.exit(main())
