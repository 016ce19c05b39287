"""Schemas of documents as they are really written: what is made of them is never stricter than what was written."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu.exchange.rules.importing import Imported, import_document
from terpadu.exchange.rules.interfaces import (
    answer_schema,
    operation_in,
    personal_parameters,
    read_operations,
)
from terpadu.exchange.rules.loosening import list_of, object_of
from terpadu.exchange.rules.samples import sample_of
from terpadu_wire.openapi import OpenApiChecker

X: JsonValue = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
REF: JsonValue = {"$ref": "#/components/schemas/X"}
NULL: JsonValue = {"type": "null"}


def _imported(schema: JsonValue, version: str = "3.1.0", /, **components: JsonValue) -> Imported:
    answer: JsonValue = {"200": {"description": "x", "content": {"application/json": {"schema": schema}}}}
    paths: JsonValue = {"/x": {"get": {"operationId": "baca", "responses": answer}}}
    return import_document(
        {"openapi": version, "info": {}, "paths": paths, "components": {"schemas": components}}
    )


def _break(imported: Imported, body: JsonValue) -> str:
    found = OpenApiChecker(imported.document).answer_break("baca", status=200, body=body, has_body=True)
    return str(found or "")


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"anyOf": [REF, NULL]}, None),
        ({"type": "object", "properties": {"p": {"oneOf": [REF, NULL]}}}, {"p": None}),
        ({"oneOf": [{"type": "string"}, X]}, "text"),
        ({"oneOf": [{"type": "array", "items": REF}, REF]}, [{"a": "b"}]),
        ({"oneOf": [X, {"type": "object", "properties": {"a": {"type": "integer"}}}]}, {"a": "b"}),
        ({"oneOf": [X, {"type": "object", "properties": {"a": {"type": "integer"}}}]}, {"a": 1}),
        ({"anyOf": [X, {"type": ["object", "null"], "properties": {"b": {}}}]}, None),
        ({"type": ["object", "null"], "allOf": [{"properties": {"b": {}}}]}, None),
        ({"type": "string", "enum": ["a"], "required": True}, "a"),
        ({"type": "file"}, "a"),
        ({"type": "string", "pattern": "[a-z"}, "a"),
        ({"type": "string", "minLength": "3"}, "a"),
        ({"$ref": "#/components/schemas/Page%3CX%3E"}, {"a": "b"}),
        ({"$ref": "#/components/schemas/Page<X>"}, {"a": "b"}),
        ({"$ref": "#/components/schemas/Page«X»"}, {"a": "b"}),
        ({"$ref": "#/components/schemas/X/properties/a"}, "b"),
        ({"$ref": "#/components/schemas/Animal"}, {"bark": True}),
    ],
)
def test_answer_that_keeps_to_a_document_keeps_to_what_is_made_of_it(
    schema: JsonValue, body: JsonValue
) -> None:
    animal: JsonValue = {"oneOf": [{"$ref": "#/components/schemas/Dog"}, REF]}
    dog: JsonValue = {
        "allOf": [{"$ref": "#/components/schemas/Animal"}, {"type": "object", "properties": {"bark": {}}}]
    }
    names: dict[str, JsonValue] = {"X": X, "Page<X>": REF, "Page«X»": REF, "Animal": animal, "Dog": dog}

    assert _break(_imported(schema, **names), body) == ""


def test_reference_of_3_0_that_says_nullable_beside_it_takes_null() -> None:
    schema: JsonValue = {"type": "object", "properties": {"p": {"allOf": [REF], "nullable": True}}}

    imported = _imported(schema, "3.0.3", X=X)

    assert _break(imported, {"p": None}) == ""
    assert _break(imported, {"p": {}}) == "answer /p/a: required"


_LEAVES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        *({"type": kind} for kind in ("string", "integer", "boolean", "null")),
        {"type": ["string", "null"]},
        {"enum": ["a", None]},
        {"const": "b"},
        {"type": "integer", "exclusiveMinimum": 1},
        {},
    ]
)


def _closed(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


_SCHEMAS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _LEAVES,
    lambda inner: (
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(_closed)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"oneOf": parts})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts})
        | st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"allOf": parts})
        | inner.map(lambda one: {"type": "array", "items": one})
    ),
    max_leaves=6,
)
_VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.sampled_from([None, True, 1, 2, "a", "b"]),
    lambda inner: st.dictionaries(st.sampled_from("ab"), inner, max_size=2) | st.lists(inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300)
@given(schema=_SCHEMAS, body=_VALUES)
def test_nothing_is_tightened_whatever_is_combined(schema: dict[str, Any], body: JsonValue) -> None:
    if jsonschema_rs.Draft202012Validator(schema).is_valid(body):
        assert _break(_imported(schema), body) == ""


def test_sample_is_the_example_of_the_whole_and_never_of_a_part() -> None:
    part: JsonValue = {"type": "object", "properties": {"b": {"type": "integer"}}, "example": {"b": 7}}
    imported = _imported({"allOf": [REF, part]}, "3.0.3", X=X)
    whole = _imported({"allOf": [REF, part], "example": {"a": "q", "b": 1}}, "3.0.3", X=X)

    def sample(one: Imported) -> JsonValue:
        return sample_of(answer_schema(one.document, "baca") or {}, document=one.document)

    assert sample(imported) == {"a": "contoh", "b": 1}
    assert sample(whole) == {"a": "q", "b": 1}


def _paths(paths: JsonValue) -> Imported:
    found = import_document({"openapi": "3.0.1", "info": {}, "paths": paths})
    OpenApiChecker(orjson.loads(orjson.dumps(found.document)))
    return found


def test_paths_that_no_contract_can_name_are_left_out_and_told() -> None:
    imported = _paths(
        {
            "/a/": {"get": {"operationId": "a", "responses": {}}},
            "/b/{id}.{ext}": {"get": {"operationId": "b", "responses": {}}},
            "/Izin({key})": {"get": {"operationId": "c", "responses": {}}},
        }
    )

    assert [one.path for one in read_operations(imported.document)] == ["/a/"]
    assert [note for note in imported.notes if "no contract can name this path" in note] == [
        "get /b/{id}.{ext}: left out, no contract can name this path",
        "get /Izin({key}): left out, no contract can name this path",
    ]


def test_two_parameters_of_one_path_keep_two_names() -> None:
    listed: JsonValue = [{"name": name, "in": "path", "schema": {}} for name in ("id1", "id2")]
    imported = _paths(
        {"/a/{id1}/{id2}": {"get": {"operationId": "g", "parameters": listed, "responses": {}}}}
    )

    assert [one.path for one in read_operations(imported.document)] == ["/a/{id}/{id_b}"]
    assert _parameters(imported, "g") == [("path", "id"), ("path", "id_b")]


def test_paths_that_become_the_same_keep_all_their_operations() -> None:
    imported = _paths(
        {
            "/a/{userId}": {"get": {"operationId": "g", "responses": {}}},
            "/a/{user_id}": {"post": {"operationId": "p", "responses": {}}},
        }
    )

    assert [one.id for one in read_operations(imported.document)] == ["g", "p"]


def test_operation_that_has_an_id_keeps_it_before_one_that_gets_it_made() -> None:
    imported = _paths(
        {"/izin": {"get": {"responses": {}}, "post": {"operationId": "getIzin", "responses": {}}}}
    )

    assert [one.id for one in read_operations(imported.document)] == ["getIzin2", "getIzin"]


def test_parameter_of_an_operation_counts_before_that_of_its_path() -> None:
    own: JsonValue = {"name": "q", "in": "query", "schema": {"type": "string"}, "x-personal": True}
    common: JsonValue = [{"name": "q", "in": "query", "required": True, "schema": {"type": "integer"}}]
    operation: JsonValue = {"operationId": "g", "parameters": [own], "responses": {}}
    imported = _paths({"/a": {"parameters": common, "get": operation}})

    assert _parameters(imported, "g") == [("query", "q")]
    assert personal_parameters(imported.document, "g") == ["query q"]


def test_body_of_which_nothing_is_json_is_not_demanded() -> None:
    form: JsonValue = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": {}}}}
    imported = _paths({"/a": {"post": {"operationId": "p", "requestBody": form, "responses": {}}}})
    checker = OpenApiChecker(imported.document)

    assert checker.request_break("p", path="/a", query=(), body=None, has_body=False) is None


def _parameters(imported: Imported, operation_id: str) -> list[tuple[JsonValue, JsonValue]]:
    _, raw = operation_in(imported.document, operation_id)
    found = [object_of(one) for one in list_of(raw.get("parameters"))]
    return [(one["in"], one["name"]) for one in found]
