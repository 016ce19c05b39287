"""The FHIR door: a person's resources by their national number, which stays out of addresses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from demo.population.personas import persona
from terpadu_doors.config import FhirDoor
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
        ((400, {"Content-Type": FHIR}, b'{"resourceType": "OperationOutcome"}'), "door.system_refused"),
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
    "link", ["http://169.254.169.254/x", "//evil.test/x", "file:///etc/passwd", "/fhir-r4/v1evil/x"]
)
def test_next_page_on_another_server_is_not_followed(make: Make, fake: FakeSystem, link: str) -> None:
    fake.answer = lambda asked: (
        _token()
        if "accesstoken" in asked.path
        else _bundle([_patient()], link=[{"relation": "next", "url": link}])
    )

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled"):
        ask(make(fake.url), "/Patient/search", {"nik": RAKA.nik})


def test_pages_without_end_are_cut_off(make: Make, fake: FakeSystem) -> None:
    def answer(asked: Asked) -> Answer:
        if "accesstoken" in asked.path:
            return _token()
        if asked.path.endswith("Patient/_search"):
            return _bundle([_patient()])
        return _bundle(
            [{"resourceType": "Encounter", "id": "e"}], link=[{"relation": "next", "url": "Encounter?p=2"}]
        )

    fake.answer = answer

    bundle = ask(make(fake.url, pages=3), "/Encounter/search", {"nik": RAKA.nik})

    assert len(fake.asked) < 8
    assert bundle["total"] <= 4


def test_two_patients_under_one_number_are_nobody(make: Make, fake: FakeSystem) -> None:
    fake.answer = lambda asked: _token() if "accesstoken" in asked.path else _bundle([_patient(), _patient()])

    with pytest.raises(DoorProblem, match=r"door\.answer_garbled"):
        ask(make(fake.url), "/Immunization/search", {"nik": RAKA.nik})


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


def _token() -> Answer:
    return 200, {"Content-Type": "application/json"}, b'{"access_token": "t", "expires_in": "x"}'


def _patient() -> dict[str, object]:
    return {"resourceType": "Patient", "id": "P1", "identifier": [{"system": NIK_SYSTEM, "value": RAKA.nik}]}


def _bundle(resources: list[dict[str, object]], **members: object) -> Answer:
    entries = [{"resource": one} for one in resources]
    value = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}
    return 200, {"Content-Type": FHIR}, orjson.dumps(value)
