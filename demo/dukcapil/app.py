"""The registry over HTTP: API key, POST with the NIK in the body, answers in an envelope of its own."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.dukcapil.operations import OPERATIONS, WRITES, Asked, Operation, Reply
from demo.dukcapil.storage import Storage
from demo.faults import GARBAGE, Fault, Faults

OPENAPI = Path(__file__).with_name("openapi.json")
MAX_BODY = 64 * 1024
_PROBLEMS = {
    404: ("40", "ALAMAT LAYANAN TIDAK DIKENAL"),
    405: ("41", "METODE TIDAK DIDUKUNG"),
    413: ("42", "PERMINTAAN TERLALU BESAR"),
}

Endpoint = Callable[[Request], Awaitable[Response]]


def application(database: Path, *, api_key: str, faults: Path | None) -> Starlette:
    """Return the ASGI application.

    Args:
        database: storage file made by `storage.build`.
        api_key: what callers must send as `X-API-Key`.
        faults: file with fault switches (`demo.faults`), if any.
    """
    storage, switches = Storage(database), Faults(faults)
    routes = [
        Route(found.path, _endpoint(found, storage, switches, api_key), methods=["POST"], name=found.name)
        for found in OPERATIONS
    ]
    document = Route("/openapi.json", _document, methods=["GET"], name="openapi")
    return Starlette(
        routes=[*routes, document],
        exception_handlers={HTTPException: _on_problem, Exception: _on_bug},
    )


def _endpoint(operation: Operation, storage: Storage, switches: Faults, api_key: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        fault = switches.of(operation.name)
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.status is not None:
            return _response(Reply(fault.status, "99", "SISTEM SEDANG GANGGUAN"))
        if not _has_key(request, api_key):
            return _response(Reply(401, "01", "KUNCI API TIDAK ADA ATAU SALAH"))
        try:
            asked = operation.body.model_validate_json(await _body(request))
        except ValidationError as error:
            return _response(_malformed(error))
        return _answer(operation, storage, asked, fault)

    return endpoint


async def _body(request: Request) -> bytes:
    """Return the whole body, or refuse it as soon as it grows too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    return bytes(body)


def _answer(operation: Operation, storage: Storage, asked: Asked, fault: Fault) -> Response:
    if fault.garbage:
        return Response(GARBAGE, media_type="application/json")
    if fault.misshapen:
        return Response(b'{"status": 0, "hasil": []}', media_type="application/json")
    if not fault.wrong_person:
        return _response(operation.answer(storage, asked))
    other = storage.somebody_else(asked.nik)
    if operation.name in WRITES:
        reply = operation.answer(storage, asked)
        return _response(
            Reply(reply.http, reply.status, reply.pesan, reply.data and {**reply.data, "nik": other})
        )
    return _response(operation.answer(storage, asked.model_copy(update={"nik": other})))


def _response(reply: Reply) -> Response:
    envelope = {"status": reply.status, "pesan": reply.pesan, "data": reply.data}
    return Response(orjson.dumps(envelope), status_code=reply.http, media_type="application/json")


def _has_key(request: Request, api_key: str) -> bool:
    return hmac.compare_digest(request.headers.get("X-API-Key", "").encode(), api_key.encode())


def _malformed(error: ValidationError) -> Reply:
    places = sorted(
        {".".join(map(str, problem["loc"])).upper() or "ISI PERMINTAAN" for problem in error.errors()}
    )
    return Reply(400, "13", f"FORMAT SALAH: {', '.join(places)}")


async def _document(request: Request) -> Response:
    return Response(OPENAPI.read_bytes(), media_type="application/json")


async def _on_problem(request: Request, error: Exception) -> Response:
    http = error.status_code if isinstance(error, HTTPException) else 500
    return _response(Reply(http, *_PROBLEMS.get(http, ("99", "PERMINTAAN DITOLAK"))))


async def _on_bug(request: Request, error: Exception) -> Response:
    return _response(Reply(500, "99", "KESALAHAN SISTEM"))
