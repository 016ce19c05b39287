"""The description of the open data's JSON API, as OpenAPI 3.1."""

from __future__ import annotations

from typing import Any, Final

_VALUE: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_NODES: Final = {
    "type": "object",
    "description": "Published value by number; empty where the instrument has no such parts.",
    "additionalProperties": _VALUE,
}
_AGENCY: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "rank",
        "agency_code",
        "agency",
        "group",
        "region_code",
        "index",
        "index_exact",
        "band",
        "domains",
        "aspects",
        "indicators",
    ],
    "properties": {
        "rank": {"type": "integer", "minimum": 1, "description": "Equal indices have equal ranks."},
        "agency_code": {"type": "string"},
        "agency": {"type": "string", "description": "Name in that year."},
        "group": {"enum": ["ministry", "body", "province", "regency", "city"]},
        "region_code": {"type": "string", "description": "Kemendagri's code; empty for a national agency."},
        "index": {**_VALUE, "description": "As published: two decimals, a half rounded up."},
        "index_exact": {
            "type": "string",
            "description": "Unrounded, in full or as a fraction such as 37/12.",
        },
        "band": {"type": "string", "description": "Key of the predicate in the instrument."},
        "domains": _NODES,
        "aspects": _NODES,
        "indicators": {**_NODES, "description": "Final level by indicator."},
    },
}
_ROUND: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "year",
        "published_at",
        "instrument",
        "withheld",
        "national_average",
        "group_averages",
        "agencies",
    ],
    "properties": {
        "year": {"type": "integer"},
        "published_at": {"type": "string", "format": "date-time"},
        "instrument": {
            "type": "object",
            "required": ["code", "regulation", "sha256"],
            "additionalProperties": False,
            "properties": {
                "code": {"type": "string"},
                "regulation": {"type": "string"},
                "sha256": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Of the file that was used.",
                },
            },
        },
        "withheld": {
            "type": "integer",
            "minimum": 0,
            "description": "Measured agencies that did not agree to publication.",
        },
        "national_average": {"type": ["string", "null"], "description": "Plain mean of published indices."},
        "group_averages": {"type": "object", "additionalProperties": {"type": "string"}},
        "agencies": {"type": "array", "items": _AGENCY, "description": "Highest index first."},
    },
}
_YEARS: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["years"],
    "properties": {
        "years": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["year", "instrument", "agencies", "json", "csv"],
                "properties": {
                    "year": {"type": "integer"},
                    "instrument": {"type": "string"},
                    "agencies": {"type": "integer", "minimum": 0},
                    "json": {"type": "string", "description": "Address on this site."},
                    "csv": {"type": "string", "description": "Address on this site."},
                },
            },
        }
    },
}
_ERROR: Final = {
    "type": "object",
    "required": ["code", "title", "next_step"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": "Stable; the texts follow Accept-Language."},
        "title": {"type": "string"},
        "next_step": {"type": "string"},
    },
}


def description() -> dict[str, Any]:
    """Return the description; it names no host, so that it holds wherever the platform runs."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Terpadu: digital maturity index, open data",
            "version": "1",
            "description": "Published results of agencies that agreed to publication. Anyone may read and reuse them; no key.",
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/indeks/data/tahun.json": {
                "get": {
                    "operationId": "listYears",
                    "summary": "The published years, newest first",
                    "responses": {"200": _answer("Years", "Every published year")},
                }
            },
            "/indeks/data/{year}.json": {
                "get": {
                    "operationId": "getYear",
                    "summary": "All published values of a year",
                    "parameters": [_YEAR],
                    "responses": {
                        "200": _answer("Round", "The year"),
                        "404": _answer("Error", "Not published"),
                    },
                }
            },
            "/indeks/data/{year}.csv": {
                "get": {
                    "operationId": "getYearAsCsv",
                    "summary": "The same as a table, one row for each agency",
                    "parameters": [_YEAR],
                    "responses": {
                        "200": {
                            "description": "The table, in UTF-8",
                            "content": {"text/csv": {"schema": {"type": "string"}}},
                        },
                        "404": _answer("Error", "Not published"),
                    },
                }
            },
        },
        "components": {
            "schemas": {"Years": _YEARS, "Round": _ROUND, "Agency": _AGENCY, "Error": _ERROR},
        },
    }


_YEAR: Final = {
    "name": "year",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 0, "maximum": 9999},
}


def _answer(schema: str, text: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, "content": content}
