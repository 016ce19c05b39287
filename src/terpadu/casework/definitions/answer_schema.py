"""The answers of a service as JSON Schema (2020-12), so that other systems can check what they send or receive."""

from __future__ import annotations

from typing import Any

from terpadu.casework.definitions.form import FieldSpec
from terpadu.casework.definitions.model import Definition
from terpadu.casework.enums import FieldType
from terpadu.kernel.ui.fields import NAME

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES: dict[FieldType, dict[str, Any]] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.LONG_TEXT: {"type": "string"},
    FieldType.NUMBER: {"type": "integer"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.CHOICE: {"type": "string"},
    FieldType.YES_NO: {"type": "boolean"},
    FieldType.STATEMENT: {"const": True},
    FieldType.REGION: {"type": "string", "pattern": r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"},
    FieldType.CHILD: {"type": "string"},
    FieldType.PERSON: {"type": "string", "pattern": "^[0-9]{16}$"},
    FieldType.FILE: {"type": "string", "format": "uuid"},
    FieldType.PHOTO: {"type": "string", "format": "uuid"},
}


def answer_schema(definition: Definition) -> dict[str, Any]:
    """Return the JSON Schema of the answers of a service, by field id.

    Required are the fields that everybody meets: on pages without a condition, not filled by a register.
    """
    asked = [f for f in definition.fields.values() if f.type not in (FieldType.INFO, FieldType.COMPUTED)]
    return {
        "$schema": DIALECT,
        "$id": f"urn:terpadu:service:{definition.id}:{definition.version}:answers",
        "title": definition.name.id,
        "type": "object",
        "additionalProperties": False,
        "properties": {field.id: field_schema(field) for field in asked},
        "required": [field.id for field in asked if _is_always_asked(definition, field)],
    }


def _is_always_asked(definition: Definition, field: FieldSpec) -> bool:
    page = definition.page_of[field.id]
    return field.required and not field.prefill and not page.when and not page.only_by


def field_schema(field: FieldSpec) -> dict[str, Any]:
    """Return the schema of one answer."""
    if field.type is FieldType.CHOICES:
        item = {"type": "string", "enum": [option.id for option in field.options]}
        return {"type": "array", "items": item, "uniqueItems": True, "title": field.label.id}
    schema = {**TYPES[field.type], "title": field.label.id}
    if field.type is FieldType.CHOICE:
        schema["enum"] = [option.id for option in field.options]
    if field.digits:
        schema["pattern"] = f"^[0-9]{{{field.digits}}}$"
    if field.is_new_name:
        schema["pattern"] = f"^{NAME}$"
    for word, key in (("longest", "maxLength"), ("min", "minimum"), ("max", "maximum")):
        if getattr(field, word) is not None:
            schema[key] = getattr(field, word)
    return schema
