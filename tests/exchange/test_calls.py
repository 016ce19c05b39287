"""The platform's calls: what is sent, and what each failure of the gateway becomes.

The gateway here is a fake; `test_roundtrip` makes the same calls through real ones.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest
import structlog
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from structlog.processors import JSONRenderer

from terpadu.directory.demo import DISDUKCAPIL, KECAMATAN, PORTAL
from terpadu.exchange.errors import (
    ExchangeGarbled,
    ExchangeRefused,
    ExchangeUnavailable,
    InterfaceUnknown,
    NoContract,
    NothingFound,
    ReasonedError,
    SubjectMismatch,
)
from terpadu.exchange.public import ExchangeAnswer, ExchangeRequest, exchange_call
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.services import calls
from terpadu.exchange.services.calls import APPLICATION
from terpadu.exchange.services.population import population_check as check_over_the_road
from terpadu.identity.errors import PopulationUnavailable
from terpadu.identity.public import person_ensure
from terpadu.identity.services.population import population_check
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError
from terpadu_wire.problems import Problem
from tests.exchange.test_interfaces import ANSWER
from tests.exchange.world import change_at
from tests.gateway.processes import free_port

BY = Actor.system("tests")
NIK = "3671010403220001"
TRANSACTION = "01a1fff5-9896-7a5b-ab25-c91fa4fd1aa1"
pytestmark = pytest.mark.django_db


class FakeOutway(BaseHTTPRequestHandler):
    """Answers what it is told to, and remembers what it was asked."""

    answer: ClassVar[tuple[int, dict[str, str], bytes]] = (200, {}, b"")
    may_answer: ClassVar[threading.Event] = threading.Event()
    asked: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append((self.path, headers, self.rfile.read(length)))
        self.may_answer.wait()
        status, given, body = self.answer
        self.send_response(status)
        for name, value in {**given, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def outway(country: Path, settings: Settings) -> Iterator[type[FakeOutway]]:
    FakeOutway.answer = (200, {}, b"")
    FakeOutway.may_answer.set()
    FakeOutway.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeOutway)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.OUTWAY_URL = f"http://127.0.0.1:{server.server_address[1]}"
    yield FakeOutway
    FakeOutway.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join(timeout=60)


def _request(**changes: object) -> ExchangeRequest:
    members: dict[str, object] = {
        "consumer_agency": DISDUKCAPIL,
        "service": "dukcapil/kependudukan",
        "operation": "cariKeluarga",
        "body": {"nik": NIK},
        "subject_person_id": None,
        "purpose": "kia.verifikasi",
        "evidence": "KIA-2026-000001",
        "on_behalf_of": "person:self",
    }
    return ExchangeRequest(**members | changes)  # type: ignore[arg-type] # a test's shorthand


def _call(**changes: object) -> ExchangeAnswer:
    return exchange_call(_request(**changes), by=BY)


def _good(body: object) -> tuple[int, dict[str, str], bytes]:
    headers = {"fsc-transaction-id": TRANSACTION, "terpadu-read-at": "2026-11-21T12:00:00Z"}
    return 200, headers, json.dumps(body).encode()


def _filtered() -> object:
    """What the contract lets through of a good answer."""
    assert isinstance(ANSWER, dict)
    data = ANSWER["data"]
    assert isinstance(data, dict)
    anggota = data["anggota"]
    assert isinstance(anggota, list)
    member = anggota[0]
    assert isinstance(member, dict)
    dropped = {"urutan", "agama", "pendidikan", "jenis_pekerjaan", "golongan_darah", "tanggal_kawin"}
    dropped |= {"kewarganegaraan", "telepon", "nomor_kia", "kia_berlaku_hingga"}
    kept = {name: value for name, value in member.items() if name not in dropped}
    hidden = {"tanggal_terbit", "kode_wilayah", "jumlah_anggota"}
    return {"data": {name: data[name] for name in data if name not in hidden} | {"anggota": [kept]}}


def test_exchange_call_sends_purpose_evidence_and_key(outway: type[FakeOutway]) -> None:
    outway.answer = _good(_filtered())

    answer = _call()

    [(path, headers, body)] = outway.asked
    assert path == "/00000002/kependudukan/v1/keluarga/cari"
    assert json.loads(body) == {"nik": NIK}
    assert headers["authorization"] == f"Bearer {application_key_path(PORTAL, APPLICATION).read_text()}"
    assert headers["terpadu-purpose"] == "kia.verifikasi"
    assert headers["terpadu-evidence"] == "KIA-2026-000001"
    assert headers["terpadu-on-behalf-of"] == "person:self"
    assert headers["terpadu-deadline-ms"] == "5000"
    assert headers["fsc-grant-hash"].startswith("$1$4$")
    assert answer.transaction_id == UUID(TRANSACTION)
    assert answer.read_at.isoformat() == "2026-11-21T12:00:00+00:00"
    assert answer.provider.code == "dukcapil"


def test_exchange_call_keeps_to_its_queries(
    outway: type[FakeOutway], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    outway.answer = _good(_filtered())

    with django_assert_num_queries(5):
        _call()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("system.slow", ExchangeUnavailable),
        ("system.failed", ExchangeUnavailable),
        ("provider.unreachable", ExchangeUnavailable),
        ("snapshot.expired", ExchangeUnavailable),
        ("gateway.records_unwritable", ExchangeUnavailable),
        ("contract.revoked", ExchangeRefused),
        ("purpose.not_in_contract", ExchangeRefused),
        ("system.refused", ExchangeRefused),
        ("system.not_found", NothingFound),
        ("system.not_json", ExchangeGarbled),
        ("provider.unproven", ExchangeGarbled),
    ],
)
def test_exchange_call_problem_becomes_the_right_error(
    outway: type[FakeOutway], code: str, error: type[ReasonedError]
) -> None:
    problem = Problem(code, "provider-gateway", transaction_id=TRANSACTION)
    outway.answer = (problem.http_status, problem.headers(), problem.body())

    with pytest.raises(error) as raised:
        _call()

    assert type(raised.value) is error
    assert raised.value.reason == code
    assert raised.value.facts["transaction_id"] == TRANSACTION


def test_exchange_call_subject_mismatch_of_the_gateway_is_ours(outway: type[FakeOutway]) -> None:
    problem = Problem("subject.mismatch", "system")
    outway.answer = (problem.http_status, problem.headers(), problem.body())

    with pytest.raises(SubjectMismatch):
        _call()


def test_exchange_call_answer_about_somebody_else_is_not_used(outway: type[FakeOutway]) -> None:
    """Even when both gateways let it pass."""
    outway.answer = _good(_filtered())

    with pytest.raises(SubjectMismatch):
        _call(body={"nik": "3671015406920003"})


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [("data.rt", "3", "/data/rt"), ("data.anggota.0.kia_aktif", "tidak", "/data/anggota/0/kia_aktif")],
)
def test_exchange_call_answer_that_breaks_its_document_is_garbled(
    outway: type[FakeOutway], path: str, value: str, place: str
) -> None:
    filtered = json.loads(json.dumps(_filtered()))
    outway.answer = _good(change_at(filtered, path, value))

    with pytest.raises(ExchangeGarbled) as raised:
        _call()
    assert (raised.value.reason, raised.value.facts["place"]) == ("answer.breaks_openapi", place)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"fsc-transaction-id": TRANSACTION}, b"<html>"),
        (200, {"fsc-transaction-id": TRANSACTION}, b'{"data": 1, "data": 2}'),
        (200, {"fsc-transaction-id": TRANSACTION}, b""),
        (200, {"fsc-transaction-id": "x", "terpadu-read-at": "yesterday"}, json.dumps(_filtered()).encode()),
    ],
)
def test_exchange_call_unreadable_answer_is_garbled(
    outway: type[FakeOutway], answer: tuple[int, dict[str, str], bytes]
) -> None:
    outway.answer = answer

    with pytest.raises(ExchangeGarbled):
        _call()


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b'{"code": 5}'])
def test_exchange_call_failure_of_unknown_shape_is_unavailable(outway: type[FakeOutway], body: bytes) -> None:
    outway.answer = (502, {}, body)

    with pytest.raises(ExchangeUnavailable) as raised:
        _call()
    assert raised.value.reason == "outway.not_understood"


def test_exchange_call_gateway_that_hangs_is_given_up_in_time(outway: type[FakeOutway]) -> None:
    outway.may_answer.clear()

    with pytest.raises(ExchangeUnavailable) as raised:
        exchange_call(_request(), by=BY, timeout_s=0.2)

    assert raised.value.reason == "outway.slow"


def test_exchange_call_gateway_that_is_down_is_known_at_once(country: Path, settings: Settings) -> None:
    settings.OUTWAY_URL = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(ExchangeUnavailable) as raised:
        _call()

    assert raised.value.reason == "outway.unreachable"


def test_exchange_call_without_provisioned_gateway_is_unavailable(country: Path) -> None:
    application_key_path(PORTAL, APPLICATION).unlink()

    with pytest.raises(ExchangeUnavailable) as raised:
        _call()
    assert raised.value.reason == "outway.not_provisioned"


@pytest.mark.parametrize(
    "changes",
    [{"purpose": "another.purpose"}, {"consumer_agency": KECAMATAN}, {"operation": "verifikasiPenduduk"}],
)
def test_exchange_call_without_contract_never_leaves_the_house(
    outway: type[FakeOutway], changes: dict[str, str]
) -> None:
    with pytest.raises(NoContract):
        _call(**changes)
    assert outway.asked == []


def test_exchange_call_unknown_interface_is_refused(outway: type[FakeOutway]) -> None:
    for changes in ({"service": "dukcapil/unknown"}, {"operation": "unknown"}, {"service": "nonsense"}):
        with pytest.raises(InterfaceUnknown):
            _call(**changes)


def test_exchange_call_about_another_person_than_meant_never_leaves_the_house(
    outway: type[FakeOutway],
) -> None:
    person_id = person_ensure(nik="3671015406920003", name="Siti", birth_on=date(1992, 6, 14), sex="P", by=BY)

    with pytest.raises(SubjectMismatch):
        _call(subject_person_id=person_id)
    assert outway.asked == []


def test_exchange_call_never_logs_or_raises_the_identifier(
    outway: type[FakeOutway], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(
        calls, "log", structlog.wrap_logger(structlog.PrintLogger(written), processors=[JSONRenderer()])
    )
    for answer in (_good(_filtered()), (502, {}, b"")):
        outway.answer = answer
        try:
            _call()
        except DomainError as error:
            assert NIK not in str(error) + str(error.facts)

    assert written.getvalue().count("exchange_called") == 2
    assert NIK not in written.getvalue()


def _verification(**changes: object) -> object:
    found = {"nik": NIK, "ditemukan": True, "nama_lengkap": "Sesuai", "tanggal_lahir": "Tidak Sesuai"}
    return {"data": found | {"jenis_kelamin": "LAKI-LAKI", "status_hidup": "HIDUP"} | changes}


def test_population_check_reads_the_registrys_words(outway: type[FakeOutway]) -> None:
    outway.answer = _good(_verification())

    answer = population_check(NIK, "Raka", date(2022, 3, 4), by=BY)

    assert json.loads(outway.asked[0][2]) == {
        "nik": NIK,
        "nama_lengkap": "Raka",
        "tanggal_lahir": "04-03-2022",
    }
    assert (answer.found, answer.alive, answer.name_matches, answer.birth_matches) == (
        True,
        True,
        True,
        False,
    )
    assert answer.sex == "L"


def test_population_check_unknown_person_is_not_found(outway: type[FakeOutway]) -> None:
    nothing = dict.fromkeys(("nama_lengkap", "tanggal_lahir", "jenis_kelamin", "status_hidup"))
    outway.answer = _good(_verification(ditemukan=False, **nothing))

    assert not check_over_the_road(NIK, "Raka", date(2022, 3, 4), by=BY).found


def test_population_check_failure_is_unavailable_and_hides_the_answer(outway: type[FakeOutway]) -> None:
    outway.answer = _good(_verification(status_hidup="ENTAH"))

    with pytest.raises(PopulationUnavailable) as raised:
        check_over_the_road(NIK, "Raka", date(2022, 3, 4), by=BY)
    assert NIK not in str(raised.value) + str(raised.value.facts)


@pytest.mark.parametrize("error", [ExchangeUnavailable, ExchangeRefused, ExchangeGarbled, NothingFound])
def test_errors_speak_both_languages(error: type[DomainError]) -> None:
    with translation.override("en"):
        english = (str(error.title), str(error.next_step))
    with translation.override("id"):
        indonesian = (str(error.title), str(error.next_step))

    assert all(one != other for one, other in zip(english, indonesian, strict=True))
