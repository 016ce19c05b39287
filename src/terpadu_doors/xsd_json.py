"""XML Schema types as JSON: the schema that a type has in JSON, and values in both directions."""

import base64
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from lxml import etree
from pydantic import JsonValue
from zeep import xsd
from zeep.xsd.types import builtins as simple
from zeep.xsd.types.base import Type

from terpadu_doors.desk import JsonObject
from terpadu_doors.problems import DescribeError, DoorProblem

_KINDS: tuple[tuple[tuple[type, ...], JsonObject], ...] = (
    ((simple.Boolean,), {"type": "boolean"}),
    ((simple.Integer,), {"type": "integer"}),
    ((simple.Float, simple.Double, simple.Decimal), {"type": "number"}),
    ((simple.DateTime,), {"type": "string", "format": "date-time"}),
    ((simple.Date,), {"type": "string", "format": "date"}),
)
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
MAX_TYPES = 500
_ASKED_TEXT: JsonObject = {"pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]*$"}
"""Characters that XML has no place for (XML 1.0, section 2.2)."""
_ASKED_INTEGER: JsonObject = {"minimum": -(2**31), "maximum": 2**31 - 1}


class JsonTypes:
    """The complex types of one WSDL as schemas, by name; the same type is described once."""

    def __init__(self) -> None:
        self.schemas: JsonObject = {}
        self._names: dict[tuple[int, bool, bool], str] = {}

    def schema_of(self, type_: Type, *, is_answer: bool, or_null: bool = False) -> JsonObject:
        """Return the schema of a type; a complex one by reference.

        is_answer: every member is there then, null or empty where the message left it out. or_null: whether it may be.

        Raises:
            DescribeError: it holds what JSON has no place for, such as ``xsd:any``.
        """
        if not isinstance(type_, xsd.ComplexType):
            schema: JsonObject = (
                _answered_schema(_simple_schema(type_)) if is_answer else _asked_schema(_simple_schema(type_))
            )
            return schema | ({"nullable": True} if or_null else {})
        # OpenAPI 3.0 has no place for "nullable" beside a reference, so "this, or null" is a type of its own.
        name = self._name_of(type_, is_answer=is_answer, or_null=or_null)
        if name not in self.schemas:
            if len(self.schemas) >= MAX_TYPES:
                raise DescribeError("wsdl.types", f"the operation uses more than {MAX_TYPES} types")
            self.schemas[name] = {}  # a type may hold itself
            members = self._members(type_, is_answer=is_answer)
            self.schemas[name] = members | ({"nullable": True} if or_null else {})
        return {"$ref": f"#/components/schemas/{name}"}

    def _name_of(self, type_: Type, *, is_answer: bool, or_null: bool) -> str:
        key = (id(type_), is_answer, or_null)
        if key not in self._names:
            local = type_.qname.localname if type_.qname is not None else "Type"
            plain = "".join(letter if letter.isalnum() else "_" for letter in local)
            taken = set(self._names.values())
            name = f"{plain}{'' if is_answer else 'Request'}{'OrNull' if or_null else ''}"
            while name in taken:
                name += "_"
            self._names[key] = name
        return self._names[key]

    def _members(self, type_: Type, *, is_answer: bool) -> JsonObject:
        properties: JsonObject = {}
        required: list[JsonValue] = []
        for name, part in members_of(type_):
            if _is_list(part):
                items = self.schema_of(part.type, is_answer=is_answer, or_null=is_answer and part.nillable)
                properties[name] = {"type": "array", "items": items}
            else:
                or_null = is_answer and _is_optional(part)
                properties[name] = self.schema_of(part.type, is_answer=is_answer, or_null=or_null)
            if is_answer or not _is_optional(part):
                required.append(name)
        schema: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
        return schema | ({"required": required} if required else {})


def members_of(type_: Any) -> list[tuple[str, Any]]:
    """Return the elements and attributes of a complex type, by name.

    Raises:
        DescribeError: it has parts without a name (``xsd:any``, repeated groups).
    """
    elements, attributes = list(type_.elements), list(type_.attributes)
    for name, part in [*elements, *attributes]:
        if (
            name.startswith("_")
            or getattr(part, "type", None) is None
            or isinstance(part, xsd.Any | xsd.AnyAttribute)
        ):
            raise DescribeError(
                "wsdl.any", "a part without a name (xsd:any or a repeated group) has no place in JSON"
            )
    return [*elements, *attributes]


def to_json(type_: Type, value: Any, node: etree._Element) -> JsonValue:
    """Return a parsed XML value as JSON of the schema that its type has.

    node: the element that the value was read from; zeep reads a text that it does not understand as nothing at all.

    Raises:
        DoorProblem: ``door.answer_garbled``.
    """
    if not isinstance(type_, xsd.ComplexType):
        return _read(value, node)
    if value is None and node.get(_NIL) in ("true", "1"):
        return None
    # zeep reads an element without content as nothing; here it is one whose members are all left out.
    members: JsonObject = {}
    for name, part in members_of(type_):
        found = _member(value, name)
        if not isinstance(part, xsd.Attribute):  # which zeep derives from its elements
            members[name] = _element(part, found, node)
        else:
            members[name] = None if found is None else _plain(found)
        if members[name] is None and not _is_optional(part):
            raise DoorProblem("door.answer_garbled", f"the answer has no {name}, which its WSDL demands")
    return members


def _element(part: Any, value: Any, parent: etree._Element) -> JsonValue:
    nodes = [child for child in parent if child.tag == str(part.qname)]
    if _is_list(part):
        values = list(value or [])
        if len(values) != len(nodes):
            raise DoorProblem("door.answer_garbled", "the answer has an element where its WSDL has none")
        return [to_json(part.type, one, child) for one, child in zip(values, nodes, strict=True)]
    return to_json(part.type, value, nodes[0]) if nodes else None


def _read(value: Any, node: etree._Element) -> JsonValue:
    if value is None and (node.text or "").strip():
        raise DoorProblem("door.answer_garbled", "a value is not of the type that its WSDL demands")
    return None if value is None else _plain(value)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _simple_schema(type_: Type) -> JsonObject:
    if isinstance(type_, xsd.AnyType) and not isinstance(type_, xsd.AnySimpleType):
        raise DescribeError("wsdl.any", "a part of any type has no place in JSON")
    return next((schema for kinds, schema in _KINDS if isinstance(type_, kinds)), {"type": "string"})


def _asked_schema(schema: JsonObject) -> JsonObject:
    """Return the schema of what may be asked: only what the XML message can carry."""
    if schema["type"] == "integer":
        return schema | _ASKED_INTEGER
    is_text = schema["type"] == "string" and "format" not in schema
    return schema | (_ASKED_TEXT if is_text else {})


def _answered_schema(schema: JsonObject) -> JsonObject:
    """Return the schema of what is answered: a moment of XML Schema may have no offset, which date-time demands."""
    return {"type": "string"} if schema.get("format") == "date-time" else dict(schema)


def _is_list(part: Any) -> bool:
    return bool(getattr(part, "accepts_multiple", False))


def _is_optional(part: Any) -> bool:
    if isinstance(part, xsd.Attribute):
        return not part.required
    return bool(part.is_optional or part.nillable)


def _plain(value: Any) -> JsonValue:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)
