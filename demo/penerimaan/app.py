"""State revenue billing over HTTP: a token endpoint, and bills made, looked at and searched."""

import base64
import hmac
import re
import secrets
import sqlite3
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

OPENAPI = Path(__file__).with_name("openapi.json")
_LIFE_S = 600
_WIB = timezone(timedelta(hours=7))
_NIK = re.compile(r"[0-9]{16}")
_CODE = re.compile(r"[0-9]{15}")
_ACCOUNT = re.compile(r"[0-9]{6}")


def application(storage: Path, *, client: str) -> Starlette:
    """Return the ASGI application. storage: file made by `intake.build`. client: "id:secret" of the one client."""
    server = _Server(storage, client)
    return Starlette(
        routes=[
            Route("/oauth/token", server.token, methods=["POST"]),
            Route("/api/v1/tagihan", server.make, methods=["POST"]),
            Route("/api/v1/tagihan/status", server.status, methods=["POST"]),
            Route("/api/v1/tagihan/cari", server.search, methods=["POST"]),
            Route("/openapi.json", _document, methods=["GET"]),
        ]
    )


class _Server:
    """Storage and the tokens given out."""

    def __init__(self, storage: Path, client: str) -> None:
        self._file = sqlite3.connect(storage, check_same_thread=False, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._login = base64.b64encode(client.encode()).decode()
        self._tokens: dict[str, float] = {}

    async def token(self, request: Request) -> Response:
        shown = request.headers.get("authorization", "").removeprefix("Basic ")
        body = (await request.body()).decode("latin-1")
        if not hmac.compare_digest(shown.encode(), self._login.encode()) or "client_credentials" not in body:
            return _json({"error": "invalid_client"}, 401)
        token = secrets.token_urlsafe(24)
        now = time.monotonic()
        self._tokens = {one: end for one, end in self._tokens.items() if end > now} | {token: now + _LIFE_S}
        return _json({"access_token": token, "token_type": "Bearer", "expires_in": _LIFE_S}, 200)

    async def make(self, request: Request) -> Response:
        asked = await self._asked(request)
        if isinstance(asked, Response):
            return asked
        fault = _fault_of(asked)
        if fault:
            return _json({"pesan": fault}, 400)
        known = self._file.execute(
            "SELECT * FROM tagihan WHERE kunci = ?", (asked["kunciPermintaan"],)
        ).fetchone()
        return _json(_bill(known), 200) if known else _json(_bill(self._new(asked)), 201)

    async def status(self, request: Request) -> Response:
        asked = await self._asked(request)
        if isinstance(asked, Response):
            return asked
        code = str(asked.get("kodeBilling"))
        row = self._file.execute("SELECT * FROM tagihan WHERE kode_billing = ?", (code,)).fetchone()
        return _json(_bill(row), 200) if row else _json({"pesan": "kode billing tidak ditemukan"}, 404)

    async def search(self, request: Request) -> Response:
        asked = await self._asked(request)
        if isinstance(asked, Response):
            return asked
        nik = str(asked.get("nikWajibBayar"))
        query = "SELECT * FROM tagihan WHERE nik = ? ORDER BY kode_billing DESC LIMIT 50"
        rows = self._file.execute(query, (nik,)).fetchall()
        if not rows:
            return _json({"pesan": "tidak ada tagihan"}, 404)
        return _json({"nikWajibBayar": nik, "tagihan": [_bill(row) for row in rows]}, 200)

    def _new(self, asked: dict[str, object]) -> sqlite3.Row:
        now = datetime.now(_WIB).replace(microsecond=0)
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            prefix = f"8{now:%Y%m%d}"
            count = "SELECT COUNT(*) FROM tagihan WHERE kode_billing LIKE ?"
            number = self._file.execute(count, (f"{prefix}%",)).fetchone()[0] + 1
            row: sqlite3.Row = self._file.execute(
                "INSERT INTO tagihan VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?) RETURNING *",
                (
                    f"{prefix}{number:06}",
                    asked["nikWajibBayar"],
                    asked["namaWajibBayar"],
                    asked["kodeAkun"],
                    asked["kodeSatker"],
                    asked["jumlah"],
                    now.isoformat(),
                    (now + timedelta(days=7)).isoformat(),
                    asked["kunciPermintaan"],
                ),
            ).fetchone()
        return row

    async def _asked(self, request: Request) -> dict[str, object] | Response:
        """Return the body of a caller with a token that holds, or what to refuse it with."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= time.monotonic():
            return _json({"pesan": "token tidak berlaku"}, 401)
        try:
            asked = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            asked = None
        return asked if isinstance(asked, dict) else _json({"pesan": "isi harus JSON"}, 400)


def _fault_of(asked: dict[str, object]) -> str:
    amount = asked.get("jumlah")
    good = (
        _NIK.fullmatch(str(asked.get("nikWajibBayar")))
        and _ACCOUNT.fullmatch(str(asked.get("kodeAkun")))
        and _ACCOUNT.fullmatch(str(asked.get("kodeSatker")))
        and isinstance(asked.get("namaWajibBayar"), str)
        and isinstance(asked.get("kunciPermintaan"), str)
        and isinstance(amount, int)
        and 0 < amount <= 1_000_000_000
    )
    return "" if good else "permintaan tidak lengkap"


def _bill(row: sqlite3.Row) -> dict[str, object]:
    is_late = datetime.fromisoformat(row["kedaluwarsa"]) < datetime.now(_WIB)
    state = "DIAKUI" if row["ntpn"] else "KEDALUWARSA" if is_late else "BELUM DIBAYAR"
    return {
        "kodeBilling": row["kode_billing"],
        "nikWajibBayar": row["nik"],
        "namaWajibBayar": row["nama"],
        "kodeAkun": row["kode_akun"],
        "kodeSatker": row["satker"],
        "jumlah": row["jumlah"],
        "dibuat": row["dibuat"],
        "kedaluwarsa": row["kedaluwarsa"],
        "status": state,
        "ntpn": row["ntpn"],
    }


def _json(value: object, status: int) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


async def _document(request: Request) -> Response:
    return Response(OPENAPI.read_bytes(), media_type="application/json")
