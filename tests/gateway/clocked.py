"""Run a gateway whose clock can be set by a test: ``python -m tests.gateway.clocked CLOCK-FILE --config FILE.toml``.

The file holds by how many seconds the clock is off; without it, the clock is right. Everything else is the gateway as it is.
"""

import sys
import time
from pathlib import Path

from terpadu_gateway.__main__ import main


def set_clock(file: Path) -> None:
    """Let ``time.time`` follow the file at once, so that two gateways never see a new time apart."""
    right_time = time.time
    seen: list[float] = [0, 0.0]

    def clock() -> float:
        changed = file.stat().st_mtime_ns if file.exists() else 0
        if changed != seen[0]:
            text = file.read_text() if changed else "0"
            if text:  # empty for the moment in which it is being written
                seen[:] = [changed, float(text)]
        return right_time() + seen[1]

    time.time = clock


if __name__ == "__main__":
    set_clock(Path(sys.argv.pop(1)))
    sys.exit(main())
