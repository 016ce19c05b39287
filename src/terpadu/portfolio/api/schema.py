"""The OpenAPI description of the API, made from the same list of fields as its answers."""

from __future__ import annotations

from functools import cache
from typing import Any

from terpadu.portfolio.enums import ApplicationClass, LifeState
from terpadu.portfolio.rules.fields import FIELDS, Field, Kind
from terpadu.portfolio.selectors.applications import INTERNAL_FIELDS, PUBLIC_FIELDS

LISTS = (Kind.LIST, Kind.CODES, Kind.CHOICES)
PREFIX = "/portofolio/api/v1"


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Terpadu: inventory of applications",
            "version": "1",
            "description": "Public fields for everyone; confidential fields and costs for the owner and the national team.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "paths": {
            "/applications": {"get": _list_operation()},
            "/applications/{code}": {"get": _get_operation()},
        },
        "components": {"schemas": {"Application": _application(), "Problem": _problem()}},
    }


def _list_operation() -> dict[str, Any]:
    text = {"type": "string", "maxLength": 120}
    parameters = [
        _query("q", text, "Words of the name, function or description, in any Indonesian form."),
        _query("agency", text, "Code of the owner."),
        _query("code", text, "Code of the reference architecture, with everything below it."),
        _query("state", {"type": "string", "enum": LifeState.values}, "Life state."),
        _query("class", {"type": "string", "enum": ApplicationClass.values}, "General or special."),
        _query("after", text, "The `after` of the page before."),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}, "Size of a page."),
    ]
    page = {
        "type": "object",
        "required": ["applications", "after"],
        "properties": {
            "applications": {"type": "array", "items": {"$ref": "#/components/schemas/Application"}},
            "after": {"type": ["string", "null"]},
        },
    }
    return {
        "operationId": "listApplications",
        "summary": "List applications by code",
        "parameters": parameters,
        "responses": {
            "200": _answer("A page of applications.", page),
            "400": _refusal("A parameter cannot be read."),
        },
    }


def _get_operation() -> dict[str, Any]:
    code = {"type": "string", "maxLength": 20}
    return {
        "operationId": "getApplication",
        "summary": "One application",
        "parameters": [{"name": "code", "in": "path", "required": True, "schema": code}],
        "responses": {
            "200": _answer("The application.", {"$ref": "#/components/schemas/Application"}),
            "404": _refusal("No such application."),
        },
    }


def _application() -> dict[str, Any]:
    head = {
        "code": {"type": "string"},
        "agency": {"type": "string"},
        "agency_name": {"type": "string"},
        "completeness": {"type": "integer", "minimum": 0, "maximum": 100},
        "changed_at": {"type": "string", "format": "date-time"},
    }
    cost = {
        "type": "object",
        "properties": {
            "year": {"type": "integer"},
            "kind": {"type": "string"},
            "rupiah": {"type": "integer"},
        },
    }
    return {
        "type": "object",
        "required": [*head, *PUBLIC_FIELDS],
        "properties": {
            **head,
            **{name: _schema(FIELDS[name]) for name in PUBLIC_FIELDS},
            **{name: {**_schema(FIELDS[name]), "description": "Confidential."} for name in INTERNAL_FIELDS},
            "costs": {"type": "array", "items": cost, "description": "Confidential."},
        },
    }


def _schema(field: Field) -> dict[str, Any]:
    if field.kind in LISTS:
        return {"type": "array", "items": {"type": "string"}}
    if field.kind in (Kind.COUNT, Kind.MONEY):
        return {"type": ["integer", "null"]}
    if field.kind is Kind.DATE:
        return {"type": ["string", "null"], "format": "date"}
    return {"type": "string"}


def _problem() -> dict[str, Any]:
    texts = {key: {"type": "string"} for key in ("type", "title", "detail", "code")}
    return {"type": "object", "properties": {**texts, "status": {"type": "integer"}}}


def _query(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": text}


def _answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _refusal(text: str) -> dict[str, Any]:
    body = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {"application/problem+json": body}}
