"""The school registry over HTTP."""

import hmac
import re
import sqlite3
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OPENAPI = Path(__file__).with_name("openapi.yaml")
KEY_HEADER = "X-Kunci-Aplikasi"
_NIK = re.compile(r"[0-9]{16}")
_PUPIL = "SELECT siswa.*, sekolah.nama AS sekolah, jenjang, kecamatan FROM siswa JOIN sekolah USING (npsn) WHERE nik = ?"


def application(storage: Path, *, key: str) -> Starlette:
    """Return the ASGI application. storage: file made by `intake.build`. key: what callers must send."""
    file = sqlite3.connect(f"file:{storage}?mode=ro", uri=True, check_same_thread=False)
    file.row_factory = sqlite3.Row

    async def search(request: Request) -> Response:
        if not _has_key(request, key):
            return _json({"galat": "kunci aplikasi salah"}, 401)
        nik = _asked_nik(await request.body())
        if nik is None:
            return _json({"galat": "nik harus 16 angka"}, 400)
        row = file.execute(_PUPIL, (nik,)).fetchone()
        return _json({"galat": "tidak ditemukan"}, 404) if row is None else _json(_pupil(row), 200)

    async def school(request: Request) -> Response:
        if not _has_key(request, key):
            return _json({"galat": "kunci aplikasi salah"}, 401)
        asked = request.path_params["npsn"]
        row = file.execute("SELECT * FROM sekolah WHERE npsn = ?", (asked,)).fetchone()
        return _json({"galat": "tidak ditemukan"}, 404) if row is None else _json(dict(row), 200)

    async def document(request: Request) -> Response:
        return Response(OPENAPI.read_bytes(), media_type="application/yaml")

    return Starlette(
        routes=[
            Route("/v2/peserta-didik/cari", search, methods=["POST"]),
            Route("/v2/satuan-pendidikan/{npsn}", school, methods=["GET"]),
            Route("/openapi.yaml", document, methods=["GET"]),
        ]
    )


def _pupil(row: sqlite3.Row) -> dict[str, object]:
    return {
        "nik": row["nik"],
        "nisn": row["nisn"],
        "nama": row["nama"],
        "tahunAjaran": "2026/2027",
        "tingkat": row["tingkat"],
        "satuanPendidikan": {
            "npsn": row["npsn"],
            "nama": row["sekolah"],
            "jenjang": row["jenjang"],
            "kecamatan": row["kecamatan"],
        },
        "pip": {"layak": bool(row["layak_pip"]), "rekening": row["rekening_pip"]},
    }


def _asked_nik(body: bytes) -> str | None:
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    nik = asked.get("nik") if isinstance(asked, dict) else None
    return nik if isinstance(nik, str) and _NIK.fullmatch(nik) else None


def _has_key(request: Request, key: str) -> bool:
    return hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), key.encode())


def _json(value: object, status: int) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
