"""The FHIR door: a person's resources by their national number, which stays out of addresses."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest

from demo.population.personas import persona
from terpadu_doors.config import FhirDoor
from terpadu_doors.describe.asked import AskedFhir
from terpadu_doors.describe.fhir import describe_fhir
from terpadu_doors.fhir import FhirProgram, supported_resources
from terpadu_doors.problems import DoorProblem
from tests.demo.ministries import Ministries
from tests.doors.fakes import LOOPBACK, Asked, FakeSystem, ask

RAKA = persona("raka")
NIK_SYSTEM = "https://fhir.kemkes.go.id/id/nik"
FHIR = "application/fhir+json"

Make = Callable[..., FhirProgram]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def make(tmp_path: Path, key_file: Path) -> Iterator[Make]:
    """Make a door to a FHIR server."""
    client = tmp_path / "client"
    made: list[FhirProgram] = []

    def door(url: str, *, login: str = "id:secret", **settings: object) -> FhirProgram:
        client.write_text(login)
        members = {
            "name": "satusehat",
            "peer_id": "00000006",
            "key_file": key_file,
            "base_url": f"{url}/fhir-r4/v1",
            "token_url": f"{url}/oauth2/v1/accesstoken",
            "client_file": client,
            "resources": ("Patient", "Immunization", "Encounter"),
        }
        made.append(FhirProgram(FhirDoor.model_validate(members | settings), allowed=LOOPBACK))
        return made[-1]

    yield door
    for program in made:
        program.close()


@pytest.mark.parametrize("search", ["post", "get"])
def test_immunizations_of_a_child_over_all_pages(make: Make, ministries: Ministries, search: str) -> None:
    login = ministries.secret("kesehatan", "client")
    program = make(ministries.url("kesehatan"), login=login, search=search)

    bundle = ask(program, "/Immunization/search", {"nik": RAKA.nik})

    first, *others = [entry["resource"] for entry in bundle["entry"]]
    assert first["resourceType"] == "Patient"
    assert {"use": "official", "system": NIK_SYSTEM, "value": RAKA.nik} in first["identifier"]
    assert bundle["total"] == len(others) > 5  # more than one page of the server
    assert {one["resourceType"] for one in others} == {"Immunization"}


def test_unknown_person_is_not_found(make: Make, ministries: Ministries) -> None:
    program = make(ministries.url("kesehatan"), login=ministries.secret("kesehatan", "client"))

    with pytest.raises(DoorProblem, match=r"door\.not_found"):
        ask(program, "/Patient/search", {"nik": "3671015406920999"})


def test_wrong_client_is_a_failed_sign_in(make: Make, ministries: Ministries) -> None:
    with pytest.raises(DoorProblem, match=r"door\.sign_in_failed"):
        ask(make(ministries.url("kesehatan")), "/Patient/search", {"nik": RAKA.nik})


def test_one_token_serves_many_calls_and_is_renewed_when_refused(make: Make, fake: FakeSystem) -> None:
    tokens = iter(["one", "two", "three"])
    good = {"one"}

    def answer(asked: Asked) -> Answer:
        if "accesstoken" in asked.path:
            body = {"access_token": next(tokens), "expires_in": "3599", "token_type": "BearerToken"}
            return 200, {"Content-Type": "application/json"}, orjson.dumps(body)
        if asked.headers["authorization"].removeprefix("Bearer ") not in good:
            return 401, {"Content-Type": FHIR}, b"{}"
        return _bundle([_patient()])

    fake.answer = answer
    program = make(fake.url)
    ask(program, "/Patient/search", {"nik": RAKA.nik})
    ask(program, "/Patient/search", {"nik": RAKA.nik})
    good.clear()
    good.add("two")

    assert ask(program, "/Patient/search", {"nik": RAKA.nik})["total"] == 1
    assert sum("accesstoken" in one.path for one in fake.asked) == 2
    assert not any(RAKA.nik in one.path for one in fake.asked)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html/>"), "door.answer_garbled"),
        ((200, {"Content-Type": FHIR}, b"not json"), "door.answer_garbled"),
        (
            (200, {"Content-Type": FHIR}, b'{"resourceType": "Bundle", "resourceType": "Patient"}'),
            "door.answer_garbled",
        ),
        ((200, {"Content-Type": FHIR}, b'{"resourceType": "Patient"}'), "door.answer_garbled"),
        ((200, {"Content-Type": FHIR}, b'{"resourceType": "Bundle", "total": 0}'), "door.not_found"),
        ((500, {"Content-Type": FHIR}, b'{"resourceType": "OperationOutcome"}'), "door.system_failed"),
        ((429, {"Content-Type": FHIR}, b'{"resourceType": "OperationOutcome"}'), "door.system_failed"),
        ((400, {"Content-Type": FHIR}, b'{"resourceType": "OperationOutcome"}'), "door.system_refused"),
        # A search that finds nobody answers 200; a server without this address knows nothing about the person.
        ((404, {"Content-Type": FHIR}, b'{"resourceType": "OperationOutcome"}'), "door.system_refused"),
        ((403, {"Content-Type": FHIR}, b"{}"), "door.sign_in_failed"),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "door.system_refused"),
        ((200, {"Content-Type": FHIR}, b"x" * (5 << 20)), "door.answer_too_large"),
    ],
)
def test_failures_and_hostile_answers_become_problems(
    make: Make, fake: FakeSystem, answer: Answer, code: str
) -> None:
    fake.answer = lambda asked: _token() if "accesstoken" in asked.path else answer

    with pytest.raises(DoorProblem) as refused:
        ask(make(fake.url), "/Patient/search", {"nik": RAKA.nik})

    assert refused.value.code == code


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/x",
        "//evil.test/x",
        "file:///etc/passwd",
        "/fhir-r4/v1evil/x",
        "http://[",
        "Encounter?a=\u00e9",
        "Encounter?a=\r\nX-Other: y",
        "{url}/fhir-r4/v1/../../admin",
        "{url}/fhir-r4/v1/%2E%2e/admin",
    ],
)
def test_next_page_on_another_server_is_not_followed(make: Make, fake: FakeSystem, link: str) -> None:
    fake.answer = lambda asked: (
        _token()
        if "accesstoken" in asked.path
        else _bundle([_patient()], link=[{"relation": "next", "url": link.replace("{url}", fake.url)}])
    )

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled"):
        ask(make(fake.url), "/Patient/search", {"nik": RAKA.nik})


def test_more_pages_than_are_read_are_refused_rather_than_cut(make: Make, fake: FakeSystem) -> None:
    def answer(asked: Asked) -> Answer:
        if "accesstoken" in asked.path:
            return _token()
        if asked.path.endswith("Patient/_search"):
            return _bundle([_patient()])
        return _bundle([_encounter()], link=[{"relation": "next", "url": "Encounter?p=2"}])

    fake.answer = answer

    with pytest.raises(DoorProblem, match=r"door\.answer_too_large") as refused:
        ask(make(fake.url, pages=3), "/Encounter/search", {"nik": RAKA.nik})

    assert len(fake.asked) == 5
    assert refused.value.status == 422  # ten of 502 in a row would close the interface for everybody


def test_all_requests_of_a_call_share_its_patience(
    make: Make, fake: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.answer = lambda asked: (
        _token()
        if "accesstoken" in asked.path
        else _bundle([_patient()], link=[{"relation": "next", "url": "Patient?p=2"}])
    )
    clock = SimpleNamespace(monotonic=partial(next, count(0.0, 0.5)))
    monkeypatch.setattr("terpadu_doors.fhir.time", clock)

    with pytest.raises(DoorProblem, match=r"door\.slow"):
        ask(make(fake.url, seconds=5), "/Patient/search", {"nik": RAKA.nik})


@pytest.mark.parametrize(
    "reference", ["Patient/P1", "Patient/P1/_history/2", "https://server.test/fhir/Patient/P1"]
)
def test_resources_refer_to_the_patient_in_any_of_fhirs_ways(
    make: Make, fake: FakeSystem, reference: str
) -> None:
    fake.answer = _two_searches([_encounter(reference)])

    assert ask(make(fake.url), "/Encounter/search", {"nik": RAKA.nik})["total"] == 1
    assert {one.headers["prefer"] for one in fake.asked if "token" not in one.path} == {"handling=strict"}


@pytest.mark.parametrize("reference", ["Patient/P2", "Patient/P11", "OtherPatient/P1", "P1", ""])
def test_data_of_other_patients_stay_where_they_are(make: Make, fake: FakeSystem, reference: str) -> None:
    """A server that does not know a search parameter may leave it out and answer with everybody's data."""
    fake.answer = _two_searches([_encounter(), _encounter(reference)])

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled"):
        ask(make(fake.url), "/Encounter/search", {"nik": RAKA.nik})


@pytest.mark.parametrize(
    "patient",
    [
        {"identifier": [{"system": NIK_SYSTEM, "value": "3671015406920003"}]},
        {"identifier": [{"system": NIK_SYSTEM, "value": "9" + "#" * 15}]},
        {"identifier": [{"system": NIK_SYSTEM, "value": "#"}]},
        {"identifier": [{"system": "urn:other", "value": RAKA.nik}]},
        {"identifier": []},
        {"id": None},
        {"id": "P1,P2"},
    ],
)
def test_patient_without_the_number_or_an_id_is_nobody(
    make: Make, fake: FakeSystem, patient: dict[str, object]
) -> None:
    fake.answer = lambda asked: _token() if "accesstoken" in asked.path else _bundle([_patient() | patient])

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled"):
        ask(make(fake.url), "/Encounter/search", {"nik": RAKA.nik})


@pytest.mark.parametrize("shown", ["#" * 16, RAKA.nik[:4] + "*" * 12])
def test_number_that_a_server_masks_is_the_one_asked_for(make: Make, fake: FakeSystem, shown: str) -> None:
    masked = _patient() | {"identifier": [{"system": NIK_SYSTEM, "value": shown}]}
    fake.answer = lambda asked: _token() if "accesstoken" in asked.path else _bundle([masked])

    assert ask(make(fake.url), "/Patient/search", {"nik": RAKA.nik})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((503, {}, b""), "door.system_failed"),
        ((429, {}, b""), "door.system_failed"),
        ((400, {"Content-Type": "application/json"}, b'{"error": "invalid_client"}'), "door.sign_in_failed"),
        ((302, {"Location": "http://169.254.169.254/"}, b""), "door.sign_in_failed"),
        ((200, {"Content-Type": "application/json"}, b"[]"), "door.sign_in_failed"),
        (
            (200, {"Content-Type": "application/json"}, b'{"access_token": "a\\r\\nX: y"}'),
            "door.sign_in_failed",
        ),
        ((200, {"Content-Type": "application/json"}, b'{"access_token": ""}'), "door.sign_in_failed"),
        ((200, {"Content-Type": "text/html"}, b"<html/>"), "door.answer_garbled"),
    ],
)
def test_nonsense_of_a_token_endpoint_is_no_token(
    make: Make, fake: FakeSystem, answer: Answer, code: str
) -> None:
    fake.answer = lambda asked: answer

    with pytest.raises(DoorProblem) as refused:
        ask(make(fake.url), "/Patient/search", {"nik": RAKA.nik})

    assert refused.value.code == code
    assert len(fake.asked) == 1


@pytest.mark.parametrize("life", ["nan", "x", None, -1, "inf"])
def test_token_with_an_odd_life_is_renewed_all_the_same(make: Make, fake: FakeSystem, life: object) -> None:
    fake.answer = lambda asked: _token(life)
    keeper = make(fake.url)._tokens

    keeper.token(seconds=5)

    assert keeper._renew_at <= time.monotonic() + 86_400


def test_calls_do_not_queue_behind_a_token_endpoint_that_hangs(make: Make, fake: FakeSystem) -> None:
    keeper = make(fake.url)._tokens
    with keeper._lock, pytest.raises(DoorProblem, match=r"door\.slow"):
        keeper.token(seconds=0.01)


def test_two_patients_under_one_number_are_nobody(make: Make, fake: FakeSystem) -> None:
    fake.answer = lambda asked: _token() if "accesstoken" in asked.path else _bundle([_patient(), _patient()])

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled") as refused:
        ask(make(fake.url), "/Immunization/search", {"nik": RAKA.nik})
    assert refused.value.status == 422


@pytest.mark.parametrize("nik", ["", "1", "x" * 16, "3671010403220001|x", "3671010403220001&_count=9"])
def test_what_is_no_nik_is_not_asked(make: Make, fake: FakeSystem, nik: str) -> None:
    with pytest.raises(DoorProblem, match=r"door\.body_invalid"):
        ask(make(fake.url), "/Patient/search", {"nik": nik})
    assert not fake.asked


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"resourceType": "CapabilityStatement", "fhirVersion": "3.0.2"},
        {
            "resourceType": "CapabilityStatement",
            "fhirVersion": "4.0.1",
            "rest": [{"resource": [{"type": "Patient"}]}],
        },
        {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": "x"},
    ],
)
def test_statement_of_another_kind_is_refused(statement: dict[str, object]) -> None:
    with pytest.raises(DoorProblem):
        supported_resources(orjson.loads(orjson.dumps(statement)))


def _asked(fake: FakeSystem, key_file: Path, tmp_path: Path, **settings: object) -> AskedFhir:
    (tmp_path / "client").write_text("id:secret")
    members = {
        "kind": "fhir",
        "name": "satusehat",
        "peer_id": "00000006",
        "key_file": key_file,
        "base_url": f"{fake.url}/fhir",
        "token_url": f"{fake.url}/accesstoken",
        "client_file": tmp_path / "client",
        "allow_targets": LOOPBACK,
    }
    return AskedFhir.model_validate(members | settings)


def test_connecting_signs_in_and_finds_what_can_be_searched(
    fake: FakeSystem, key_file: Path, tmp_path: Path
) -> None:
    found = {"Patient": "identifier", "Encounter": "patient", "Immunization": "date", "Basic": "patient"}
    resources = [{"type": kind, "searchParam": [{"name": name}]} for kind, name in found.items()]
    statement = {
        "resourceType": "CapabilityStatement",
        "fhirVersion": "4.0.1",
        "rest": [{"resource": resources}],
    }
    fake.answer = lambda asked: (
        _token() if "accesstoken" in asked.path else (200, {"Content-Type": FHIR}, orjson.dumps(statement))
    )

    door, document, _ = describe_fhir(_asked(fake, key_file, tmp_path, nik_system="urn:nik"))

    assert door.resources == ("Patient", "Encounter")
    assert door.nik_system == "urn:nik"
    assert set(document["paths"]) == {"/Patient/search", "/Encounter/search"}  # type: ignore[arg-type]  # JSON
    assert fake.asked[-1].headers["authorization"] == "Bearer t"


def test_wrong_credentials_are_told_when_a_server_is_connected(
    fake: FakeSystem, key_file: Path, tmp_path: Path
) -> None:
    fake.says(b'{"error": "invalid_client"}', status=401, content_type="application/json")

    with pytest.raises(DoorProblem, match=r"door\.sign_in_failed"):
        describe_fhir(_asked(fake, key_file, tmp_path))


def _token(life: object = "x") -> Answer:
    body = orjson.dumps({"access_token": "t", "expires_in": life})
    return 200, {"Content-Type": "application/json"}, body


def _two_searches(found: list[dict[str, object]]) -> Callable[[Asked], Answer]:
    """Answer like a server that has one patient, and these resources about whoever is asked for."""

    def answer(asked: Asked) -> Answer:
        if "accesstoken" in asked.path:
            return _token()
        return _bundle([_patient()] if "Patient/_search" in asked.path else found)

    return answer


def _encounter(reference: str = "Patient/P1") -> dict[str, object]:
    return {"resourceType": "Encounter", "id": "e", "subject": {"reference": reference}}


def _patient() -> dict[str, object]:
    return {"resourceType": "Patient", "id": "P1", "identifier": [{"system": NIK_SYSTEM, "value": RAKA.nik}]}


def _bundle(resources: list[dict[str, object]], **members: object) -> Answer:
    entries = [{"resource": one} for one in resources]
    value = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}
    return 200, {"Content-Type": FHIR}, orjson.dumps(value)
