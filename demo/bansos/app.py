"""The social-aid registry over SOAP 1.1: one address, one envelope in, one envelope or fault out."""

import hmac
import re
import sqlite3
from pathlib import Path
from xml.sax.saxutils import escape

from defusedxml.ElementTree import ParseError, fromstring
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent
ADDRESS = "/SiksWs/DtsenService"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_DTSEN = "http://siks.contoh.go.id/ws/dtsen"
_PLACE = "http://127.0.0.1:8024/SiksWs/DtsenService"
_NIK = re.compile(r"[0-9]{16}")
_PROGRAMS = ("SEMBAKO", "PKH-ANAK-USIA-DINI", "PKH-LANJUT-USIA")


class FaultError(Exception):
    """Raise to answer with a SOAP fault; `detail`: name of the element in its detail, "" for none."""

    def __init__(self, code: str, text: str, detail: str = "") -> None:
        """Keep code, text and detail."""
        super().__init__(code)
        self.code, self.text, self.detail = code, text, detail


def application(storage: Path, *, login: str) -> Starlette:
    """Return the ASGI application. storage: file made by `intake.build`. login: "user:password" that callers show."""
    file = sqlite3.connect(f"file:{storage}?mode=ro", uri=True, check_same_thread=False)

    async def call(request: Request) -> Response:
        try:
            return _envelope(_answer(file, await request.body(), login=login))
        except FaultError as fault:
            inside = f"<{fault.detail}/>" if fault.detail else ""
            text = f"<faultcode>soap:{fault.code}</faultcode><faultstring>{escape(fault.text)}</faultstring>"
            return _envelope(f"<soap:Fault>{text}<detail>{inside}</detail></soap:Fault>", status=500)

    async def describe(request: Request) -> Response:
        name = "service.xsd" if "xsd" in request.query_params else "service.wsdl"
        own = f"{request.url.scheme}://{request.url.netloc}{ADDRESS}"
        text = (HERE / name).read_text().replace(_PLACE, own).replace("service.xsd", f"{own}?xsd=1")
        return Response(text, media_type="text/xml")

    return Starlette(
        routes=[Route(ADDRESS, call, methods=["POST"]), Route(ADDRESS, describe, methods=["GET"])]
    )


def _answer(file: sqlite3.Connection, raw: bytes, *, login: str) -> str:
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (ParseError, ValueError) as error:
        raise FaultError("Client", "Amplop SOAP tidak dapat dibaca") from error
    _check_login(root, login)
    body = root.find(f"{{{_SOAP}}}Body")
    asked = body[0] if body is not None and len(body) else None
    if asked is None:
        raise FaultError("Client", "Isi pesan kosong")
    if asked.tag == f"{{{_DTSEN}}}DaftarProgram":
        codes = "".join(f"<kode>{code}</kode>" for code in _PROGRAMS)
        return f'<DaftarProgramResponse xmlns="{_DTSEN}">{codes}</DaftarProgramResponse>'
    if asked.tag != f"{{{_DTSEN}}}CekKepesertaan":
        raise FaultError("Client", "Operasi tidak dikenal")
    return _membership(file, asked.findtext(f"{{{_DTSEN}}}nik") or "")


def _membership(file: sqlite3.Connection, nik: str) -> str:
    if not _NIK.fullmatch(nik):
        raise FaultError("Client", "NIK harus 16 angka", "NikTidakValid")
    row = file.execute("SELECT nama, id_keluarga, desil FROM anggota WHERE nik = ?", (nik,)).fetchone()
    if row is None:
        raise FaultError("Client", "Data tidak ditemukan", "DataTidakDitemukan")
    name, family, decile = row
    query = "SELECT kode, tahap, nominal, status, salur FROM bantuan WHERE id_keluarga = ?"
    aid = "".join(_aid(*one) for one in file.execute(query, (family,)))
    return (
        f'<CekKepesertaanResponse xmlns="{_DTSEN}"><nik>{nik}</nik><nama>{escape(name)}</nama>'
        f"<idKeluarga>{family}</idKeluarga><desil>{decile}</desil>{aid}</CekKepesertaanResponse>"
    )


def _aid(code: str, stage: int, amount: int, status: str, paid_on: str | None) -> str:
    empty = '<tanggalSalur xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    day = f"<tanggalSalur>{paid_on}</tanggalSalur>" if paid_on else empty
    return (
        f"<bantuan><kode>{code}</kode><tahap>{stage}</tahap><nominal>{amount}.00</nominal>"
        f"<status>{status}</status>{day}</bantuan>"
    )


def _check_login(root: object, login: str) -> None:
    find = getattr(root, "findtext", lambda path: "")
    token = f"{{{_SOAP}}}Header/{{{_WSSE}}}Security/{{{_WSSE}}}UsernameToken/{{{_WSSE}}}"
    shown = f"{find(f'{token}Username')}:{find(f'{token}Password')}"
    if not hmac.compare_digest(shown.encode(), login.encode()):
        raise FaultError("Client.FailedAuthentication", "Nama pengguna atau sandi salah")


def _envelope(inside: str, *, status: int = 200) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{_SOAP}"><soap:Body>{inside}</soap:Body></soap:Envelope>'
    return Response(text, status_code=status, media_type="text/xml")
