"""The birth-record service over HTTP, as plain WSGI with its own small router."""

import hmac
import json
import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from demo.akta.births import Births, fault_of
from demo.akta.storage import Register
from demo.faults import GARBAGE, Faults

OPENAPI = Path(__file__).with_name("openapi.json")
MAX_BODY = 16 * 1024
_NIK = re.compile(r"[0-9]{16}")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Reply = tuple[HTTPStatus, bytes]


class RefusedError(Exception):
    """Raise to answer with an error of the service's own form."""

    def __init__(self, status: HTTPStatus, galat: str, keterangan: str) -> None:
        """Keep the HTTP status, the error word and a sentence for people."""
        super().__init__(galat)
        self.status, self.galat, self.keterangan = status, galat, keterangan


class Application:
    """The WSGI application: one register, one accepted `Authorization` header, its fault switches."""

    def __init__(
        self,
        folder: Path,
        *,
        authorization: str,
        faults: Path | None,
        notices: str | None = None,
        key: Path | None = None,
    ) -> None:
        """Open the register in `folder`; births are told of at `notices` with the key in the file `key`."""
        self._register = Register(folder)
        self._births = Births(folder.parent / "kelahiran.sqlite3", notices=notices, key=key)
        self._authorization = authorization
        self._faults = Faults(faults)
        self.routes: dict[tuple[str, str], Callable[[Environ], Reply]] = {
            ("POST", "/api/akta-kelahiran"): self.birth_deed,
            ("POST", "/api/kelahiran"): self.record_birth,
            ("POST", "/api/peristiwa-kelahiran"): self.deed_of_event,
            ("GET", "/openapi.json"): self.document,
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        try:
            status, body = self._route(environ)(environ)
        except RefusedError as error:
            problem = {"galat": error.galat, "keterangan": error.keterangan}
            status, body = error.status, json.dumps(problem).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if status is HTTPStatus.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", 'Basic realm="akta"'))
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def birth_deed(self, environ: Environ) -> Reply:
        """Return the birth deed of a child (aktaKelahiran)."""
        fault = self._faults.of("aktaKelahiran")
        time.sleep(fault.delay_ms / 1000)
        if fault.status is not None:
            raise RefusedError(fault.status, "gangguan", "Sistem sedang terganggu.")
        self._require_caller(environ)
        nik = _asked_nik(environ)
        if fault.garbage:
            return HTTPStatus.OK, GARBAGE
        if fault.misshapen:
            return HTTPStatus.OK, b'{"nomor_akta": 7}'
        asked = self._register.somebody_else(nik) if fault.wrong_person else nik
        deed = self._register.deed(asked) or self._births.by_child(asked)
        if deed is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, "tidak_ditemukan", "Tidak ada akta kelahiran untuk NIK ini."
            )
        return HTTPStatus.OK, json.dumps(deed, ensure_ascii=False).encode()

    def record_birth(self, environ: Environ) -> Reply:
        """Record a birth, as the office's own staff does (catatKelahiran)."""
        self._require_caller(environ)
        asked = _asked(environ)
        fault = fault_of(asked)
        if fault or not isinstance(asked, dict):
            raise RefusedError(HTTPStatus.BAD_REQUEST, fault, "Data kelahiran tidak lengkap atau salah.")
        event, deed = self._births.record(asked)
        told = {"nomor_akta": deed["nomor_akta"], "peristiwa": event}
        return HTTPStatus.OK, json.dumps(told).encode()

    def deed_of_event(self, environ: Environ) -> Reply:
        """Return the birth deed that an event is about (aktaPeristiwa)."""
        self._require_caller(environ)
        asked = _asked(environ)
        event = asked.get("peristiwa") if isinstance(asked, dict) and len(asked) == 1 else None
        if not isinstance(event, str) or len(event) > 100:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "isi_salah", "Isi permintaan: peristiwa saja.")
        deed = self._births.by_event(event)
        if deed is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, "tidak_ditemukan", "Tidak ada kelahiran untuk peristiwa ini."
            )
        return HTTPStatus.OK, json.dumps(deed, ensure_ascii=False).encode()

    def document(self, environ: Environ) -> Reply:
        """Return the OpenAPI document of the service."""
        return HTTPStatus.OK, OPENAPI.read_bytes()

    def _route(self, environ: Environ) -> Callable[[Environ], Reply]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        handler = self.routes.get((method, path))
        if handler is not None:
            return handler
        if any(path == known for _, known in self.routes):
            raise RefusedError(
                HTTPStatus.METHOD_NOT_ALLOWED, "metode_tidak_didukung", "Metode ini tidak didukung."
            )
        raise RefusedError(HTTPStatus.NOT_FOUND, "alamat_tidak_dikenal", "Alamat layanan tidak dikenal.")

    def _require_caller(self, environ: Environ) -> None:
        given = environ.get("HTTP_AUTHORIZATION", "")
        if not hmac.compare_digest(given.encode(), self._authorization.encode()):
            raise RefusedError(
                HTTPStatus.UNAUTHORIZED, "tidak_dikenal", "Nama pengguna atau kata sandi salah."
            )


def _asked(environ: Environ) -> object:
    """Return the JSON value of a request, None when it is none, or refuse."""
    body = environ["wsgi.input"].read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "terlalu_besar", "Isi permintaan terlalu besar."
        )
    try:
        asked: object = json.loads(body)
    except ValueError:
        return None
    return asked


def _asked_nik(environ: Environ) -> str:
    """Return the NIK that the request asks for, or refuse."""
    asked = _asked(environ)
    if not isinstance(asked, dict) or set(asked) != {"nik_anak"}:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, "isi_salah", "Isi permintaan harus JSON dengan nik_anak saja."
        )
    nik = asked["nik_anak"]
    if not isinstance(nik, str) or not _NIK.fullmatch(nik):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "nik_salah", "nik_anak harus 16 angka.")
    return nik
