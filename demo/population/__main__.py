"""Write the made-up population down: `python -m demo.population --size N --seed S --out DIR`."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from demo.population.country import DEFAULT_SEED, DEFAULT_SIZE, households
from demo.population.export import write_population
from demo.population.records import Household
from demo.serving import StartError, progress, run


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(prog="python -m demo.population", description=__doc__)
    parser.add_argument("--size", type=int, default=DEFAULT_SIZE, help="persons on record")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, required=True, help="directory for the files")
    chosen = parser.parse_args()
    started = time.monotonic()
    try:
        persons = write_population(
            _watched(households(size=chosen.size, seed=chosen.seed), chosen.size), chosen.out
        )
    except ValueError as error:
        raise StartError(str(error)) from error
    print(f"population: {persons:,} persons in {chosen.out} after {time.monotonic() - started:.1f} s")


def _watched(found: Iterator[Household], total: int) -> Iterator[Household]:
    done = 0
    for household in found:
        yield household
        for _ in household.everyone():
            done += 1
            progress("population", done, total)


if __name__ == "__main__":
    run("population", main)
