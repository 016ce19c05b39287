"""The birth-record service as a real process, held against its own OpenAPI document."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.akta.app import OPENAPI
from demo.akta.storage import FIELDS
from demo.population import persona
from demo.population.country import households
from tests.demo.conftest import AKTA_SECRET
from tests.demo.programs import Program, run_to_end, running
from tests.demo.promises import answer_violations
from tests.gateway.processes import free_port

PATH = "/api/akta-kelahiran"
DOCUMENT = json.loads(OPENAPI.read_text())


def test_document_is_served_as_committed_and_fits_the_program(akta: Program) -> None:
    assert httpx.get(f"{akta.url}/openapi.json").content == OPENAPI.read_bytes()
    assert DOCUMENT["paths"][PATH]["post"]["operationId"] == "aktaKelahiran"
    assert tuple(DOCUMENT["components"]["schemas"]["AktaKelahiran"]["properties"]) == FIELDS


def test_akta_raka_names_his_parents(akta: Program) -> None:
    raka = persona("raka")
    deed = akta.post(PATH, {"nik_anak": raka.nik}).json()
    assert (deed["nomor_akta"], deed["nama_anak"], deed["anak_ke"]) == (raka.birth_deed, raka.name, 2)
    assert (deed["tanggal_lahir"], deed["nik_ibu"], deed["nik_ayah"]) == (
        "2022-03-04",
        raka.mother_nik,
        raka.father_nik,
    )


def test_akta_child_of_a_mother_alone_names_no_father(akta: Program) -> None:
    deed = akta.post(PATH, {"nik_anak": persona("bima").nik}).json()
    assert (deed["nama_ibu"], deed["nama_ayah"], deed["nik_ayah"]) == ("Dewi", None, None)


def test_akta_everybody_is_found_or_not_as_the_population_says(akta: Program) -> None:
    for household in households(size=600):
        for person in household.everyone():
            response = akta.post(PATH, {"nik_anak": person.nik})
            issued_here = (person.birth_deed or "").startswith("3671-")
            assert response.status_code == (200 if issued_here else 404)
            assert answer_violations(response, PATH, DOCUMENT) == []
            if issued_here:
                assert response.json()["nomor_akta"] == person.birth_deed


@pytest.mark.parametrize(
    "nik", ["", "36710104032200", "36710104032200011", "367101040322000x", 3671010403220001, None]
)
def test_akta_malformed_nik_is_refused(akta: Program, nik: Any) -> None:
    response = akta.post(PATH, {"nik_anak": nik})
    assert (response.status_code, response.json()["galat"]) == (400, "nik_salah")
    assert answer_violations(response, PATH, DOCUMENT) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"nik": "3671010403220001"}'])
def test_akta_body_of_another_form_is_refused(akta: Program, body: bytes) -> None:
    response = akta.client.post(PATH, content=body)
    assert (response.status_code, response.json()["galat"]) == (400, "isi_salah")


@pytest.mark.parametrize("nik", ["0000000000000000", "9999999999999999", "3671010403229999"])
def test_akta_unknown_nik_is_not_found(akta: Program, nik: str) -> None:
    response = akta.post(PATH, {"nik_anak": nik})
    assert (response.status_code, response.json()["galat"]) == (404, "tidak_ditemukan")


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic dGVycGFkdTp4"}, {"Authorization": "Bearer x"}]
)
def test_akta_without_the_right_password_is_refused(akta: Program, headers: dict[str, str]) -> None:
    response = httpx.post(akta.url + PATH, json={"nik_anak": persona("raka").nik}, headers=headers)
    assert (response.status_code, response.json()["galat"]) == (401, "tidak_dikenal")
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert answer_violations(response, PATH, DOCUMENT) == []


def test_akta_wrong_address_method_or_size_is_refused(akta: Program) -> None:
    client = akta.client
    answers = [client.post("/api/lain"), client.get(PATH), client.post(PATH, content=b" " * 17_000)]
    assert [(answer.status_code, answer.json()["galat"]) for answer in answers] == [
        (404, "alamat_tidak_dikenal"),
        (405, "metode_tidak_didukung"),
        (413, "terlalu_besar"),
    ]


def test_akta_body_in_chunks_is_read(akta: Program) -> None:
    body = json.dumps({"nik_anak": persona("raka").nik}).encode()
    response = akta.client.post(PATH, content=iter([body[:7], body[7:]]))
    assert response.json()["nama_anak"] == "Raka Pratama"


def test_program_started_again_builds_nothing_and_refuses_another_population(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for _ in range(2):
        with running("demo.akta", data, secret=AKTA_SECRET, size=100) as program:
            assert program.post(PATH, {"nik_anak": persona("raka").nik}).status_code == 200
    assert "building" not in (tmp_path / "data.log").read_text()
    ended = run_to_end("demo.akta", data, "--port", str(free_port()), "--size", "200")
    assert ended.returncode == 1
    assert "another population" in ended.stderr
