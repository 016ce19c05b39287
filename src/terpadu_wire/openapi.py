"""Holds requests and answers against an interface's OpenAPI document (3.0 or 3.1), with validators compiled once.

OpenAPI 3.1 schemas are JSON Schema 2020-12. Those of 3.0 are turned into it first: ``nullable`` becomes a further type,
boolean ``exclusiveMinimum`` and ``exclusiveMaximum`` become numbers, and what stands beside a ``$ref`` counts for
nothing. References lead inside the document alone; nothing is ever fetched. A break is reported as a place and the
keyword that it breaks, never as a value.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import jsonschema_rs
from pydantic import JsonValue

from terpadu_wire.errors import OpenApiError
from terpadu_wire.fields import split_pointer
from terpadu_wire.patterns import IN_DOCUMENTS, JsonObject, without_slow_patterns
from terpadu_wire.properties import FieldRules

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DOCUMENT = "urn:terpadu:openapi"
_VERSION = re.compile(r"3\.[01]\.\d+")
_JSON = re.compile(r"application/(json|[a-z0-9.+-]+\+json)", re.IGNORECASE)
_BRACES = re.compile(r"\{[^}]*\}")
_MAX_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Break:
    """Where a message breaks its document: part (``request``, ``answer``, ``query halaman``), place, keyword."""

    part: str
    place: str
    keyword: str

    def __str__(self) -> str:
        return f"{self.part} {self.place or '/'}: {self.keyword}"


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One parameter of an address. validator: None for lists and objects, which documents write in too many ways."""

    name: str
    where: str
    is_required: bool
    types: frozenset[str]
    validator: jsonschema_rs.Draft202012Validator | None


@dataclass(frozen=True, slots=True)
class _Operation:
    parameters: tuple[_Parameter, ...]
    path: re.Pattern[str]
    path_names: tuple[str, ...]
    body: jsonschema_rs.Draft202012Validator | None
    is_body_required: bool
    answers: dict[str, jsonschema_rs.Draft202012Validator | None]


class OpenApiChecker:
    """The compiled validators of one document.

    Args:
        document: the OpenAPI document, as strict JSON.

    Raises:
        OpenApiError: code ``openapi.invalid``; the document is of another version, a schema is none, or a reference
            leads nowhere or outside the document.
    """

    def __init__(self, document: JsonValue) -> None:
        if not isinstance(document, dict) or not _VERSION.fullmatch(str(document.get("openapi"))):
            raise OpenApiError("openapi.invalid", "the document is not OpenAPI 3.0 or 3.1")
        modern = _as_2020(document) if str(document["openapi"]).startswith("3.0") else document
        try:
            self._document = without_slow_patterns(modern)
            self._registry = jsonschema_rs.Registry([(_DOCUMENT, self._document)], retriever=_refuse)
            self._operations = dict(self._read_operations())
        except (ValueError, RecursionError, jsonschema_rs.ReferencingError) as error:
            raise OpenApiError("openapi.invalid", "a schema of the document cannot be used") from error

    def request_break(
        self,
        operation_id: str,
        *,
        path: str,
        query: Sequence[tuple[str, str]],
        body: JsonValue,
        has_body: bool,
    ) -> Break | None:
        """Return where a request first breaks the document, or None when it keeps to it.

        Args:
            operation_id: which operation it is.
            path: its path below the service.
            query: its query parameters, decoded, in order.
            body: the JSON value of its body.
            has_body: whether it has one.
        """
        operation = self._operations.get(operation_id)
        if operation is None:
            return Break("request", "", "operationId")
        broken = _parameter_break(operation, path, query)
        if broken is not None:
            return broken
        if not has_body:
            return Break("request", "", "requestBody") if operation.is_body_required else None
        if operation.body is None:
            return None
        return _first(operation.body, body, "request", None)

    def answer_break(
        self,
        operation_id: str,
        *,
        status: int,
        body: JsonValue,
        has_body: bool,
        rules: FieldRules | None = None,
    ) -> Break | None:
        """Return where an answer first breaks the document, or None when it keeps to it.

        Args:
            operation_id: which operation it answers.
            status: its status code.
            body: the JSON value of its body.
            has_body: whether it has one.
            rules: the field rules that were applied to it; what they took away or changed is no break.
        """
        operation = self._operations.get(operation_id)
        if operation is None:
            return Break("answer", "", "operationId")
        key = next(
            (one for one in (str(status), f"{status // 100}XX", "default") if one in operation.answers), None
        )
        if key is None:
            return Break("answer", "", "status")
        validator = operation.answers[key]
        if validator is None:
            return None
        if not has_body:
            return Break("answer", "", "content")
        return _first(validator, body, "answer", rules)

    def _read_operations(self) -> Iterator[tuple[str, _Operation]]:
        paths = self._document.get("paths")
        for path, item in paths.items() if isinstance(paths, dict) else ():
            for method in METHODS:
                raw = item.get(method.lower()) if isinstance(item, dict) else None
                if isinstance(raw, dict) and isinstance(raw.get("operationId"), str):
                    place = ("paths", path, method.lower())
                    yield str(raw["operationId"]), self._operation(item, raw, path, place)

    def _operation(self, item: JsonValue, raw: JsonObject, path: str, place: tuple[str, ...]) -> _Operation:
        body, body_place = self._resolve(raw.get("requestBody"), (*place, "requestBody"))
        # What an operation says of a parameter counts before what its path says.
        found = (*self._parameters(item, place[:2]), *self._parameters(raw, place))
        parameters = {(one.where, one.name): one for one in found}
        return _Operation(
            tuple(parameters.values()),
            re.compile("([^/]+)".join(re.escape(part) for part in _BRACES.split(path))),
            tuple(name[1:-1] for name in _BRACES.findall(path)),
            self._content(body, body_place),
            body.get("required") is True,
            dict(self._answers(raw, place)),
        )

    def _answers(
        self, raw: JsonObject, place: tuple[str, ...]
    ) -> Iterator[tuple[str, jsonschema_rs.Draft202012Validator | None]]:
        answers = raw.get("responses")
        for status, one in answers.items() if isinstance(answers, dict) else ():
            found, there = self._resolve(one, (*place, "responses", status))
            yield status.upper() if status != "default" else status, self._content(found, there)

    def _parameters(self, owner: JsonValue, place: tuple[str, ...]) -> Iterator[_Parameter]:
        listed = owner.get("parameters") if isinstance(owner, dict) else None
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            found, there = self._resolve(one, (*place, "parameters", str(number)))
            if found.get("in") not in ("path", "query") or not isinstance(found.get("schema"), dict):
                continue
            schema, _ = self._resolve(found["schema"], (*there, "schema"))
            kinds = schema.get("type")
            types = frozenset(str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]))
            yield _Parameter(
                str(found.get("name")),
                str(found["in"]),
                found.get("required") is True and "object" not in types,
                types,
                self._compile((*there, "schema")) if not types & {"array", "object"} else None,
            )

    def _content(
        self, owner: JsonObject, place: tuple[str, ...]
    ) -> jsonschema_rs.Draft202012Validator | None:
        content = owner.get("content")
        for media_type, one in content.items() if isinstance(content, dict) else ():
            if (
                _JSON.match(media_type)
                and isinstance(one, dict)
                and isinstance(one.get("schema"), dict | bool)
            ):
                return self._compile((*place, "content", media_type, "schema"))
        return None

    def _compile(self, place: tuple[str, ...]) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_DOCUMENT}#{quote(_pointer(place), safe='/~')}"},
            registry=self._registry,
            retriever=_refuse,
            validate_formats=True,
            pattern_options=IN_DOCUMENTS,
        )

    def _resolve(self, value: JsonValue, place: tuple[str, ...]) -> tuple[JsonObject, tuple[str, ...]]:
        """Follow a chain of references inside the document; return what is there and where."""
        for _ in range(32):
            if not isinstance(value, dict):
                return {}, place
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value, place
            if not reference.startswith("#/"):
                raise OpenApiError("openapi.invalid", "a reference leads outside the document")
            place = split_pointer(unquote(reference[1:]))
            value = self._document
            for step in place:
                value = value.get(step) if isinstance(value, dict) else None
            if value is None:
                raise OpenApiError("openapi.invalid", "a reference leads nowhere")
        raise OpenApiError("openapi.invalid", "references lead in a circle")


def _first(
    validator: jsonschema_rs.Draft202012Validator, value: JsonValue, part: str, rules: FieldRules | None
) -> Break | None:
    if validator.is_valid(value):
        return None
    for error in validator.iter_errors(value):
        if rules is not None and _explained(error, rules):
            continue
        place = [*(str(step) for step in error.instance_path), *_missing(error)]
        return Break(part, _pointer(place), error.kind.name)
    return None


def _explained(error: jsonschema_rs.ValidationError, rules: FieldRules) -> bool:
    """Say whether the field rules explain a break: a part that they dropped, or a form that they changed."""
    steps = tuple("*" if isinstance(step, int) else str(step) for step in error.instance_path)
    if any(_reaches(pointer, steps) for pointer in (*rules.mask, *rules.hash)):
        return True
    missing = _missing(error)
    if missing:
        return not _may_hold(rules, (*steps, *missing))
    is_whole = any(_reaches(pointer, steps) for pointer in rules.allow) and not any(
        split_pointer(pointer)[: len(steps)] == steps for pointer in rules.drop
    )
    return not is_whole and error.kind.name in _OF_THE_WHOLE


def _missing(error: jsonschema_rs.ValidationError) -> tuple[str, ...]:
    """Return the name of the member that is missing, when that is what is wrong."""
    kind = error.kind
    return (kind.property,) if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required) else ()


_OF_THE_WHOLE = frozenset(
    (
        *("anyOf", "oneOf", "oneOfNotValid", "oneOfMultipleValid", "not", "if"),
        *("minProperties", "dependentRequired", "minItems", "contains"),
    )
)
"""Keywords about an object as a whole, which says little once parts of it are gone."""


def _may_hold(rules: FieldRules, steps: tuple[str, ...]) -> bool:
    """Say whether a place can be in what the rules let through: a rule reaches it, or leads further down."""
    if any(_reaches(pointer, steps) for pointer in rules.drop):
        return False
    return any(
        _reaches(pointer, steps) or split_pointer(pointer)[: len(steps)] == steps for pointer in rules.passing
    )


def _reaches(pointer: str, steps: tuple[str, ...]) -> bool:
    rule = split_pointer(pointer)
    return steps[: len(rule)] == rule


def _parameter_break(operation: _Operation, path: str, query: Sequence[tuple[str, str]]) -> Break | None:
    given = {("query", name): value for name, value in query}
    match = operation.path.fullmatch(path)
    if match is not None:
        names = zip(operation.path_names, match.groups(), strict=True)
        given |= {("path", name): text for name, text in names}
    for one in operation.parameters:
        text = given.get((one.where, one.name))
        if text is None:
            if one.is_required and one.where == "query":
                return Break(f"query {one.name}", "", "required")
        elif one.validator is not None and not one.validator.is_valid(_typed(text, one.types)):
            return Break(f"{one.where} {one.name}", "", "schema")
    return None


def _typed(text: str, types: frozenset[str]) -> JsonValue:
    """Return the text of an address as the type that its schema wants, or as it is."""
    if types & {"integer", "number"} and re.fullmatch(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", text):
        return float(text) if "." in text else int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def _pointer(steps: Sequence[str]) -> str:
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def _refuse(uri: str) -> JsonValue:
    raise ValueError("a reference leads outside the document")


def _as_2020(document: JsonObject) -> JsonObject:
    converted = _convert(document, 0)
    return converted if isinstance(converted, dict) else {}


_VALUES = frozenset(("example", "examples", "default", "enum"))
_MAPS = frozenset(("properties", "schemas", "parameters", "responses", "requestBodies"))
"""Objects whose member names are the document's own, not keywords."""


def _convert(value: JsonValue, depth: int, *, is_map: bool = False) -> JsonValue:
    if depth > _MAX_DEPTH:
        raise OpenApiError("openapi.invalid", "the document nests too deep")
    if isinstance(value, list):
        return [_convert(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str) and not is_map:
        return {"$ref": value["$ref"]}
    members = {
        name: one
        if name in _VALUES and not is_map
        else _convert(one, depth + 1, is_map=name in _MAPS and not is_map)
        for name, one in value.items()
    }
    return members if is_map else _modern(members)


def _modern(schema: JsonObject) -> JsonObject:
    """Return a schema object of OpenAPI 3.0 in the words of JSON Schema 2020-12; other objects come back as they are."""
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(strict), bool):
            is_strict = schema.pop(strict)
            if is_strict and bound in schema:
                schema[strict] = schema.pop(bound)
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        enum = schema.get("enum")
        if isinstance(enum, list) and None not in enum:
            schema["enum"] = [*enum, None]
    return schema
