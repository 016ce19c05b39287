"""OpenAPI documents of doors: everything by POST with a body, so that no identifier stands in an address.

Their words are Indonesian, as those of the agencies' own documents: officers read them in the console.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import JsonValue

from terpadu_doors.desk import JsonObject
from terpadu_doors.problems import MEDIA_TYPE

_PROBLEM: JsonObject = {
    "type": "object",
    "required": ["type", "title", "status", "code", "side", "retryable"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "side": {"type": "string"},
        "retryable": {"type": "boolean"},
        "detail": {"type": "string"},
    },
}
_STATUSES = {
    "400": "Isi permintaan tidak sesuai dengan dokumen ini",
    "401": "Kunci pintu tidak ada atau salah",
    "404": "Sistem tidak mengenal rujukan ini",
    "413": "Isi permintaan terlalu besar",
    "415": "Isi permintaan harus berupa JSON",
    "422": "Sistem menolak permintaan",
    "502": "Sistem gagal, atau jawabannya tidak terbaca",
    "503": "Sistem tidak dapat dihubungi",
    "504": "Sistem tidak menjawab pada waktunya",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One operation of a door: operationId, path, words for people, schemas of request and answer, their media type.

    further: members of the operation beside those, such as ``x-soap``.
    """

    id: str
    path: str
    summary: str
    request: JsonObject
    answer: JsonObject
    media_type: str = "application/json"
    further: JsonObject = field(default_factory=dict)


def make_document(title: str, *, version: str, offers: Iterable[Offer]) -> JsonObject:
    """Return the OpenAPI 3.0 document of a door.

    Args:
        title: what people call the interface.
        version: version of the description.
        offers: its operations.
    """
    paths: JsonObject = {offer.path: {"post": _operation(offer)} for offer in offers}
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM},
            "securitySchemes": {"door_key": {"type": "apiKey", "in": "header", "name": "X-Door-Key"}},
        },
        "security": [{"door_key": []}],
    }


def closed_object(properties: JsonObject, *, required: Iterable[str]) -> JsonObject:
    """Return the schema of an object with these members and no others."""
    schema: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
    names: list[JsonValue] = list(required)
    return schema | ({"required": names} if names else {})


def _operation(offer: Offer) -> JsonObject:
    responses: JsonObject = {
        "200": {"description": "Data yang diminta", "content": {offer.media_type: {"schema": offer.answer}}}
    }
    for status, words in _STATUSES.items():
        reference: JsonObject = {"$ref": "#/components/schemas/Problem"}
        responses[status] = {"description": words, "content": {MEDIA_TYPE: {"schema": reference}}}
    if offer.media_type != "application/json":
        fault: JsonObject = {"schema": {"type": "string"}}
        responses["500"] = {"description": "Galat dari layanan", "content": {offer.media_type: fault}}
    return {
        **offer.further,
        "operationId": offer.id,
        "summary": offer.summary,
        "requestBody": {"required": True, "content": {offer.media_type: {"schema": offer.request}}},
        "responses": responses,
    }
