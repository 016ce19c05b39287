"""The civil-service registry over HTTP; who may ask was settled by TLS before a request arrives here."""

import re
import sqlite3
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OPENAPI = Path(__file__).with_name("openapi.json")
_NIK = re.compile(r"[0-9]{16}")


def application(storage: Path) -> Starlette:
    """Return the ASGI application. storage: file made by `intake.build`."""
    file = sqlite3.connect(f"file:{storage}?mode=ro", uri=True, check_same_thread=False)
    file.row_factory = sqlite3.Row

    async def profile(request: Request) -> Response:
        try:
            asked = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            asked = None
        nik = asked.get("nik") if isinstance(asked, dict) else None
        if not isinstance(nik, str) or not _NIK.fullmatch(nik):
            return _json({"kode": "E01", "pesan": "NIK tidak sah"}, 400)
        row = file.execute("SELECT * FROM pegawai WHERE nik = ?", (nik,)).fetchone()
        return (
            _json({"kode": "E04", "pesan": "bukan ASN"}, 404) if row is None else _json(_employee(row), 200)
        )

    async def document(request: Request) -> Response:
        return Response(OPENAPI.read_bytes(), media_type="application/json")

    return Starlette(
        routes=[
            Route("/asn/profil", profile, methods=["POST"]),
            Route("/openapi.json", document, methods=["GET"]),
        ]
    )


def _employee(row: sqlite3.Row) -> dict[str, object]:
    return {
        "nik": row["nik"],
        "nip": row["nip"],
        "nama": row["nama"],
        "status": "PNS",
        "golongan": row["golongan"],
        "pangkat": row["pangkat"],
        "jabatan": row["jabatan"],
        "unitKerja": row["unit_kerja"],
        "tmtCpns": row["tmt_cpns"],
    }


def _json(value: object, status: int) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
