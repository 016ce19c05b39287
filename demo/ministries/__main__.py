"""Start the ministries' systems."""

import argparse
import asyncio
import ctypes
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

import demo.bansos.app
import demo.bpjs.app
import demo.kepegawaian.app
import demo.kesehatan.app
import demo.penerimaan.app
import demo.sekolah.app
from demo.bpjs.app import Road
from demo.kepegawaian.papers import papers
from demo.serving import StartError, new_secret, require_free, run, secret_file

PROGRAMS = ("sekolah", "bansos", "kesehatan", "penerimaan", "kepegawaian", "bpjs")
HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read the command line, prepare every storage and serve."""
    parser = argparse.ArgumentParser(prog="python -m demo.ministries", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory above the systems' own")
    parser.add_argument("--size", type=int, default=5_000, help="persons on record, at the first start")
    parser.add_argument("--seed", type=int, default=3671, help="which made-up population, at the first start")
    for name in PROGRAMS:
        parser.add_argument(f"--{name}", type=int, metavar="PORT")
    parser.add_argument("--bpjs-road", help="address of the gateway through which the insurer reads")
    parser.add_argument("--bpjs-road-key", type=Path, help="file of the key for it")
    chosen = parser.parse_args()
    road = Road(chosen.bpjs_road, chosen.bpjs_road_key) if chosen.bpjs_road else None
    ports = {name: port for name in PROGRAMS if (port := getattr(chosen, name))}
    for port in ports.values():
        require_free(HOST, port)
    _end_with_parent()
    prepare(chosen.data, size=chosen.size, seed=chosen.seed)
    servers = [_server(name, chosen.data / name, port, road) for name, port in ports.items()]
    print(f"ministries: {', '.join(f'{name} on {HOST}:{port}' for name, port in ports.items())}", flush=True)
    asyncio.run(_serve(servers))


def prepare(data: Path, *, size: int, seed: int) -> None:
    """Build every storage that is not there yet; the population is made once for all of them.

    Raises:
        StartError: a storage holds another population.
    """
    mark = f"{size} {seed} 2"
    note = data / "ministries"
    if note.exists():
        if note.read_text() != mark:
            raise StartError(
                f"{data} holds another population or version; choose another --data or delete it"
            )
        return
    from demo.population.country import households, smallest_size

    if size < smallest_size():
        raise StartError(f"--size must be at least {smallest_size()}, the people of the story")
    print(f"ministries: building their storages for {size:,} persons", flush=True)
    everyone = list(households(size=size, seed=seed))
    for path, build in _storages(data).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        build(unfinished, everyone)
        shutil.move(unfinished, path)
    note.write_text(mark)


def _storages(data: Path) -> dict[Path, Callable[[Path, Iterable[Any]], None]]:
    """Return what builds each storage; imported here because later starts do without it."""
    from demo.bansos import intake as bansos
    from demo.bpjs import intake as bpjs
    from demo.kelurahan import intake as kelurahan
    from demo.kepegawaian import intake as kepegawaian
    from demo.kesehatan import intake as kesehatan
    from demo.penerimaan import intake as penerimaan
    from demo.sekolah import intake as sekolah
    from demo.sim import intake as sim

    return {
        data / "sekolah" / "sekolah.sqlite3": sekolah.build,
        data / "bansos" / "bansos.sqlite3": bansos.build,
        data / "kesehatan" / "kesehatan.sqlite3": kesehatan.build,
        data / "penerimaan" / "penerimaan.sqlite3": penerimaan.build,
        data / "kepegawaian" / "kepegawaian.sqlite3": kepegawaian.build,
        data / "bpjs" / "bpjs.sqlite3": bpjs.build,
        data / "sim" / "SIMDB.sqlite3": sim.build,
        data / "kelurahan" / "Register Surat 2026.csv": kelurahan.build,
    }


def _server(name: str, folder: Path, port: int, road: Road | None) -> Server:
    application = _application(name, folder, road)
    options: dict[str, Any] = {}
    if name == "kepegawaian":
        own = papers(folder)
        options = {
            "ssl_cert": own / "server.pem",
            "ssl_key": own / "server.key",
            "ssl_ca": own / "ca.pem",
            "ssl_client_verify": True,
        }
    return Server(
        application,
        address=HOST,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        **options,
    )


def _application(name: str, folder: Path, road: Road | None) -> Any:
    storage = folder / f"{name}.sqlite3"
    match name:
        case "sekolah":
            return demo.sekolah.app.application(storage, key=secret_file(folder / "api_key", new_secret))
        case "bansos":
            return demo.bansos.app.application(storage, login=secret_file(folder / "login", _login))
        case "kesehatan":
            return demo.kesehatan.app.application(storage, client=secret_file(folder / "client", _login))
        case "penerimaan":
            secret = secret_file(folder / "client_secret", new_secret)
            return demo.penerimaan.app.application(storage, client=f"terpadu:{secret}")
        case "bpjs":
            key = secret_file(folder / "api_key", new_secret)
            return demo.bpjs.app.application(storage, key=key, road=road)
    return demo.kepegawaian.app.application(storage)


def _login() -> str:
    return f"terpadu:{new_secret()}"


async def _serve(servers: list[Server]) -> None:
    """Serve until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = [asyncio.create_task(server.serve()) for server in servers]
    await stop.wait()
    for server in servers:
        server.stop()  # type: ignore[no-untyped-call]  # granian's stop has no annotations
    await asyncio.gather(*serving, return_exceptions=True)


def _end_with_parent() -> None:
    """Let the kernel end this process together with a killed parent (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    run("ministries", main)
