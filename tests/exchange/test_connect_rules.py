"""Taking in somebody else's OpenAPI document; TOML texts; sample bodies."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from ruamel.yaml import YAML

from terpadu.exchange.rules.importing import import_document
from terpadu.exchange.rules.interfaces import DocumentError, answer_schema, read_operations
from terpadu.exchange.rules.samples import open_pointers, request_schema, sample_of
from terpadu.exchange.rules.toml import toml_lines

SCHOOLS = Path(__file__).parents[2] / "demo" / "sekolah" / "openapi.yaml"


def _document(schema: JsonValue, *, version: str = "3.1.0", **components: JsonValue) -> JsonValue:
    answer: JsonValue = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
    operation: JsonValue = {"operationId": "baca", "responses": answer}
    return {
        "openapi": version,
        "info": {},
        "paths": {"/x": {"post": operation}},
        "components": {"schemas": components},
    }


def _answer(schema: JsonValue, **components: JsonValue) -> JsonValue:
    imported = import_document(_document(schema, **components))
    return answer_schema(imported.document, "baca")


def test_document_of_the_school_registry_becomes_one_that_contracts_can_use() -> None:
    imported = import_document(YAML(typ="safe", pure=True).load(SCHOOLS.read_bytes()))

    first, second = read_operations(imported.document)
    assert (first.id, first.path) == ("cariPesertaDidik", "/v2/peserta-didik/cari")
    assert second.path == "/v2/satuan-pendidikan/{npsn_sekolah}"
    assert imported.sign_in == ("header X-Kunci-Aplikasi",)
    assert any("had no operationId" in note for note in imported.notes)
    schema = answer_schema(imported.document, "cariPesertaDidik")
    assert schema is not None
    assert open_pointers(schema, document=imported.document)[:2] == ["/nik", "/nisn"]
    asked = request_schema(imported.document, "cariPesertaDidik")
    assert asked is not None
    assert sample_of(asked, document=imported.document) == {"nik": "3671016005170002"}


def test_pattern_that_would_hold_a_gateway_up_is_left_out_and_told() -> None:
    imported = import_document(_document({"type": "string", "pattern": "(?=a)(a+)+$", "maxLength": 9}))

    assert answer_schema(imported.document, "baca") == {"type": "string", "maxLength": 9}
    assert [note for note in imported.notes if note.startswith("pattern")]


@pytest.mark.parametrize(
    ("schema", "becomes"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {}),
        ({"const": "A"}, {"enum": ["A"]}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 0}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string", "nullable": True}),
        ({"type": "string", "not": {"const": "x"}, "x-own": 1}, {"type": "string"}),
        (True, {}),
        ({"type": "array"}, {"type": "array", "items": {}}),
    ],
)
def test_schema_of_3_1_says_the_same_or_less_in_3_0(schema: JsonValue, becomes: JsonValue) -> None:
    assert _answer({"type": "object", "properties": {"a": schema}}) == {
        "type": "object",
        "properties": {"a": becomes},
    }


def test_parts_that_hold_together_are_merged_and_choices_are_loosened() -> None:
    person: JsonValue = {"type": "object", "properties": {"nik": {"type": "string"}}, "required": ["nik"]}
    both = _answer({"allOf": [{"$ref": "#/components/schemas/P"}, {"properties": {"b": {}}}]}, P=person)
    either = _answer({"oneOf": [{"$ref": "#/components/schemas/P"}, {"properties": {"c": {}}}]}, P=person)

    assert both == {"type": "object", "properties": {"nik": {"type": "string"}, "b": {}}, "required": ["nik"]}
    assert either == {"properties": {"nik": {"type": "string"}, "c": {}}}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({}, "interface.version"),
        ({"swagger": "2.0"}, "interface.version: the document is Swagger 2.0; convert it"),
        ({"openapi": "4.0.0"}, "interface.version"),
        ([], "interface.version"),
        (_document({"$ref": "http://169.254.169.254/x#/a"}), "interface.reference"),
        (_document({"$ref": "file:///etc/passwd"}), "interface.reference"),
        (_document({"$ref": "#/components/schemas/Nowhere"}), "interface.reference"),
        (
            _document({"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"}),
            "interface.reference",
        ),
    ],
)
def test_documents_that_lead_outside_or_nowhere_are_refused(value: JsonValue, code: str) -> None:
    with pytest.raises(DocumentError, match=code):
        import_document(value)


def test_schema_that_multiplies_without_end_is_refused() -> None:
    components: dict[str, JsonValue] = {"A0": {"type": "string"}}
    for number in range(1, 30):
        below: JsonValue = {"$ref": f"#/components/schemas/A{number - 1}"}
        components[f"A{number}"] = {"allOf": [below, below]}

    with pytest.raises(DocumentError, match=r"interface\.too_large"):
        import_document(_document({"$ref": "#/components/schemas/A29"}, **components))


def test_recursive_schema_stays_a_reference() -> None:
    tree: JsonValue = {
        "type": "object",
        "properties": {"anak": {"type": "array", "items": {"$ref": "#/components/schemas/T"}}},
    }

    assert _answer({"$ref": "#/components/schemas/T"}, T=tree) == {"$ref": "#/components/schemas/T"}


def test_operations_with_the_same_id_get_one_each() -> None:
    answer: JsonValue = {"200": {"description": "x"}}
    paths: JsonValue = {
        "/a": {
            "get": {"operationId": "x", "responses": answer},
            "post": {"operationId": "x", "responses": answer},
        }
    }

    imported = import_document({"openapi": "3.0.1", "info": {}, "paths": paths})

    assert [one.id for one in read_operations(imported.document)] == ["x", "postA"]


_KEYS = st.text(min_size=1, max_size=8)
_VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(members=st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_toml_reads_back_as_what_was_written(members: dict[str, object]) -> None:
    assert tomllib.loads("\n".join(toml_lines(members))) == members
