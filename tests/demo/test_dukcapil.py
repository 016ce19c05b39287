"""The population registry as a real process, held against its own OpenAPI document."""

import json
import os
import select
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.dukcapil.app import OPENAPI
from demo.dukcapil.operations import OPERATIONS
from demo.dukcapil.storage import Storage
from demo.population import persona
from demo.population.cast import household_suparno
from demo.population.country import households, smallest_size
from tests.demo.conftest import DUKCAPIL_SECRET
from tests.demo.programs import Program, run_to_end, running
from tests.demo.promises import answer_violations, violations
from tests.gateway.processes import free_port

CHECK, FAMILY, KIA = (operation.path for operation in OPERATIONS)
DOCUMENT = json.loads(OPENAPI.read_text())
UNKNOWN = "3671015406929999"
DEAD = household_suparno().deceased[0]
BODIES: dict[str, dict[str, str]] = {
    CHECK: {"nik": persona("siti").nik, "nama_lengkap": "Siti Rahmawati", "tanggal_lahir": "14-06-1992"},
    FAMILY: {"nik": persona("siti").nik},
    KIA: {"nik": persona("raka").nik, "nomor_kia": "3671-KIA-21112026-0901", "berlaku_hingga": "04-03-2027"},
}


def family_of(program: Program, nik: str) -> dict[str, Any]:
    data: dict[str, Any] = program.post(FAMILY, {"nik": nik}).json()["data"]
    return data


def member(program: Program, nik: str) -> dict[str, Any]:
    return next(row for row in family_of(program, nik)["anggota"] if row["nik"] == nik)


def test_document_is_served_as_committed_and_names_every_operation(dukcapil: Program) -> None:
    assert httpx.get(f"{dukcapil.url}/openapi.json").content == OPENAPI.read_bytes()
    documented = {(path, item["post"]["operationId"]) for path, item in DOCUMENT["paths"].items()}
    assert documented == {(operation.path, operation.name) for operation in OPERATIONS}


@pytest.mark.parametrize("path", [CHECK, FAMILY])
def test_document_example_is_answered_as_promised(dukcapil: Program, path: str) -> None:
    example = DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    response = dukcapil.post(path, example)
    assert response.status_code == 200
    assert answer_violations(response, path, DOCUMENT) == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_document_request_schema_names_the_fields_the_program_reads(operation: Any) -> None:
    content = DOCUMENT["paths"][operation.path]["post"]["requestBody"]["content"]["application/json"]
    assert violations(content["example"], content["schema"], DOCUMENT) == []
    schema = DOCUMENT["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
    assert set(schema["properties"]) == set(schema["required"]) == set(operation.body.model_fields)


@pytest.mark.parametrize(
    ("change", "name", "birth"),
    [
        ({}, "Sesuai", "Sesuai"),
        ({"nama_lengkap": " siti  RAHMAWATI "}, "Sesuai", "Sesuai"),
        ({"nama_lengkap": "Siti Rahmawatti"}, "Tidak Sesuai", "Sesuai"),
        ({"tanggal_lahir": "15-06-1992"}, "Sesuai", "Tidak Sesuai"),
    ],
)
def test_verifikasi_known_person_answers_each_field(
    dukcapil: Program, change: dict[str, str], name: str, birth: str
) -> None:
    data = dukcapil.post(CHECK, BODIES[CHECK] | change).json()["data"]
    assert data == {
        "nik": persona("siti").nik,
        "ditemukan": True,
        "nama_lengkap": name,
        "tanggal_lahir": birth,
        "jenis_kelamin": "PEREMPUAN",
        "status_hidup": "HIDUP",
    }


def test_verifikasi_unknown_nik_is_not_found(dukcapil: Program) -> None:
    response = dukcapil.post(CHECK, BODIES[CHECK] | {"nik": UNKNOWN})
    assert (response.status_code, response.json()["status"]) == (200, "14")
    assert response.json()["data"]["ditemukan"] is False
    assert answer_violations(response, CHECK, DOCUMENT) == []


def test_verifikasi_dead_person_says_so(dukcapil: Program) -> None:
    data = dukcapil.post(CHECK, BODIES[CHECK] | {"nik": DEAD.nik}).json()["data"]
    assert (data["ditemukan"], data["status_hidup"]) == (True, "MENINGGAL")


def test_keluarga_siti_shows_address_and_who_has_a_child_card(dukcapil: Program) -> None:
    data = family_of(dukcapil, persona("siti").nik)
    assert data["nik"] == persona("siti").nik
    assert (data["kode_wilayah"], data["kelurahan"], data["kode_pos"]) == ("3671011007", "SUKASARI", "15118")
    cards = {row["nik"]: row["kia_aktif"] for row in data["anggota"]}
    assert cards[persona("alya").nik] is True
    assert cards[persona("ahmad").nik] is False
    raka = next(row for row in data["anggota"] if row["nik"] == persona("raka").nik)
    assert raka["nik_ibu"] == persona("siti").nik
    assert raka["no_akta_lahir"] == persona("raka").birth_deed


def test_keluarga_of_a_ward_names_the_guardian(dukcapil: Program) -> None:
    putri = member(dukcapil, persona("putri").nik)
    assert (putri["shdk"], putri["nik_wali"]) == ("FAMILI LAIN", persona("bambang").nik)


def test_keluarga_of_every_living_person_keeps_to_the_document(dukcapil: Program) -> None:
    for household in households(size=600):
        for person in household.members[:1]:
            response = dukcapil.post(FAMILY, {"nik": person.nik})
            assert answer_violations(response, FAMILY, DOCUMENT) == []
            assert response.json()["data"]["jumlah_anggota"] == len(household.members)


@pytest.mark.parametrize(("nik", "http", "status"), [(UNKNOWN, 404, "14"), (DEAD.nik, 422, "15")])
def test_keluarga_nobody_to_show_is_refused(dukcapil: Program, nik: str, http: int, status: str) -> None:
    response = dukcapil.post(FAMILY, {"nik": nik})
    assert (response.status_code, response.json()["status"]) == (http, status)
    assert answer_violations(response, FAMILY, DOCUMENT) == []


def test_kia_recorded_twice_and_replaced_shows_the_last(dukcapil: Program) -> None:
    bima = persona("bima").nik
    body = {"nik": bima, "nomor_kia": "3671-KIA-21112026-0902", "berlaku_hingga": "17-08-2028"}
    for _ in range(2):
        response = dukcapil.post(KIA, body)
        assert response.json()["data"] == body | {"tercatat": True}
        assert answer_violations(response, KIA, DOCUMENT) == []
    assert dukcapil.post(KIA, body | {"nomor_kia": "3671-KIA-21112026-0903"}).status_code == 200
    row = member(dukcapil, bima)
    assert (row["nomor_kia"], row["kia_aktif"]) == ("3671-KIA-21112026-0903", True)
    assert member(dukcapil, persona("bayu").nik)["kia_aktif"] is False


@pytest.mark.parametrize(
    ("change", "http", "status"),
    [
        ({"nik": UNKNOWN}, 404, "14"),
        ({"nik": DEAD.nik}, 422, "15"),
        ({"nomor_kia": "3671-KIA-13062022-0003"}, 409, "21"),
        ({"nik": persona("siti").nik}, 422, "22"),
        ({"berlaku_hingga": "01-01-2020"}, 422, "23"),
        ({"berlaku_hingga": "01-01-2090"}, 422, "23"),
        ({"nomor_kia": "kia 1"}, 400, "13"),
    ],
)
def test_kia_that_cannot_be_is_refused(
    dukcapil: Program, change: dict[str, str], http: int, status: str
) -> None:
    response = dukcapil.post(KIA, BODIES[KIA] | change)
    assert (response.status_code, response.json()["status"]) == (http, status)
    assert answer_violations(response, KIA, DOCUMENT) == []
    assert member(dukcapil, persona("raka").nik)["kia_aktif"] is False


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"X-API-Key": "gr\u00fcn"}])
def test_request_without_the_right_key_is_refused(
    dukcapil: Program, path: str, headers: dict[str, str]
) -> None:
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    response = httpx.post(dukcapil.url + path, json=BODIES[path], headers=raw)
    assert (response.status_code, response.json()["status"]) == (401, "01")
    assert answer_violations(response, path, DOCUMENT) == []


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    "nik", ["", "367101540692000", "36710154069200031", "36710154069200O3", 3671015406920003, None]
)
def test_request_malformed_nik_is_refused_without_repeating_it(
    dukcapil: Program, path: str, nik: Any
) -> None:
    response = dukcapil.post(path, BODIES[path] | {"nik": nik})
    assert (response.status_code, response.json()["pesan"]) == (400, "FORMAT SALAH: NIK")
    assert answer_violations(response, path, DOCUMENT) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"nik": "3671015406920003", "lain": 1}'])
def test_request_body_of_another_form_is_refused(dukcapil: Program, body: bytes) -> None:
    response = dukcapil.client.post(FAMILY, content=body)
    assert (response.status_code, response.json()["status"]) == (400, "13")


@pytest.mark.parametrize("day", ["31-02-1992", "1992-06-14", "14/06/1992", "00-00-0000"])
def test_verifikasi_impossible_date_is_refused(dukcapil: Program, day: str) -> None:
    response = dukcapil.post(CHECK, BODIES[CHECK] | {"tanggal_lahir": day})
    assert (response.status_code, response.json()["pesan"]) == (400, "FORMAT SALAH: TANGGAL_LAHIR")


def test_request_wrong_address_method_or_size_is_answered_in_the_envelope(dukcapil: Program) -> None:
    client = dukcapil.client
    answers = [client.post("/v1/lain"), client.get(FAMILY), client.post(FAMILY, content=b" " * 70_000)]
    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [
        (404, "40"),
        (405, "41"),
        (413, "42"),
    ]


def test_program_started_again_keeps_its_data_and_builds_nothing(tmp_path: Path) -> None:
    data, bayu = tmp_path / "data", persona("bayu").nik
    body = {"nik": bayu, "nomor_kia": "3671-KIA-21112026-0904", "berlaku_hingga": "17-08-2028"}
    with running("demo.dukcapil", data, secret=DUKCAPIL_SECRET, size=100) as first:
        assert first.post(KIA, body).status_code == 200
    with running("demo.dukcapil", data, secret=DUKCAPIL_SECRET, size=100) as second:
        assert member(second, bayu)["kia_aktif"] is True
    assert "building" not in (tmp_path / "data.log").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--seed", "5"), "another population"), (("--size", "9999"), "another population")],
)
def test_program_other_population_in_the_directory_is_one_clear_line(
    dukcapil: Program, options: tuple[str, ...], words: str
) -> None:
    ended = run_to_end("demo.dukcapil", dukcapil.data, "--port", str(free_port()), *options)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_program_port_in_use_is_one_clear_line_before_anything_is_built(
    dukcapil: Program, tmp_path: Path
) -> None:
    ended = run_to_end("demo.dukcapil", tmp_path, "--port", dukcapil.url.rpartition(":")[2])
    assert list(tmp_path.iterdir()) == []
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "choose another --port" in ended.stderr


def test_program_too_small_a_population_is_one_clear_line(tmp_path: Path) -> None:
    ended = run_to_end("demo.dukcapil", tmp_path, "--port", str(free_port()), "--size", "3")
    assert (ended.returncode, ended.stderr) == (
        1,
        f"dukcapil: --size must be at least {smallest_size()}, the people of the story\n",
    )


def test_program_killed_while_building_builds_again(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dukcapil.unfinished").write_bytes(b"half a file")
    with running("demo.dukcapil", tmp_path / "data", secret=DUKCAPIL_SECRET, size=100) as program:
        assert family_of(program, persona("siti").nik)["jumlah_anggota"] == 4


def test_program_killed_takes_its_worker_along(tmp_path: Path) -> None:
    with running("demo.dukcapil", tmp_path / "data", secret=DUKCAPIL_SECRET, size=100) as program:
        pid = program.process.pid
        (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        watch = os.pidfd_open(int(worker))
        program.process.kill()
        ended, _, _ = select.select([watch], [], [], 20)
        os.close(watch)
    assert ended == [watch]


def test_secret_is_readable_by_its_owner_only(dukcapil: Program) -> None:
    assert (dukcapil.data / "api_key").stat().st_mode & 0o777 == 0o600


def test_storage_every_query_finds_its_rows_by_index(dukcapil: Program) -> None:
    database, queries = dukcapil.data / "dukcapil.sqlite3", list[str]()
    storage = Storage(database)
    storage._database.set_trace_callback(queries.append)
    siti = storage.person(persona("siti").nik)
    assert siti is not None
    assert storage.card(siti["no_kk"])
    assert storage.members(siti["no_kk"])
    assert storage.somebody_else(siti["nik"]) != siti["nik"]
    assert storage.kia("3671-KIA-13062022-0003")
    storage._database.close()
    plain = sqlite3.connect(database)
    plans = [str(row[3]) for query in queries for row in plain.execute(f"EXPLAIN QUERY PLAN {query}")]
    plain.close()
    assert len(queries) == 5
    assert all(plan.startswith("SEARCH") for plan in plans), plans


def test_storage_birth_dates_of_the_story_are_written_day_first(dukcapil: Program) -> None:
    raka = member(dukcapil, persona("raka").nik)
    assert raka["tanggal_lahir"] == f"{date(2022, 3, 4):%d-%m-%Y}"
    assert raka["nama_lengkap"] == "RAKA PRATAMA"
