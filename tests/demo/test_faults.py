"""Both systems fail on purpose exactly as their fault file says, and recover when it is gone."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.akta.app import OPENAPI as AKTA_DOCUMENT
from demo.dukcapil.app import OPENAPI as DUKCAPIL_DOCUMENT
from demo.faults import NO_FAULT, FaultFileError, Faults
from demo.population import persona
from tests.demo.programs import Program
from tests.demo.promises import answer_violations

SITI, RAKA = persona("siti").nik, persona("raka").nik


class Subject:
    """One operation of one system and how to ask it."""

    def __init__(
        self, program: Program, operation: str, path: str, body: dict[str, Any], document: Path
    ) -> None:
        self.program, self.operation, self.path, self.body = program, operation, path, body
        self.document = json.loads(document.read_text())

    def ask(self) -> httpx.Response:
        return self.program.post(self.path, self.body)

    def broken(self) -> list[str]:
        return answer_violations(self.ask(), self.path, self.document)


@pytest.fixture(params=["dukcapil", "akta"])
def subject(request: pytest.FixtureRequest) -> Subject:
    program: Program = request.getfixturevalue(request.param)
    if request.param == "dukcapil":
        return Subject(program, "cariKeluarga", "/v1/keluarga/cari", {"nik": SITI}, DUKCAPIL_DOCUMENT)
    return Subject(program, "aktaKelahiran", "/api/akta-kelahiran", {"nik_anak": RAKA}, AKTA_DOCUMENT)


def test_fault_status_answers_with_it_and_recovers(subject: Subject) -> None:
    with subject.program.failing(subject.operation, status=503):
        response = subject.ask()
        assert response.status_code == 503
        assert answer_violations(response, subject.path, subject.document) == []
    assert subject.ask().status_code == 200


def test_fault_star_is_for_every_operation(subject: Subject) -> None:
    with subject.program.failing("*", status=500):
        assert subject.ask().status_code == 500
    with subject.program.failing("lain", status=500):
        assert subject.ask().status_code == 200


def test_fault_delay_answers_late(subject: Subject) -> None:
    with subject.program.failing(subject.operation, delay_ms=400):
        response = subject.ask()
    assert response.status_code == 200
    assert response.elapsed.total_seconds() >= 0.4


def test_fault_garbage_is_no_json(subject: Subject) -> None:
    with subject.program.failing(subject.operation, garbage=True):
        response = subject.ask()
    assert response.status_code == 200
    with pytest.raises(ValueError):
        response.json()


def test_fault_misshapen_breaks_the_document(subject: Subject) -> None:
    with subject.program.failing(subject.operation, misshapen=True):
        assert subject.broken() != []
    assert subject.broken() == []


def test_fault_wrong_person_answers_about_somebody_else(subject: Subject) -> None:
    with subject.program.failing(subject.operation, wrong_person=True):
        response = subject.ask()
    answer = response.json()
    assert answer_violations(response, subject.path, subject.document) == []
    assert answer.get("data", answer).get("nik", answer.get("nik_anak")) not in {SITI, RAKA}


def test_fault_wrong_person_never_records_a_card_for_the_wrong_child(dukcapil: Program) -> None:
    galih = persona("galih").nik
    body = {"nik": galih, "nomor_kia": "3671-KIA-21112026-0905", "berlaku_hingga": "09-09-2030"}
    with dukcapil.failing("catatKia", wrong_person=True):
        other = dukcapil.post("/v1/kia/catat", body).json()["data"]["nik"]
    assert other != galih
    assert dukcapil.post("/v1/kia/catat", body).json()["data"]["nik"] == galih


def test_faults_missing_file_or_none_is_no_fault(tmp_path: Path) -> None:
    assert Faults(None).of("x") == NO_FAULT
    assert Faults(tmp_path / "none.json").of("x") == NO_FAULT


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"x": {"delay": 1}}', '{"x": {"status": 200}}', '{"x": {"delay_ms": -1}}']
)
def test_faults_wrong_file_is_a_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(text)
    with pytest.raises(FaultFileError, match="fault file is wrong at: "):
        Faults(file).of("x")
