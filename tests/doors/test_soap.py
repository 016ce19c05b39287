"""The SOAP door: JSON in, the WSDL's message out, and faults as problems with codes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from demo.bansos.app import HERE
from demo.population.personas import persona
from terpadu_doors.config import SoapDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.soap import SoapProgram
from terpadu_doors.wsdl import fetch_wsdl
from tests.demo.ministries import Ministries
from tests.doors.fakes import LOOPBACK, FakeSystem, ask

DEWI = persona("dewi")
NS = "http://siks.contoh.go.id/ws/dtsen"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
GOOD = (
    f'<CekKepesertaanResponse xmlns="{NS}"><nik>1</nik><nama>A</nama><idKeluarga>F</idKeluarga><desil>2</desil>'
    "<bantuan><kode>K</kode><tahap>1</tahap><nominal>10.50</nominal><status>SALUR</status>"
    "<tanggalSalur>2026-10-12</tanggalSalur></bantuan></CekKepesertaanResponse>"
)

Make = Callable[..., SoapProgram]


@pytest.fixture
def make(tmp_path: Path, key_file: Path) -> Iterator[Make]:
    """Make a door to a service that speaks the social-aid registry's WSDL."""
    saved = tmp_path / "wsdl.json"
    with Fetcher(()) as fetcher:
        saved.write_bytes(fetch_wsdl(str(HERE / "service.wsdl"), fetcher=fetcher).to_json())
    made: list[SoapProgram] = []
    login = tmp_path / "login"

    def door(url: str, *, user: str = "u:p", **settings: object) -> SoapProgram:
        login.write_text(user)
        members = {
            "name": "dtsen",
            "peer_id": "00000005",
            "key_file": key_file,
            "wsdl_file": saved,
            "service": "DtsenService",
            "port": "DtsenSoap11",
            "address_url": url,
            "operations": ("CekKepesertaan", "DaftarProgram"),
            "not_found": ("DataTidakDitemukan",),
            "wsse_file": login,
        }
        made.append(SoapProgram(SoapDoor.model_validate(members | settings), allowed=LOOPBACK))
        return made[-1]

    yield door
    for program in made:
        program.close()


@pytest.fixture
def registry(make: Make, ministries: Ministries) -> SoapProgram:
    """A door to the real (made-up) social-aid registry."""
    address = f"{ministries.url('bansos')}/SiksWs/DtsenService"
    return make(address, user=ministries.secret("bansos", "login"))


def test_operation_answers_in_json_of_the_wsdls_types(registry: SoapProgram) -> None:
    answer = ask(registry, "/CekKepesertaan", {"nik": DEWI.nik})

    assert answer["nik"] == DEWI.nik
    assert answer["desil"] == 2
    aid = {one["kode"]: one for one in answer["bantuan"]}
    assert aid["SEMBAKO"] == {
        "kode": "SEMBAKO",
        "tahap": 4,
        "nominal": 600_000,
        "status": "SALUR",
        "tanggalSalur": "2026-10-12",
    }


def test_operation_without_a_body_answers_a_list(registry: SoapProgram) -> None:
    assert "SEMBAKO" in ask(registry, "/DaftarProgram", {})["kode"]


def test_fault_for_an_unknown_person_is_not_found(registry: SoapProgram) -> None:
    with pytest.raises(DoorProblem) as refused:
        ask(registry, "/CekKepesertaan", {"nik": "3671015406920999"})

    assert (refused.value.code, refused.value.status) == ("door.not_found", 404)


def test_client_fault_is_a_refusal_without_the_faults_text(registry: SoapProgram) -> None:
    with pytest.raises(DoorProblem) as refused:
        ask(registry, "/CekKepesertaan", {"nik": "x"})

    assert refused.value.code == "door.system_refused"
    assert "NikTidakValid" in refused.value.detail
    assert "16 angka" not in refused.value.detail


def test_wrong_password_is_a_failed_sign_in(make: Make, ministries: Ministries) -> None:
    program = make(f"{ministries.url('bansos')}/SiksWs/DtsenService", user="terpadu:wrong")

    with pytest.raises(DoorProblem, match=r"door\.sign_in_failed"):
        ask(program, "/CekKepesertaan", {"nik": DEWI.nik})


def test_login_goes_into_the_header_and_the_value_is_escaped(make: Make, fake: FakeSystem) -> None:
    fake.says(_envelope(GOOD))

    ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": '"><x/>&amp;]]>'})

    sent = fake.asked[0].body
    assert b"<wsse:Username>u</wsse:Username>" in sent
    assert b"<x/>" not in sent
    assert fake.asked[0].headers["soapaction"] == f'"{NS}/CekKepesertaan"'


@pytest.mark.parametrize(
    "raw",
    [
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' + b"<e>&b;</e>",
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><e>&a;</e>',
        b'<?xml version="1.0"?><!DOCTYPE l SYSTEM "http://169.254.169.254/x"><e/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE l [<!ENTITY a "x">]><e>&a;</e>'.encode("utf-16"),
        b"<a>" * 100_000,
        b"",
        b"not xml",
        b"<html/>",
    ],
    ids=["laughs", "external entity", "external dtd", "utf-16 entity", "deep", "empty", "text", "html"],
)
def test_hostile_answers_are_garbled_and_nothing_of_them_passes(
    make: Make, fake: FakeSystem, raw: bytes
) -> None:
    fake.says(raw)

    with pytest.raises(DoorProblem) as refused:
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": "1"})

    assert refused.value.code == "door.answer_garbled"
    assert "root" not in refused.value.detail
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<desil>2</desil>", ""),
        ("<desil>2</desil>", "<desil>dua</desil>"),
        ("2026-10-12", "12/10/2026"),
        ("CekKepesertaanResponse", "Other"),
        (GOOD, ""),
        ("10.50", "sepuluh"),
    ],
)
def test_answers_that_break_the_wsdl_are_garbled(make: Make, fake: FakeSystem, old: str, new: str) -> None:
    fake.says(_envelope(GOOD.replace(old, new)))

    with pytest.raises(DoorProblem) as refused:
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": "1"})

    assert refused.value.code == "door.answer_garbled"


@pytest.mark.parametrize(
    ("fault", "space", "code"),
    [
        ("<faultcode>s:Client</faultcode><faultstring>x</faultstring>", SOAP11, "door.system_refused"),
        ("<faultcode>s:Server</faultcode><faultstring>x</faultstring>", SOAP11, "door.system_failed"),
        ("<faultcode>s:Server.X</faultcode><detail><DataTidakDitemukan/></detail>", SOAP11, "door.not_found"),
        ("<s:Code><s:Value>s:Sender</s:Value></s:Code>", SOAP12, "door.system_refused"),
        ("<s:Code><s:Value>s:Receiver</s:Value></s:Code>", SOAP12, "door.system_failed"),
        (
            "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>x:FailedAuthentication</s:Value></s:Subcode></s:Code>",
            SOAP12,
            "door.sign_in_failed",
        ),
        ("", SOAP11, "door.system_failed"),
    ],
)
def test_faults_of_both_versions_become_problems(
    make: Make, fake: FakeSystem, fault: str, space: str, code: str
) -> None:
    fake.says(_envelope(f"<s:Fault>{fault}</s:Fault>", space=space), status=500)

    with pytest.raises(DoorProblem) as refused:
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": "1"})

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("status", "content_type", "code"),
    [
        (401, "text/html", "door.sign_in_failed"),
        (500, "text/html", "door.system_failed"),
        (302, "text/html", "door.answer_garbled"),
        (200, "text/html", "door.answer_garbled"),
        (503, "text/xml", "door.system_failed"),
    ],
)
def test_http_failures_become_problems(
    make: Make, fake: FakeSystem, status: int, content_type: str, code: str
) -> None:
    fake.says(_envelope(GOOD), status=status, content_type=content_type)

    with pytest.raises(DoorProblem) as refused:
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": "1"})

    assert refused.value.code == code


def test_answer_without_end_is_cut_off(make: Make, fake: FakeSystem) -> None:
    fake.says(b"<x>" + b"a" * (5 << 20))

    with pytest.raises(DoorProblem, match=r"door\.answer_too_large"):
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", {"nik": "1"})


def test_service_that_is_down_is_unavailable(make: Make) -> None:
    with pytest.raises(DoorProblem, match=r"door\.unavailable"):
        ask(make("http://127.0.0.1:9/ws"), "/CekKepesertaan", {"nik": "1"})


@pytest.mark.parametrize(
    "body", [{}, {"nik": 1}, {"nik": "1", "x": 1}, {"nik": "a\u0000"}, {"nik": "1", "tahun": 2**40}]
)
def test_body_that_the_wsdl_has_no_place_for_is_refused(make: Make, fake: FakeSystem, body: object) -> None:
    with pytest.raises(DoorProblem, match=r"door\.body_invalid"):
        ask(make(f"{fake.url}/ws"), "/CekKepesertaan", body)
    assert not fake.asked


def _envelope(inside: str, *, space: str = SOAP11) -> bytes:
    return f'<s:Envelope xmlns:s="{space}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


SECURITY = (
    '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    "<w:UsernameToken><w:Username>siapa</w:Username><w:Password>saja</w:Password></w:UsernameToken></w:Security>"
)
PASSED = {"envelopes": ("CekKepesertaan", "DaftarProgram")}


def _pass(
    program: SoapProgram, message: str = "CekKepesertaan", *, header: str = "", path: str = ""
) -> Reply:
    inside = f'<{message} xmlns="{NS}"><nik>{DEWI.nik}</nik></{message}>'
    head = f"<s:Header>{header}</s:Header>" if header else ""
    text = f'<s:Envelope xmlns:s="{SOAP11}">{head}<s:Body>{inside}</s:Body></s:Envelope>'
    headers = {"content-type": "text/xml", "soapaction": '"whatever the client says"'}
    return program.answer(Question("POST", path or f"/soap/{message}", headers, text.encode()))


def test_envelope_passes_with_the_doors_sign_in_and_the_wsdls_action(make: Make, fake: FakeSystem) -> None:
    answer = _envelope(GOOD)
    fake.says(answer)

    reply = _pass(make(fake.url, **PASSED))

    assert (reply.status, reply.body) == (200, answer)
    asked = fake.asked[0]
    assert asked.headers["soapaction"] == f'"{NS}/CekKepesertaan"'
    assert b"UsernameToken" in asked.body
    assert DEWI.nik.encode() in asked.body


def test_envelope_reaches_the_real_registry(make: Make, ministries: Ministries) -> None:
    address = f"{ministries.url('bansos')}/SiksWs/DtsenService"
    door = make(address, user=ministries.secret("bansos", "login"), **PASSED)
    assert b"<desil>2</desil>" in _pass(door).body


def test_security_header_of_the_client_is_refused_or_passes_as_the_door_says(
    make: Make, fake: FakeSystem
) -> None:
    fake.says(_envelope(GOOD))
    with pytest.raises(DoorProblem) as refused:
        _pass(make(fake.url, **PASSED), header=SECURITY)
    assert (refused.value.code, len(fake.asked)) == ("door.security_refused", 0)

    _pass(make(fake.url, **PASSED, client_security="pass"), header=SECURITY)
    assert fake.asked[0].body.count(b"UsernameToken>") == 2  # the client's, untouched; the door adds none
    assert b"siapa" in fake.asked[0].body


@pytest.mark.parametrize(
    ("message", "path", "code"),
    [
        ("Lain", "", "door.operation_unknown"),
        ("DaftarProgram", "/soap/CekKepesertaan", "door.body_invalid"),
    ],
)
def test_envelope_of_another_message_is_refused_before_the_system_hears_of_it(
    make: Make, fake: FakeSystem, message: str, path: str, code: str
) -> None:
    with pytest.raises(DoorProblem) as refused:
        _pass(make(fake.url, **PASSED), message, path=path)
    assert (refused.value.code, fake.asked) == (code, [])


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, "<Fault/>", "door.system_failed"),
        (200, "", "door.answer_garbled"),
        (401, "", "door.sign_in_failed"),
        (
            500,
            f'<s:Fault xmlns:s="{SOAP11}"><faultcode>s:Client.FailedAuthentication</faultcode></s:Fault>',
            "door.sign_in_failed",
        ),
    ],
)
def test_what_is_no_answer_of_the_service_does_not_pass_for_one(
    make: Make, fake: FakeSystem, status: int, body: str, code: str
) -> None:
    fake.says(_envelope(body), status=status)
    with pytest.raises(DoorProblem) as refused:
        _pass(make(fake.url, **PASSED))
    assert refused.value.code == code


def test_fault_of_the_service_is_its_answer(make: Make, fake: FakeSystem) -> None:
    fault = _envelope(f'<s:Fault xmlns:s="{SOAP11}"><faultcode>s:Client</faultcode></s:Fault>')
    fake.says(fault, status=500)
    assert _pass(make(fake.url, **PASSED)) == Reply(500, {"content-type": "text/xml; charset=utf-8"}, fault)


def test_document_names_each_message_with_its_element_and_action(make: Make, fake: FakeSystem) -> None:
    reply = make(fake.url, **PASSED).answer(Question("GET", "/openapi.json", {}, b""))
    offered = orjson.loads(reply.body)["paths"]["/soap/CekKepesertaan"]["post"]
    assert offered["x-soap"] == {
        "element": f"{{{NS}}}CekKepesertaan",
        "action": f"{NS}/CekKepesertaan",
        "answer": f"{{{NS}}}CekKepesertaanResponse",
        "qualified": True,
    }
