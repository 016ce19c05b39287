"""Interfaces: which OpenAPI documents are taken, and whether an answer keeps to its document."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu.directory.demo import DUKCAPIL, PORTAL
from terpadu.exchange.errors import InterfaceInvalid, InterfaceUnknown, PeerUnknown
from terpadu.exchange.models import Contract, Interface
from terpadu.exchange.public import interface_get, interface_list, interface_publish
from terpadu.exchange.rules.interfaces import (
    DocumentError,
    answer_schema,
    personal_parameters,
    read_operations,
    schema_at,
)
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu_wire.fields import select_fields
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.properties import FieldRules
from tests.exchange.world import change_at

BY = Actor.system("tests")
ROOT = Path(__file__).parents[2]
DOCUMENT: JsonValue = json.loads((ROOT / "demo/dukcapil/openapi.json").read_bytes())
MEMBER: dict[str, JsonValue] = {
    "nik": "3671010403220001",
    "urutan": 1,
    "nama_lengkap": "RAKA PRATAMA",
    "jenis_kelamin": "LAKI-LAKI",
    "tempat_lahir": "TANGERANG",
    "tanggal_lahir": "04-03-2022",
    "agama": "ISLAM",
    "pendidikan": "BELUM SEKOLAH",
    "jenis_pekerjaan": "BELUM BEKERJA",
    "golongan_darah": "O",
    "status_kawin": "BELUM KAWIN",
    "tanggal_kawin": None,
    "shdk": "ANAK",
    "kewarganegaraan": "WNI",
    "nik_ayah": "3671010211890002",
    "nama_ayah": "AHMAD FAUZI",
    "nik_ibu": "3671015406920003",
    "nama_ibu": "SITI RAHMAWATI",
    "nik_wali": None,
    "telepon": None,
    "no_akta_lahir": "3671-LU-11032022-0015",
    "nomor_kia": None,
    "kia_berlaku_hingga": None,
    "kia_aktif": False,
}
ANSWER: JsonValue = {
    "status": "00",
    "pesan": "SUKSES",
    "data": {
        "nik": "3671010403220001",
        "no_kk": "3671011807160004",
        "tanggal_terbit": "18-07-2016",
        "nama_kepala_keluarga": "AHMAD FAUZI",
        "alamat": "JL. KENANGA NO. 12",
        "rt": "003",
        "rw": "005",
        "kode_wilayah": "3671011007",
        "kelurahan": "SUKASARI",
        "kecamatan": "TANGERANG",
        "kabupaten_kota": "KOTA TANGERANG",
        "provinsi": "BANTEN",
        "kode_pos": "15118",
        "jumlah_anggota": 1,
        "anggota": [MEMBER],
    },
}
POINTERS = [
    "/status",
    "/data/no_kk",
    "/data/alamat",
    "/data/jumlah_anggota",
    *(f"/data/anggota/*/{name}" for name in MEMBER),
]


CHECKER = OpenApiChecker(DOCUMENT)


def _first_break(answer: JsonValue, *allowed: str) -> str:
    rules = FieldRules(allowed or ("",))
    broken = CHECKER.answer_break("cariKeluarga", status=200, body=answer, has_body=True, rules=rules)
    return broken.place if broken else "none"


def test_answer_break_whole_answer_of_the_demo_registry_keeps_to_its_document() -> None:
    assert _first_break(ANSWER) == "none"


@given(st.sets(st.sampled_from(POINTERS)))
def test_answer_break_what_the_filter_dropped_is_not_missed(allowed: set[str]) -> None:
    filtered, _ = select_fields(ANSWER, sorted(allowed))

    assert _first_break(filtered, *sorted(allowed or {"/nothing"})) == "none"


@given(st.sampled_from([pointer for pointer in POINTERS if "*" in pointer]))
def test_answer_break_allowed_but_missing_is_found(pointer: str) -> None:
    name = pointer.rsplit("/", 1)[-1]
    filtered, _ = select_fields(ANSWER, [other for other in POINTERS if other != pointer])

    assert _first_break(filtered, *POINTERS) == f"/data/anggota/0/{name}"


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("data", [], "/data"),
        ("data", None, "/data"),
        ("status", 0, "/status"),
        ("status", "ok", "/status"),
        ("data.no_kk", "123", "/data/no_kk"),
        ("data.jumlah_anggota", "1", "/data/jumlah_anggota"),
        ("data.jumlah_anggota", 0, "/data/jumlah_anggota"),
        ("data.jumlah_anggota", True, "/data/jumlah_anggota"),
        ("data.anggota", [], "/data/anggota"),
        ("data.anggota", {}, "/data/anggota"),
        ("data.anggota.0.jenis_kelamin", "LAIN", "/data/anggota/0/jenis_kelamin"),
        ("data.anggota.0.jenis_kelamin", None, "/data/anggota/0/jenis_kelamin"),
        ("data.anggota.0.kia_aktif", 1, "/data/anggota/0/kia_aktif"),
        ("data.anggota.0.tanggal_lahir", "2022-03-04", "/data/anggota/0/tanggal_lahir"),
        ("data.surprise", 1, "/data"),
    ],
)
def test_answer_break_names_the_place_and_no_value(path: str, value: JsonValue, place: str) -> None:
    assert _first_break(change_at(ANSWER, path, value)) == place


@pytest.mark.parametrize("answer", [None, [], "text", 1, True, {"hasil": []}])
def test_answer_break_anything_else_is_found(answer: JsonValue) -> None:
    assert _first_break(answer) != "none"


def test_read_operations_of_the_demo_registry() -> None:
    found = {operation.id: (operation.method, operation.path) for operation in read_operations(DOCUMENT)}
    schema = answer_schema(DOCUMENT, "cariKeluarga")

    assert found["cariKeluarga"] == ("POST", "/v1/keluarga/cari")
    assert schema is not None
    assert schema_at(schema, "/data/anggota/*/agama", document=DOCUMENT) is not None
    assert schema_at(schema, "/data/anggota/agama", document=DOCUMENT) is None


@pytest.mark.parametrize("reference", ["#/nowhere", "https://evil.test/schema.json", "#/a"])
def test_schema_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    document: JsonValue = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}

    with pytest.raises(DocumentError):
        schema_at({"$ref": reference}, "/x", document=document)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"in": "query", "name": "nik"}, ["query nik"]),
        ({"in": "path", "name": "NIK"}, ["path NIK"]),
        ({"in": "query", "name": "no-kk"}, ["query no-kk"]),
        ({"in": "query", "name": "q", "schema": {"format": "nik"}}, ["query q"]),
        ({"in": "query", "name": "q", "x-personal": True}, ["query q"]),
        ({"$ref": "#/components/parameters/Nik"}, ["path nik"]),
        ({"in": "header", "name": "nik"}, []),
        ({"in": "query", "name": "halaman"}, []),
        ({"in": "path", "name": "kode_wilayah"}, []),
    ],
)
def test_personal_parameters_are_found_by_name_mark_and_reference(
    parameter: dict[str, JsonValue], expected: list[str]
) -> None:
    for place in ("item", "operation"):
        operation: dict[str, JsonValue] = {"operationId": "x", "responses": {}}
        item: dict[str, JsonValue] = {"get": operation}
        (item if place == "item" else operation)["parameters"] = [parameter]
        document: JsonValue = {
            "paths": {"/x": item},
            "components": {"parameters": {"Nik": {"in": "path", "name": "nik"}}},
        }
        assert personal_parameters(document, "x") == expected


def _publish(openapi: bytes, *, agency_code: str = DUKCAPIL, name: str = "baru", by: Actor = BY) -> None:
    interface_publish(agency_code, name=name, openapi=openapi, directory_code=PORTAL, by=by)


@pytest.mark.django_db
def test_interface_publish_stands_in_the_directory(country: Path) -> None:
    interface = interface_get(f"{DUKCAPIL}/kependudukan")

    assert interface.service == "00000002/kependudukan"
    assert interface == interface_get("00000002/kependudukan")
    assert interface.operation("verifikasiPenduduk").path == "/v1/penduduk/verifikasi"
    assert sorted(one.name for one in interface_list() if one.peer_id == "00000002") == [
        "akta-kelahiran",
        "kependudukan",
        "peristiwa",
    ]
    with pytest.raises(InterfaceUnknown):
        interface.operation("unknown")
    with pytest.raises(InterfaceUnknown):
        interface_get("nobody/nothing")


@pytest.mark.django_db
def test_interface_publish_same_document_again_changes_nothing(country: Path) -> None:
    before = Contract.objects.count()

    _publish(json.dumps(DOCUMENT).encode(), name="baru")
    _publish(json.dumps(DOCUMENT).encode(), name="baru")

    assert Contract.objects.count() == before + 1


@pytest.mark.django_db
def test_interface_publish_new_version_is_announced_anew(country: Path) -> None:
    _publish(json.dumps(DOCUMENT).encode())
    changed = change_at(DOCUMENT, "info.version", "2.0.0")

    _publish(json.dumps(changed).encode())

    assert json.loads(Interface.objects.get(name="baru").openapi)["info"]["version"] == "2.0.0"
    assert Contract.objects.filter(grants__service="baru").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (b"", "json.invalid"),
        (b"\xff\xfe", "json.invalid"),
        (b'{"openapi": "3.0.3", "openapi": "3.0.3"}', "json.duplicate_key"),
        (b"[]", "interface.version"),
        (b'{"openapi": "2.0"}', "interface.version"),
        (b'{"openapi": "3.0.3", "paths": {}}', "interface.empty"),
        (b'{"openapi": "3.0.3", "paths": {"/a": {"get": {}}}}', "interface.operation_id"),
        (b"[" * 100_000, "json.invalid"),
        (b" " * (1024 * 1024 + 1), "interface.too_large"),
    ],
)
def test_interface_publish_unusable_document_is_refused(country: Path, change: bytes, reason: str) -> None:
    with pytest.raises(InterfaceInvalid) as refused:
        _publish(change)

    assert refused.value.reason.startswith(reason)


@pytest.mark.django_db
def test_interface_publish_duplicate_operation_is_refused(country: Path) -> None:
    document = copy.deepcopy(DOCUMENT)
    path = "paths./v1/kia/catat.post.operationId"
    assert isinstance(document, dict)
    paths = document["paths"]
    assert isinstance(paths, dict), path
    doubled = change_at(paths["/v1/kia/catat"], "post.operationId", "cariKeluarga")
    paths["/v1/kia/catat"] = doubled

    with pytest.raises(InterfaceInvalid) as refused:
        _publish(json.dumps(document).encode())
    assert refused.value.reason.startswith("interface.duplicate")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "schema", [{"type": "nothing"}, {"pattern": "("}, {"$ref": "https://evil.test/x.json"}]
)
def test_interface_publish_schema_that_cannot_be_held_to_is_refused(
    country: Path, schema: dict[str, JsonValue]
) -> None:
    document = change_at(DOCUMENT, "components.schemas.Keluarga.properties.rt", schema)

    with pytest.raises(InterfaceInvalid) as refused:
        _publish(json.dumps(document).encode())
    assert refused.value.reason == "openapi.invalid"


@pytest.mark.django_db
def test_interface_publish_for_another_agency_is_refused(country: Path) -> None:
    officer = Actor.officer(uuid7(), agency=PORTAL, position=str(uuid7()))

    with pytest.raises(NotAllowed):
        _publish(json.dumps(DOCUMENT).encode(), by=officer)
    with pytest.raises(PeerUnknown):
        _publish(json.dumps(DOCUMENT).encode(), agency_code="nobody")


@pytest.mark.django_db
def test_interface_publish_by_the_agencys_officer_needs_no_one_else(country: Path) -> None:
    officer = Actor.officer(uuid7(), agency=DUKCAPIL, position=str(uuid7()))

    _publish(json.dumps(DOCUMENT).encode(), by=officer)

    assert interface_get(f"{DUKCAPIL}/baru").title
