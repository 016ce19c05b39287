"""The membership system over HTTP: takes notices of births, and answers who is a member."""

import asyncio
import hmac
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OPENAPI = Path(__file__).with_name("openapi.json")
KEY_HEADER = "X-Kunci"
PURPOSE = "jkn.bayi"
_DEED = "/00000002/akta-kelahiran/api/peristiwa-kelahiran"
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True)
class Road:
    """The way to other agencies: address of the own gateway, and the file of the key for it."""

    url: str
    key: Path


def application(storage: Path, *, key: str, road: Road | None) -> Starlette:
    """Return the ASGI application. storage: made by `intake.build`. key: what callers must send. road: None for none."""
    server = _Server(storage, key, road)
    return Starlette(
        routes=[
            Route("/peristiwa/kelahiran", server.take, methods=["POST"]),
            Route("/peserta/cari", server.search, methods=["POST"]),
            Route("/openapi.json", _document, methods=["GET"]),
        ]
    )


class _Server:
    """Storage, and the notices that still wait to be worked on."""

    def __init__(self, storage: Path, key: str, road: Road | None) -> None:
        self._file = sqlite3.connect(storage, check_same_thread=False, isolation_level=None)
        self._key = key
        self._road = road
        self._work: asyncio.Task[None] | None = None

    async def take(self, request: Request) -> Response:
        """Write a notice down and answer; what it is about is fetched afterwards."""
        event = await self._asked(request)
        if event is None or not isinstance(event.get("id"), str):
            return _json({"pesan": "bukan peristiwa"}, 400)
        self._file.execute("INSERT OR IGNORE INTO antrean VALUES (?, 'menunggu')", (event["id"],))
        if self._road is not None and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._fetch_all(self._road))
        return _json({"diterima": True}, 200)

    async def search(self, request: Request) -> Response:
        asked = await self._asked(request)
        if asked is None:
            return _json({"pesan": "kunci salah"}, 401)
        query = "SELECT nik, nama, segmen, penanggung FROM peserta WHERE nik = ?"
        row = self._file.execute(query, (str(asked.get("nik")),)).fetchone()
        names = ("nik", "nama", "segmen", "penanggung")
        return (
            _json(dict(zip(names, row, strict=True)), 200) if row else _json({"pesan": "bukan peserta"}, 404)
        )

    async def _fetch_all(self, road: Road) -> None:
        """Fetch what waits, until nothing does; a road that is closed is tried again, later and later."""
        pause = 1.0
        async with httpx.AsyncClient(trust_env=False) as client:
            query = "SELECT peristiwa FROM antrean WHERE keadaan = 'menunggu' LIMIT 1"
            while row := self._file.execute(query).fetchone():
                state = await self._fetch(client, road, row[0])
                if state == "menunggu":
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                else:
                    self._file.execute("UPDATE antrean SET keadaan = ? WHERE peristiwa = ?", (state, row[0]))

    async def _fetch(self, client: httpx.AsyncClient, road: Road, event: str) -> str:
        headers = {
            "authorization": f"Bearer {road.key.read_text().strip()}",
            "terpadu-purpose": PURPOSE,
            "terpadu-on-behalf-of": "agency:event",
        }
        try:
            answer = await client.post(road.url + _DEED, json={"peristiwa": event}, headers=headers)
        except httpx.TransportError:
            return "menunggu"
        if answer.status_code >= 429:
            return "menunggu"
        return self._register(answer.json()) if answer.status_code == 200 else "ditolak"

    def _register(self, deed: dict[str, str]) -> str:
        """Register a child with the parent who is a member."""
        for parent in (deed["nik_ibu"], deed["nik_ayah"]):
            if self._file.execute("SELECT 1 FROM peserta WHERE nik = ?", (parent,)).fetchone():
                values = (deed["nik_anak"], deed["nama_anak"], parent)
                self._file.execute("INSERT OR IGNORE INTO peserta VALUES (?, ?, 'BAYI', ?)", values)
                return "terdaftar"
        return "orang tua bukan peserta"

    async def _asked(self, request: Request) -> dict[str, object] | None:
        if not hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), self._key.encode()):
            return None
        try:
            asked = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return None
        return asked if isinstance(asked, dict) else None


def _json(value: object, status: int) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


async def _document(request: Request) -> Response:
    return Response(OPENAPI.read_bytes(), media_type="application/json")
