"""An agency's existing system: a small JSON server with an API key. What it does depends on the person asked for.

Run as ``python registry.py PORT KEY FOLDER``. It knows nothing of the toll road.
"""

import asyncio
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

SLOW, GARBAGE, WRONG, BROKEN, UNKNOWN, REDIRECT, TWICE, HUGE, HTML = (
    f"36710145069000{n:02d}" for n in range(91, 100)
)
"""Persons for whom the system misbehaves."""
NUMBER = "3671014506900090"
"""A person of whom the system says something by a number that is beyond what canonical JSON holds."""


def person(nik: str) -> dict[str, Any]:
    """Return what the registry knows of a person, about 2 kB with their family."""
    member = {"nik": nik, "nama": "SITI AMINAH", "agama": "ISLAM", "pekerjaan": "GURU", "golongan_darah": "O"}
    return {
        "nik": nik,
        "nama": "SITI AMINAH",
        "tanggal_lahir": "1990-06-05",
        "nama_ibu": "RAHASIA",
        "agama": "ISLAM",
        "anggota": [member | {"nik": f"{int(nik) + number:016d}"} for number in range(8)],
        "keterangan": "x" * 900,
    }


def answers(nik: str) -> tuple[int, str, bytes]:
    """Return (status, content type, body) for a person."""
    special = _SPECIAL.get(nik)
    return special() if special else (200, "application/json", orjson.dumps(person(nik)))


def _json(**changes: str | int) -> bytes:
    return orjson.dumps(person("3671014506900001") | changes)


_SPECIAL: dict[str, Callable[[], tuple[int, str, bytes]]] = {
    GARBAGE: lambda: (200, "application/json", b"<<< not json"),
    WRONG: lambda: (200, "application/json", _json(nik="3671010101010001")),
    BROKEN: lambda: (500, "text/plain", b"Traceback: NIK 3671010101010001"),
    UNKNOWN: lambda: (404, "application/json", b'{"pesan": "tidak ada"}'),
    REDIRECT: lambda: (302, "text/plain", b""),
    TWICE: lambda: (200, "application/json", _json(nik=TWICE)[:-1] + b', "nik": "3671010101010001"}'),
    HUGE: lambda: (200, "application/json", _json(nik=HUGE, keterangan="x" * (2 << 20))),
    HTML: lambda: (200, "text/html", b"<h1>Login</h1>"),
    NUMBER: lambda: (200, "application/json", _json(nik=NUMBER, keterangan=9_607_014_506_900_001)),
}


SUMMARY = orjson.dumps({"nama": "TANGERANG", "penduduk": list(range(10_000, 10_000 + 320))})
"""About 2 kB of JSON about nobody."""
ETAG = '"arsip-1"'


submissions: list[bytes] = []


events: list[str] = []


async def take_event(body: bytes, proto: Any) -> None:
    """Take an event and answer how many came; one that says so fails, always or the first time, or gets no answer."""
    event = orjson.loads(body)
    if event["id"].startswith("diam"):
        await asyncio.Event().wait()
    fails = event["id"].startswith("gagal") or (
        event["id"].startswith("sekali") and event["id"] not in events
    )
    events.append(event["id"])
    status = 500 if fails else 200
    proto.response_bytes(status, [("content-type", "application/json")], orjson.dumps({"nomor": len(events)}))


async def submit(body: bytes, proto: Any) -> None:
    """Take a submission and answer with its number; one that says so is taken and never answered."""
    submissions.append(body)
    if b"diam" in body:
        await asyncio.Event().wait()
    proto.response_bytes(
        200, [("content-type", "application/json")], orjson.dumps({"nomor": len(submissions)})
    )


def archive(scope: Any, proto: Any) -> None:
    """Answer with a file of as many bytes as the path says, or the part of it that is asked for."""
    path, size = _archive_file(int(scope.path.rpartition("/")[2]))
    headers = [("content-type", "application/x-arsip"), ("etag", ETAG), ("accept-ranges", "bytes")]
    wanted = scope.headers.get("range")
    if wanted is None or scope.headers.get("if-range", ETAG) != ETAG:
        proto.response_file_range(200, [*headers, ("content-length", str(size))], path, 0, size)
        return
    first = int(wanted.removeprefix("bytes=").partition("-")[0])
    last = int(wanted.rpartition("-")[2] or size - 1)
    headers += [("content-range", f"bytes {first}-{last}/{size}"), ("content-length", str(last + 1 - first))]
    proto.response_file_range(206, headers, path, first, last + 1)


def _archive_file(size: int) -> tuple[str, int]:
    """Return (path, size) of a file with a pattern at its beginning and its end and nothing on disk between."""
    path = Path(sys.argv[3]) / f"arsip-{size}"
    if not path.exists():
        with path.open("wb") as file:
            file.write(bytes(range(256)) * (min(size, 4 << 20) // 256))
            file.truncate(size)
            file.seek(max(0, size - 7))
            file.write(b"selesai"[-size:])
    return str(path), size


uploads: dict[str, int] = {}


async def take_upload(scope: Any, proto: Any) -> None:
    """Read a file as it comes; answer with its size, its digest, and how often a file of that digest came whole."""
    size, digest = 0, hashlib.sha256()
    async for piece in proto:
        size += len(piece)
        digest.update(piece)
    sidik = digest.hexdigest()
    if size == int(scope.headers.get("content-length", -1)):
        uploads[sidik] = uploads.get(sidik, 0) + 1
    told = {
        "ukuran": size,
        "sidik": f"{sidik} x{uploads.get(sidik, 0)}",
        "jenis": scope.headers["content-type"],
    }
    proto.response_bytes(200, [("content-type", "application/json")], orjson.dumps(told))


def later(scope: Any, body: bytes, proto: Any) -> None:
    """Answer 202 to a request whose result takes longer; and a question for a result by what it says of itself."""
    asked = orjson.loads(body)
    ready = scope.path == "/hasil" and asked.get("siap", True)
    told = {"hasil": asked["interaksi"]} if ready else {"antrean": 1}
    proto.response_bytes(200 if ready else 202, [("content-type", "application/json")], orjson.dumps(told))


SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_NAME = "urn:contoh:registri"


def envelope_of(inside: str, *, before: str = "") -> bytes:
    """Return a SOAP 1.1 envelope; before: what stands in front of it."""
    return f'{before}<s:Envelope xmlns:s="{SOAP}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


def answer_soap(scope: Any, body: bytes, proto: Any) -> None:
    """Answer an envelope with the person it names and the action it came with; some persons make it misbehave."""
    nik = body.decode().partition("<nik>")[2].partition("</nik>")[0]
    told = scope.headers.get("soapaction", "")
    person_of = f'<CariJawaban xmlns="{SOAP_NAME}"><nik>%s</nik><nama>SITI</nama><aksi>{told[1:-1]}</aksi></CariJawaban>'
    good = envelope_of(person_of % nik)
    fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>tidak ada</faultstring></s:Fault>"
    special = {
        UNKNOWN: (500, "text/xml", envelope_of(fault)),
        BROKEN: (500, "text/xml", good),
        GARBAGE: (200, "text/xml", b"<a>"),
        TWICE: (200, "text/xml", envelope_of(person_of % nik, before='<!DOCTYPE a [<!ENTITY x "y">]>')),
        WRONG: (200, "text/xml", envelope_of(person_of % "3671010101010001")),
        HTML: (200, "text/html", b"<h1>Login</h1>"),
    }
    status, content_type, answer = special.get(nik, (200, "text/xml; charset=utf-8", good))
    proto.response_bytes(status, [("content-type", content_type)], answer)


async def application(scope: Any, proto: Any) -> None:
    """Answer one request (RSGI)."""
    if scope.path == "/unggah" and scope.headers.get("x-api-key") == sys.argv[2]:
        await take_upload(scope, proto)
        return
    body = await proto()
    plain = {
        "/soap/Cari": lambda: answer_soap(scope, body, proto),
    }.get(scope.path)
    if scope.headers.get("x-api-key") != sys.argv[2]:
        proto.response_empty(401, [])
    elif plain is not None:
        plain()
    elif scope.path in ("/olah", "/hasil"):
        later(scope, body, proto)
    elif scope.path.startswith("/arsip/"):
        archive(scope, proto)
    elif scope.path in ("/pengajuan", "/terima"):
        await (submit if scope.path == "/pengajuan" else take_event)(body, proto)
    elif scope.path.startswith("/ringkasan/"):
        proto.response_bytes(200, [("content-type", "application/json")], SUMMARY)
    elif scope.path.startswith("/wilayah/"):
        place = {"nama": "TANGERANG", "kode": scope.path.rsplit("/", 1)[1], "halaman": scope.query_string}
        proto.response_bytes(200, [("content-type", "application/json")], orjson.dumps(place))
    else:
        nik = orjson.loads(body)["nik"]
        if nik == SLOW:
            await asyncio.Event().wait()
        status, content_type, answer = answers(nik)
        headers = [("content-type", content_type), ("location", "http://127.0.0.1/")]
        proto.response_bytes(status, headers if status == 302 else headers[:1], answer)


async def main() -> None:
    """Serve until killed."""
    port = int(sys.argv[1])
    server = Server(
        application,
        port=port,
        interface=Interfaces.RSGI,
        websockets=False,
        log_enabled=False,
        backlog=1024,  # also the most connections at once
    )
    await server.serve()


if __name__ == "__main__":
    uvloop.run(main())
