"""The desk of a door: what a request must be like before the system behind hears of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import jsonschema_rs
import orjson
from pydantic import JsonValue

from terpadu_doors.problems import DoorProblem
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

MAX_BODY = 1 << 20
JsonObject: TypeAlias = dict[str, JsonValue]
Handler: TypeAlias = Callable[[JsonObject], JsonValue]


@dataclass(frozen=True, slots=True)
class Question:
    """A request to a door: path below the door, headers by lower-case name, query without "?"."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answers."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class DoorProgram(Protocol):
    """One door at work. Its methods block, so the server runs them in threads."""

    def answer(self, question: Question) -> Reply:
        """Return the system's answer. Raises DoorProblem."""

    def close(self) -> None:
        """Let go of connections and files."""


class JsonDesk:
    """The operations of a door that take and give JSON by POST, as its OpenAPI document says.

    Args:
        document: the OpenAPI document, 3.0.
        handlers: by operationId; an operation without one is not this desk's.
    """

    def __init__(self, document: JsonObject, handlers: Mapping[str, Handler]) -> None:
        self._document = orjson.dumps(document)
        self._operations = {
            path: (_validator(raw, document), handlers[operation_id])
            for path, operation_id, raw in _operations(document)
            if operation_id in handlers
        }

    def answer(self, question: Question) -> Reply:
        """Return the handler's answer to a request that keeps to the document.

        Raises:
            DoorProblem: the request is not one of the document's, or the system has no answer.
        """
        if question.path == "/openapi.json" and question.method == "GET":
            return Reply(200, {"content-type": "application/json"}, self._document)
        known = self._operations.get(question.path)
        if known is None:
            raise DoorProblem("door.operation_unknown")
        if question.method != "POST":
            raise DoorProblem("door.method_refused")
        validator, handler = known
        asked = _asked(question)
        if not validator.is_valid(asked):
            raise DoorProblem("door.body_invalid", _place(validator, asked))
        return json_reply(handler(asked))


def json_reply(value: JsonValue) -> Reply:
    """Return a JSON value as an answer.

    Raises:
        DoorProblem: ``door.answer_garbled``; the value cannot be written.
    """
    try:
        return Reply(200, {"content-type": "application/json"}, orjson.dumps(value))
    except orjson.JSONEncodeError as error:
        raise DoorProblem("door.answer_garbled") from error


def _asked(question: Question) -> JsonObject:
    essence = question.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence != "application/json":
        raise DoorProblem("door.media_type")
    try:
        value = parse_json(question.body)
    except JsonError as error:
        raise DoorProblem("door.body_invalid", error.reason) from error
    if not isinstance(value, dict):
        raise DoorProblem("door.body_invalid", "the body must be a JSON object")
    return value


def _place(validator: jsonschema_rs.Validator, asked: JsonObject) -> str:
    """Return where a body first breaks its schema; the values stay out of it."""
    error = next(iter(validator.iter_errors(asked)))
    place = "/".join(str(step) for step in error.instance_path)
    rule = "/".join(str(step) for step in error.schema_path)
    return f"/{place} breaks {rule}"[:300]


def _operations(document: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    for path in _object(document, "paths"):
        raw = _object(document, "paths", path, "post")
        yield path, str(raw["operationId"]), raw


def _validator(raw: JsonObject, document: JsonObject) -> jsonschema_rs.Validator:
    schema = _object(raw, "requestBody", "content", "application/json", "schema")
    # References of a document begin at its root, so the components go along.
    whole = schema | {"components": _object(document, "components")}
    return jsonschema_rs.validator_for(orjson.dumps(as_json_schema(whole)).decode())


def _object(value: JsonValue, *steps: str) -> JsonObject:
    """Return the object that steps lead to; our own documents have one there."""
    for step in steps:
        value = value[step] if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def as_json_schema(schema: JsonValue) -> JsonValue:
    """Return an OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type."""
    if isinstance(schema, list):
        return [as_json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: as_json_schema(member) for name, member in schema.items() if name != "nullable"}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        plain["type"] = [schema["type"], "null"]
    return plain
