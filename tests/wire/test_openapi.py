"""The shared OpenAPI checker: both versions, both directions, filtered answers, hostile documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.errors import OpenApiError
from terpadu_wire.fields import apply_fields
from terpadu_wire.openapi import OpenApiChecker
from terpadu_wire.properties import FieldRules
from tests.wire.test_patterns import ended_after

PERSON_30: JsonValue = {
    "type": "object",
    "required": ["nik", "nama", "alamat", "anggota"],
    "additionalProperties": False,
    "properties": {
        "nik": {"type": "string", "pattern": "^[0-9]{16}$"},
        "nama": {"type": "string", "minLength": 1},
        "nullable": {"type": "string", "nullable": True},
        "tanggal": {"type": "string", "format": "date", "nullable": True},
        "umur": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        "jk": {"type": "string", "nullable": True, "enum": ["L", "P"]},
        "alamat": {"$ref": "#/components/schemas/Alamat", "description": "beside"},
        "anggota": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Alamat"}},
    },
}
VALUE: dict[str, JsonValue] = {
    "nik": "3671014506900001",
    "nama": "SITI",
    "nullable": None,
    "tanggal": None,
    "umur": 1,
    "jk": None,
    "alamat": {"jalan": "X", "rt": "001"},
    "anggota": [{"jalan": "X", "rt": "001"}],
}


def document(version: str = "3.0.3", **changes: JsonValue) -> JsonValue:
    person = dict(PERSON_30) if isinstance(PERSON_30, dict) else {}
    if version.startswith("3.1"):
        person["properties"] = {"nik": {"type": "string"}, "umur": {"type": ["integer", "null"]}}
        person["required"] = ["nik"]
        person["additionalProperties"] = True
    schemas: dict[str, JsonValue] = {
        "Person": person,
        "Alamat": {
            "type": "object",
            "required": ["jalan", "rt"],
            "properties": {"jalan": {"type": "string"}, "rt": {"type": "string", "pattern": "^[0-9]{3}$"}},
        },
        "Ask": {"type": "object", "required": ["nik"], "properties": {"nik": {"type": "string"}}},
    }
    operation: dict[str, JsonValue] = {
        "operationId": "cari",
        "parameters": [
            {"name": "halaman", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1}},
            {"name": "kode", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ask"}}},
        },
        "responses": {
            "200": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}},
            },
            "4XX": {},
        },
    }
    return {
        "openapi": version,
        "paths": {"/orang/{kode}": {"post": operation | changes}},
        "components": {"schemas": schemas},
    }


CHECKER = OpenApiChecker(document())


def answer(value: JsonValue, rules: FieldRules | None = None) -> str:
    broken = CHECKER.answer_break("cari", status=200, body=value, has_body=True, rules=rules)
    return str(broken) if broken else ""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({}, ""),
        ({"tanggal": "2026-11-21", "jk": "P"}, ""),
        ({"nama": None}, "answer /nama: type"),
        ({"nik": "x"}, "answer /nik: pattern"),
        ({"tanggal": "2026-13-01"}, "answer /tanggal: format"),
        ({"umur": 0}, "answer /umur: exclusiveMinimum"),
        ({"jk": "X"}, "answer /jk: enum"),
        ({"baru": 1}, "answer /: additionalProperties"),
        ({"alamat": {"jalan": "X", "rt": "1"}}, "answer /alamat/rt: pattern"),
        ({"alamat": {"jalan": "X"}}, "answer /alamat/rt: required"),
        ({"anggota": []}, "answer /anggota: minItems"),
        ({"anggota": [{"jalan": "X", "rt": "001"}, 5]}, "answer /anggota/1: type"),
    ],
)
def test_answer_break_names_place_and_keyword_and_no_value(change: dict[str, JsonValue], place: str) -> None:
    assert answer(VALUE | change) == place


@pytest.mark.parametrize(
    ("status", "has_body", "expected"),
    [(200, False, "answer /: content"), (404, True, ""), (404, False, ""), (500, True, "answer /: status")],
)
def test_answer_break_looks_at_the_status(status: int, has_body: bool, expected: str) -> None:
    found = CHECKER.answer_break("cari", status=status, body=None, has_body=has_body)
    assert (str(found) if found else "") == expected
    assert str(CHECKER.answer_break("lain", status=200, body=None, has_body=True)) == "answer /: operationId"


@pytest.mark.parametrize(
    ("path", "query", "body", "has_body", "expected"),
    [
        ("/orang/abc", [("halaman", "1")], {"nik": "1"}, True, ""),
        ("/orang/abc", [("halaman", "0")], {"nik": "1"}, True, "query halaman /: schema"),
        ("/orang/abc", [("halaman", "x")], {"nik": "1"}, True, "query halaman /: schema"),
        ("/orang/abc", [], {"nik": "1"}, True, "query halaman /: required"),
        ("/orang/abcd", [("halaman", "1")], {"nik": "1"}, True, "path kode /: schema"),
        ("/orang/abc", [("halaman", "1")], None, False, "request /: requestBody"),
        ("/orang/abc", [("halaman", "1")], {}, True, "request /nik: required"),
        ("/orang/abc", [("halaman", "1")], {"nik": 1}, True, "request /nik: type"),
    ],
)
def test_request_break_table(
    path: str, query: list[tuple[str, str]], body: JsonValue, has_body: bool, expected: str
) -> None:
    found = CHECKER.request_break("cari", path=path, query=query, body=body, has_body=has_body)
    assert (str(found) if found else "") == expected


def test_openapi_31_reads_types_as_lists() -> None:
    checker = OpenApiChecker(document("3.1.0"))
    good: JsonValue = {"nik": "1", "umur": None}
    bad: JsonValue = {"nik": "1", "umur": "x"}
    assert checker.answer_break("cari", status=200, body=good, has_body=True) is None
    assert str(checker.answer_break("cari", status=200, body=bad, has_body=True)) == "answer /umur: type"


FLAT: JsonValue = {
    "openapi": "3.0.0",
    "paths": {
        "/x": {
            "get": {
                "operationId": "x",
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["a", "b", "l"],
                                    "minProperties": 3,
                                    "properties": {
                                        "a": {"type": "string", "pattern": "^[0-9]{4}$"},
                                        "b": {"type": "integer"},
                                        "l": {
                                            "type": "array",
                                            "items": {"type": "object", "required": ["c", "d"]},
                                        },
                                    },
                                }
                            }
                        }
                    }
                },
            }
        }
    },
}
FLAT_VALUE: JsonValue = {"a": "1234", "b": 5, "l": [{"c": 1, "d": 2}, {"c": 3, "d": 4}]}
POINTERS = ["/a", "/b", "/l", "/l/*/c", "/l/*/d", ""]


@given(
    st.lists(st.sampled_from(POINTERS), max_size=3),
    st.dictionaries(st.sampled_from(POINTERS[:5]), st.integers(0, 4), max_size=2),
    st.lists(st.sampled_from(POINTERS[:5]), max_size=2),
    st.lists(st.sampled_from(POINTERS[:5]), max_size=2),
)
def test_answer_break_never_blames_what_the_field_rules_did(
    allow: list[str], mask: dict[str, int], hashes: list[str], drop: list[str]
) -> None:
    rules = FieldRules(tuple(allow), mask, tuple(hashes), tuple(drop))
    kept, _ = apply_fields(FLAT_VALUE, rules, hash_key=b"k" * 32)
    if kept is None:
        return
    found = OpenApiChecker(FLAT).answer_break("x", status=200, body=kept, has_body=True, rules=rules)
    assert found is None, (str(found), kept)


@given(st.sampled_from(["/a", "/b", "/l/*/c"]))
def test_answer_break_still_sees_what_is_missing_though_allowed(pointer: str) -> None:
    rules = FieldRules(("",), drop=(pointer,))
    kept, _ = apply_fields(FLAT_VALUE, rules, hash_key=b"")
    found = OpenApiChecker(FLAT).answer_break(
        "x", status=200, body=kept, has_body=True, rules=FieldRules(("",))
    )
    assert found is not None and found.keyword in ("required", "minProperties")


@pytest.mark.parametrize(
    "change",
    [
        {"openapi": "2.0"},
        {"openapi": "4.0.0"},
        {
            "paths": {
                "/x": {"get": {"operationId": "x", "responses": {"200": {"$ref": "http://127.0.0.1:1/x"}}}}
            }
        },
        {"paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"$ref": "#/nowhere"}}}}}},
        {"components": {"schemas": {"Ask": {"type": "nothing"}, "Person": {}, "Alamat": {}}}},
        {"components": {"schemas": {"Ask": {"pattern": "("}, "Person": {}, "Alamat": {}}}},
        {"components": {"schemas": {"Ask": {"$ref": "file:///etc/passwd"}, "Person": {}, "Alamat": {}}}},
        {"components": {"schemas": {}}},
    ],
)
def test_openapi_checker_refuses_what_it_cannot_hold_to(change: dict[str, JsonValue]) -> None:
    made = document()
    assert isinstance(made, dict)
    with pytest.raises(OpenApiError):
        OpenApiChecker(made | change)
    with pytest.raises(OpenApiError):
        OpenApiChecker([])


@pytest.mark.parametrize(
    ("pattern", "breaks"),
    [
        ("^(?=(a+)+$)(a+)+b$", False),
        ("(?=a)(.{0,100}){0,100}x", False),
        ("(.{0,100}){0,100}x", False),
        (r"^(a)\1$", False),
        ("^(a+)+b$", True),
        ("^.{1,200}$", True),
    ],
)
def test_openapi_pattern_is_decided_in_one_pass_or_not_looked_at(pattern: str, *, breaks: bool) -> None:
    made = document()
    assert isinstance(made, dict)
    schemas: JsonValue = {"Ask": {"pattern": pattern, "type": "string"}, "Person": {}, "Alamat": {}}
    checker = OpenApiChecker(made | {"components": {"schemas": schemas}})

    with ended_after(seconds=20):
        found = checker.request_break(
            "cari", path="/orang/a", query=[("halaman", "1")], body="a" * 2_000 + "c", has_body=True
        )

    assert (found is not None) is breaks
    assert checker.request_break("cari", path="/orang/a", query=[("halaman", "1")], body=1, has_body=True)


def test_lists_and_objects_in_an_address_are_not_held_against_one_text() -> None:
    listed: JsonValue = {"type": "array", "items": {"type": "string", "enum": ["aktif", "cabut"]}}
    parameters: JsonValue = [
        {"name": "status", "in": "query", "required": True, "schema": listed},
        {
            "name": "filter",
            "in": "query",
            "required": True,
            "style": "deepObject",
            "schema": {"type": "object"},
        },
        {"name": "q", "in": "query", "schema": {"type": "string"}},
    ]
    whole: JsonValue = [{"name": "q", "in": "query", "required": True, "schema": {"type": "integer"}}]
    operation: JsonValue = {"operationId": "cari", "parameters": parameters, "responses": {}}
    checker = OpenApiChecker({"openapi": "3.0.3", "paths": {"/x": {"parameters": whole, "get": operation}}})

    def broken(*query: tuple[str, str]) -> str:
        return str(checker.request_break("cari", path="/x", query=query, body=None, has_body=False) or "")

    assert broken(("status", "aktif"), ("status", "cabut"), ("filter[a]", "b"), ("q", "text")) == ""
    assert broken(("filter[a]", "b")) == "query status /: required"
