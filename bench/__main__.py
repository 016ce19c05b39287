"""Run all benchmarks, or those named on the command line, and print one JSON object per line.

Each module of this package has `run()`, which yields {"bench", "value", "unit", "baseline", "ratio"}; the baseline is
measured in the same run, and is null where there is nothing to hold the figure against.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

FIGURE_KEYS = ("bench", "value", "unit", "baseline", "ratio")


def benchmarks() -> list[str]:
    """Return the names of the modules that hold a benchmark, sorted."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return [source.stem for source in sources if "\ndef run(" in source.read_text()]


def main(names: Iterable[str]) -> None:
    """Run the benchmarks named, or all."""
    for name in names or benchmarks():
        for figure in import_module(f"bench.{name}").run():
            print(json.dumps({key: figure.get(key) for key in FIGURE_KEYS}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
