"""The parts of FHIR R4 resources that a door describes, so that contracts can name fields (HL7 FHIR 4.0.1)."""

from terpadu_doors.desk import JsonObject

_TEXT: JsonObject = {"type": "string"}
_CODING: JsonObject = {
    "type": "object",
    "properties": {"system": _TEXT, "code": _TEXT, "display": _TEXT},
}
_CONCEPT: JsonObject = {
    "type": "object",
    "properties": {"coding": {"type": "array", "items": _CODING}, "text": _TEXT},
}
_IDENTIFIERS: JsonObject = {
    "type": "array",
    "items": {"type": "object", "properties": {"use": _TEXT, "system": _TEXT, "value": _TEXT}},
}
_REFERENCE: JsonObject = {"type": "object", "properties": {"reference": _TEXT, "display": _TEXT}}
_PERIOD: JsonObject = {"type": "object", "properties": {"start": _TEXT, "end": _TEXT}}
_CONCEPTS: JsonObject = {"type": "array", "items": _CONCEPT}
_HEAD: JsonObject = {"resourceType": _TEXT, "id": _TEXT, "identifier": _IDENTIFIERS}

SHAPES: dict[str, JsonObject] = {
    "Patient": {
        "active": {"type": "boolean"},
        "name": {"type": "array", "items": {"type": "object", "properties": {"use": _TEXT, "text": _TEXT}}},
        "gender": _TEXT,
        "birthDate": _TEXT,
        "deceasedBoolean": {"type": "boolean"},
        "multipleBirthInteger": {"type": "integer"},
    },
    "Immunization": {
        "status": _TEXT,
        "vaccineCode": _CONCEPT,
        "patient": _REFERENCE,
        "occurrenceDateTime": _TEXT,
        "lotNumber": _TEXT,
        "location": _REFERENCE,
        "protocolApplied": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"targetDisease": _CONCEPTS, "doseNumberPositiveInt": {"type": "integer"}},
            },
        },
    },
    "Encounter": {
        "status": _TEXT,
        "class": _CODING,
        "type": _CONCEPTS,
        "subject": _REFERENCE,
        "period": _PERIOD,
        "serviceProvider": _REFERENCE,
    },
    "Condition": {
        "clinicalStatus": _CONCEPT,
        "category": _CONCEPTS,
        "code": _CONCEPT,
        "subject": _REFERENCE,
        "recordedDate": _TEXT,
    },
    "Observation": {
        "status": _TEXT,
        "code": _CONCEPT,
        "subject": _REFERENCE,
        "effectiveDateTime": _TEXT,
        "valueQuantity": {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": _TEXT, "system": _TEXT, "code": _TEXT},
        },
    },
    "AllergyIntolerance": {
        "code": _CONCEPT,
        "patient": _REFERENCE,
        "criticality": _TEXT,
        "recordedDate": _TEXT,
    },
}
"""Members of each resource that this project has a use for; a Bundle may hold more, which no contract can open."""


def bundle_schema(resource: str) -> JsonObject:
    """Return the schema of a Bundle with the patient and resources of one type.

    The entries differ in type, so their members stand side by side and all may be missing.
    """
    members: JsonObject = {**_HEAD, **SHAPES["Patient"], **SHAPES.get(resource, {})}
    entry: JsonObject = {
        "type": "object",
        "properties": {
            "resource": {"type": "object", "properties": members, "required": ["resourceType"]},
            "search": {"type": "object", "properties": {"mode": _TEXT}},
        },
        "required": ["resource"],
    }
    return {
        "type": "object",
        "properties": {
            "resourceType": _TEXT,
            "type": _TEXT,
            "total": {"type": "integer"},
            "entry": {"type": "array", "items": entry},
        },
        "required": ["resourceType", "type", "total", "entry"],
    }
