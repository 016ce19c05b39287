"""Start the population registry; the first start builds its storage from the made-up population."""

import argparse
from functools import partial
from pathlib import Path

from granian.constants import Interfaces

from demo.dukcapil.app import application
from demo.dukcapil.storage import VERSION, build, notes_of
from demo.serving import StartError, new_secret, require_free, run, secret_file, serve


def main() -> None:
    """Read the command line, prepare the storage and serve."""
    parser = argparse.ArgumentParser(prog="python -m demo.dukcapil", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of its storage and API key")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--size", type=int, default=5_000, help="persons on record, at the first start")
    parser.add_argument("--seed", type=int, default=3671, help="which made-up population, at the first start")
    parser.add_argument("--faults", type=Path, help="JSON file with fault switches, see demo.faults")
    chosen = parser.parse_args()
    require_free(chosen.host, chosen.port)
    chosen.data.mkdir(parents=True, exist_ok=True)
    database = chosen.data / "dukcapil.sqlite3"
    _prepare(database, size=chosen.size, seed=chosen.seed)
    api_key = secret_file(chosen.data / "api_key", new_secret)
    print(f"dukcapil: listening on http://{chosen.host}:{chosen.port}", flush=True)
    load = partial(application, database, api_key=api_key, faults=chosen.faults)
    serve(load, interface=Interfaces.ASGI, host=chosen.host, port=chosen.port)


def _prepare(database: Path, *, size: int, seed: int) -> None:
    notes = {"ukuran": str(size), "benih": str(seed)}
    if not database.exists():
        _build(database, size=size, seed=seed, notes=notes)
    elif notes_of(database) != {**notes, "versi": VERSION}:
        raise StartError(
            f"{database} holds another population or version; choose another --data or delete it"
        )


def _build(database: Path, *, size: int, seed: int, notes: dict[str, str]) -> None:
    """Build the storage; the generator is imported here because later starts do without it."""
    from demo.dukcapil.intake import cards
    from demo.population.country import households, smallest_size

    if size < smallest_size():
        raise StartError(f"--size must be at least {smallest_size()}, the people of the story")
    print(f"dukcapil: building the registry of {size:,} persons", flush=True)
    build(database, cards(households(size=size, seed=seed), total=size), notes=notes)


if __name__ == "__main__":
    run("dukcapil", main)
