"""Addresses of an interface's operations: the query parameters that a contract may open, and an address to try. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import JsonValue

from terpadu.exchange.rules.interfaces import JsonObject, parameters_of, personal_parameters
from terpadu.exchange.rules.samples import sample_of
from terpadu_wire.properties import QUERY_NAME

_NOT_IN_A_PATH = re.compile(r"[^A-Za-z0-9_~@:$.-]+")
_NAME = re.compile(QUERY_NAME)


@dataclass(frozen=True)
class SampleAddress:
    """An address of an operation with values made up from its document. query: what it demands, in order."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The address below the service, with the few characters that gateways take as they are."""
        pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.query)
        return f"{self.path}?{pairs}" if pairs else self.path


def open_query(document: JsonValue, operation_id: str) -> tuple[str, ...]:
    """Return the query parameters of an operation that a contract may open: those that name no person.

    Raises DocumentError.
    """
    personal = personal_parameters(document, operation_id)
    names = [
        str(one.get("name")) for one in parameters_of(document, operation_id) if one.get("in") == "query"
    ]
    return tuple(name for name in names if _NAME.fullmatch(name) and f"query {name}" not in personal)


def sample_address(document: JsonValue, operation_id: str, path: str) -> SampleAddress:
    """Return an address of an operation to try; path: its template. Raises DocumentError."""
    found = parameters_of(document, operation_id)
    places = {str(one.get("name")): one for one in found if one.get("in") == "path"}
    opened = open_query(document, operation_id)
    filled = re.sub(
        r"\{([^{}]+)\}", lambda match: _in_path(_sample(places.get(match[1], {}), document=document)), path
    )
    demanded = [one for one in found if one.get("name") in opened and one.get("required") is True]
    return SampleAddress(
        filled, tuple((str(one["name"]), _sample(one, document=document)) for one in demanded)
    )


def _sample(parameter: JsonObject, *, document: JsonValue) -> str:
    schema = parameter.get("schema")
    if "example" in parameter:
        value = parameter["example"]
    else:
        value = sample_of(schema, document=document) if isinstance(schema, dict) else "1"
    while isinstance(value, list):
        value = value[0] if value else "1"
    if isinstance(value, bool):
        return str(value).lower()
    return "1" if value is None or isinstance(value, dict) else str(value)


def _in_path(text: str) -> str:
    return _NOT_IN_A_PATH.sub("-", text).strip("./") or "1"
