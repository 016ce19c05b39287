"""What an OpenAPI document (3.0 or 3.1) offers: its operations and the shape of their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from terpadu_wire.envelopes import MEDIA_TYPES
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Soap, parse_soap

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
METHODS: dict[str, Method] = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
}
JsonObject = dict[str, JsonValue]
_VERSION = re.compile(r"3\.[01]\.\d+")
_OPERATION_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class DocumentError(ValueError):
    """Say why a document is not an interface; the message is a stable code and a place."""


@dataclass(frozen=True)
class Operation:
    """One operation of an interface: its operationId, upper-case method, path template and summary.

    topic: the type of events that it is about (`x-topic`), "" for none. has_data: its events may carry more than the
    notice (`x-topic-data`). soap_element, soap_action: the SOAP message that it takes (`x-soap`), "" for none.
    """

    id: str
    method: Method
    path: str
    summary: str
    topic: str = ""
    has_data: bool = False
    soap_element: str = ""
    soap_action: str = ""

    @property
    def soap(self) -> Soap | None:
        """The SOAP message that it takes, as a contract names it; None when it takes none."""
        return Soap(self.soap_element, self.soap_action) if self.soap_element else None


@dataclass(frozen=True)
class SoapForm:
    """How a SOAP operation's envelopes are written: elements of request and answer, and where those inside stand."""

    request: str
    answer: str
    is_qualified: bool


def soap_form(document: JsonValue, operation_id: str) -> SoapForm | None:
    """Return how a SOAP operation's envelopes are written, None for any other operation."""
    _, raw = operation_in(document, operation_id)
    told = raw.get("x-soap")
    if not isinstance(told, dict):
        return None
    return SoapForm(str(told.get("element")), str(told.get("answer")), told.get("qualified") is True)


def title_of(document: JsonValue) -> str:
    """Return the title of an OpenAPI document, "" when it has none."""
    info = document.get("info") if isinstance(document, dict) else None
    title = info.get("title") if isinstance(info, dict) else None
    return title if isinstance(title, str) else ""


def read_operations(document: JsonValue) -> list[Operation]:
    """Return the operations of an OpenAPI 3.0 or 3.1 document in its order; at least one.

    Raises DocumentError when it is of another version, names no operation, or names two alike.
    """
    if not isinstance(document, dict) or not _VERSION.fullmatch(str(document.get("openapi"))):
        raise DocumentError("interface.version: the document is not OpenAPI 3.0 or 3.1")
    operations = list(_operations(document))
    if not operations:
        raise DocumentError("interface.empty: the document has no operation")
    if len({operation.id for operation in operations}) < len(operations):
        raise DocumentError("interface.duplicate: two operations have the same operationId")
    return operations


def answer_schema(document: JsonValue, operation_id: str) -> JsonObject | None:
    """Return the JSON schema of an operation's successful answer, or None when the document gives none."""
    _, raw = operation_in(document, operation_id)
    return _successful_schema(raw)


def schema_at(schema: JsonObject, pointer: str, *, document: JsonValue) -> JsonObject | None:
    """Return the schema that an answer pointer (RFC 6901, `*` for elements) leads to, or None when there is none."""
    current: JsonObject | None = resolve(schema, document=document)
    for step in pointer.split("/")[1:]:
        if current is None:
            return None
        current = _child(current, step.replace("~1", "/").replace("~0", "~"), document=document)
    return current


def resolve(schema: JsonObject, *, document: JsonValue) -> JsonObject:
    """Follow local `$ref`s until there is a schema. Raises DocumentError when one leads nowhere or in a circle."""
    seen: set[str] = set()
    while isinstance(reference := schema.get("$ref"), str):
        if reference in seen or not reference.startswith("#/"):
            raise DocumentError(f"interface.reference: {reference}")
        seen.add(reference)
        target = document
        for step in reference[2:].split("/"):
            target = target.get(step) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise DocumentError(f"interface.reference: {reference}")
        schema = target
    return schema


def _child(schema: JsonObject, step: str, *, document: JsonValue) -> JsonObject | None:
    if step == "*":
        child = schema.get("items")
    else:
        properties = schema.get("properties")
        child = properties.get(step) if isinstance(properties, dict) else None
    return resolve(child, document=document) if isinstance(child, dict) else None


def operation_in(document: JsonValue, operation_id: str) -> tuple[str, JsonObject]:
    """Return an operation as the document writes it, with its path; ("", {}) when there is none of that identifier."""
    for path, _, raw in _raw_operations(document):
        if raw.get("operationId") == operation_id:
            return path, raw
    return "", {}


def _raw_operations(document: JsonValue) -> Iterator[tuple[str, Method, JsonObject]]:
    paths = document.get("paths") if isinstance(document, dict) else None
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for name, method in METHODS.items():
            raw = item.get(name) if isinstance(item, dict) else None
            if isinstance(raw, dict):
                yield path, method, raw


def _operations(document: JsonValue) -> Iterator[Operation]:
    for path, method, raw in _raw_operations(document):
        operation_id = raw.get("operationId")
        if not isinstance(operation_id, str) or not _OPERATION_ID.fullmatch(operation_id):
            raise DocumentError(f"interface.operation_id: {method} {path} has no usable operationId")
        summary = raw.get("summary")
        topic = raw.get("x-topic", "")
        if not isinstance(topic, str) or (topic and not _OPERATION_ID.fullmatch(topic)):
            raise DocumentError(f"interface.topic: {method} {path} has no usable x-topic")
        words = summary if isinstance(summary, str) else ""
        soap = _soap(raw, f"{method} {path}")
        element, action = (soap.element, soap.action) if soap is not None else ("", "")
        has_data = raw.get("x-topic-data") is True
        yield Operation(operation_id, method, path, words, topic, has_data, element, action)


def _soap(raw: JsonObject, place: str) -> Soap | None:
    told = raw.get("x-soap")
    if told is None:
        return None
    members = told if isinstance(told, dict) else {}
    try:
        return parse_soap({name: members.get(name, "") for name in ("element", "action")})
    except ContractError as error:
        raise DocumentError(f"interface.soap: {place} has no usable x-soap") from error


def _successful_schema(raw: JsonObject) -> JsonObject | None:
    responses = raw.get("responses")
    for status in ("200", "201", "2XX", "default"):
        value: JsonValue = responses.get(status) if isinstance(responses, dict) else None
        schema = content_schema(value)
        if schema is not None:
            return schema
    return None


def content_schema(owner: JsonValue) -> JsonObject | None:
    """Return the schema of a request's or an answer's body, JSON or envelope, or None when there is none."""
    content = owner.get("content") if isinstance(owner, dict) else None
    for media_type in ("application/json", *MEDIA_TYPES):
        described = content.get(media_type) if isinstance(content, dict) else None
        schema = described.get("schema") if isinstance(described, dict) else None
        if isinstance(schema, dict):
            return schema
    return None


PERSONAL_NAMES = frozenset(
    (
        *(
            "nik",
            "no_nik",
            "nik_anak",
            "nik_ibu",
            "nik_ayah",
            "nik_wali",
            "nik_pemohon",
            "no_ktp",
            "nomor_ktp",
        ),
        *(
            "no_kk",
            "nomor_kk",
            "kk",
            "nisn",
            "nip",
            "npwp",
            "no_sim",
            "nomor_sim",
            "no_paspor",
            "nomor_paspor",
        ),
        *("no_bpjs", "nomor_bpjs", "no_kartu", "ihs_number", "identifier", "patient", "subject"),
        *("nama", "nama_lengkap", "name", "tanggal_lahir", "birthdate", "email", "telepon", "no_hp", "phone"),
    )
)
"""Names of parameters that name a person or say something about one; compared without case and marks."""


def personal_parameters(document: JsonValue, operation_id: str) -> list[str]:
    """Return the parameters in an operation's path and query that name a person, as "<in> <name>".

    By name (PERSONAL_NAMES), or because the document marks them with `x-personal: true` or the format `nik`.
    """
    found = parameters_of(document, operation_id)
    return [f"{one['in']} {one.get('name')}" for one in found if _is_personal(one)]


def names_person_in_path(document: JsonValue, operation_id: str) -> bool:
    """Tell whether an operation's path names a person, which a contract opens by a waiver alone. Raises DocumentError."""
    return any(one.startswith("path ") for one in personal_parameters(document, operation_id))


def parameters_of(document: JsonValue, operation_id: str) -> list[JsonObject]:
    """Return an operation's parameters; what it says of one counts before what its path says. Raises DocumentError."""
    path, raw = operation_in(document, operation_id)
    paths = document.get("paths") if isinstance(document, dict) else None
    item = paths.get(path) if isinstance(paths, dict) else None
    found = [resolve(one, document=document) for one in (*_listed(item), *_listed(raw))]
    return list({(str(one.get("in")), str(one.get("name"))): one for one in found}.values())


def _listed(owner: JsonValue) -> list[JsonObject]:
    found = owner.get("parameters") if isinstance(owner, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_personal(parameter: JsonObject) -> bool:
    if parameter.get("in") not in ("path", "query"):
        return False
    schema = parameter.get("schema")
    name = str(parameter.get("name")).casefold().replace("-", "_")
    has_format = isinstance(schema, dict) and schema.get("format") == "nik"
    return name in PERSONAL_NAMES or has_format or parameter.get("x-personal") is True
