"""Start the birth-record service; the first start builds its register from the made-up population."""

import argparse
from base64 import b64encode
from functools import partial
from pathlib import Path

from granian.constants import Interfaces

from demo.akta.app import Application
from demo.akta.storage import build, holds
from demo.serving import StartError, new_secret, require_free, run, secret_file, serve


def main() -> None:
    """Read the command line, prepare the register and serve."""
    parser = argparse.ArgumentParser(prog="python -m demo.akta", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of its register and its secret")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--size", type=int, default=5_000, help="persons on record, at the first start")
    parser.add_argument("--seed", type=int, default=3671, help="which made-up population, at the first start")
    parser.add_argument("--faults", type=Path, help="JSON file with fault switches, see demo.faults")
    parser.add_argument("--notices", help="address that takes notices of births; nobody is told without it")
    parser.add_argument("--notices-key", type=Path, help="file of the key for that address")
    chosen = parser.parse_args()
    require_free(chosen.host, chosen.port)
    chosen.data.mkdir(parents=True, exist_ok=True)
    folder = chosen.data / "register"
    _prepare(folder, size=chosen.size, seed=chosen.seed)
    authorization = secret_file(chosen.data / "authorization", _basic_header)
    print(f"akta: listening on http://{chosen.host}:{chosen.port}", flush=True)
    load = partial(
        Application,
        folder,
        authorization=authorization,
        faults=chosen.faults,
        notices=chosen.notices,
        key=chosen.notices_key,
    )
    serve(load, interface=Interfaces.WSGI, host=chosen.host, port=chosen.port, threads=4)


def _basic_header() -> str:
    return "Basic " + b64encode(f"terpadu:{new_secret()}".encode()).decode()


def _prepare(folder: Path, *, size: int, seed: int) -> None:
    if not folder.exists():
        _build(folder, size=size, seed=seed)
    elif not holds(folder, size=size, seed=seed):
        raise StartError(f"{folder} holds another population or version; choose another --data or delete it")


def _build(folder: Path, *, size: int, seed: int) -> None:
    """Build the register; the generator is imported here because later starts do without it."""
    from demo.akta.intake import deeds
    from demo.population.country import households, smallest_size

    if size < smallest_size():
        raise StartError(f"--size must be at least {smallest_size()}, the people of the story")
    print(f"akta: building the register of {size:,} persons", flush=True)
    build(folder, deeds(households(size=size, seed=seed), total=size), size=size, seed=seed)


if __name__ == "__main__":
    run("akta", main)
