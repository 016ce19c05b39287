"""Holds messages of FSC managers against OpenAPI documents: ours always, FSC's own where they are at hand.

FSC's documents are not part of this repository. ``FSC_DOCUMENTS`` names a folder with ``manager.yaml`` and ``logging.yaml``
(Logius-standaarden/fsc-core and fsc-logging); with it, every message of these tests is held against them as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
from ruamel.yaml import YAML

from terpadu.exchange.selectors.reference import DATA
from terpadu.kernel.http.descriptions import description

OURS = "/fsc/v1/{peer_id}"
OF_OURS = ("/health",)
"""Operations that FSC does not have."""
MORE = {"POST /token": {401}, "PUT /announce": {400, 422}}
"""Statuses that RFC 6749 or FSC's text has and its documents leave out; errors of reading (401, 404) they leave out too."""
CODES_OF_OURS = [
    "ERROR_CODE_SUBMITTING_PEER_NOT_PART_OF_CONTRACT",
    "ERROR_CODE_RECEIVING_PEER_NOT_PART_OF_CONTRACT",
]
"""Codes of FSC's text that its documents do not list."""


class Document:
    """One OpenAPI document; its paths are those below a manager's address."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = _by_discriminator(members)
        self._paths = {
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.removeprefix(OURS)))): operations
            for path, operations in self._members["paths"].items()
        }

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Return an operation, None when the document does not have it."""
        for pattern, operations in self._paths.items():
            if pattern.fullmatch(path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        return None

    def breaks(self, message: dict[str, Any], value: Any, *, media_type: str) -> list[str]:
        """Return where a body breaks the schema of a request or response."""
        content = self._resolved(message).get("content", {})
        if media_type not in content:
            return [f"{media_type} is not described"] if content else []
        schema = content[media_type]["schema"] | {"components": self._members["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema)
        return [f"{list(one.instance_path)}: {one.message}" for one in validator.iter_errors(value)]

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in value:
            return value
        found: Any = self._members
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return self._resolved(found)


@cache
def documents() -> tuple[Document, ...]:
    """Return the documents to hold messages against."""
    folder = os.environ.get("FSC_DOCUMENTS", "")
    theirs = [Path(folder) / f"{name}.yaml" for name in ("manager", "logging")] if folder else []
    return (Document(description(DATA / "peer_manager.yaml")), *(Document(_loaded(path)) for path in theirs))


def check_answer(method: str, path: str, status: int, media_type: str, value: Any) -> None:
    """Assert that an answer of a manager is one that its documents describe. path: below the manager's address."""
    if path in OF_OURS:
        return
    for document, operation in _operations(method, path):
        is_ours = document is documents()[0]
        responses = {str(code): one for code, one in operation["responses"].items()}
        if str(status) not in responses:
            left_out = {401, 404} | MORE.get(f"{method} {path}", set())
            assert not is_ours and status in left_out, f"{method} {path} answers {status}"
            continue
        found = document.breaks(responses[str(status)], _translated(value, is_ours), media_type=media_type)
        assert found == [], f"{method} {path} {status}: {found}"


def check_request(method: str, path: str, headers: dict[str, str], body: Any) -> None:
    """Assert that a request of ours to a foreign manager is one that the documents describe."""
    for document, operation in _operations(method, path):
        wanted = operation.get("requestBody")
        if wanted is None:
            assert body is None, f"{method} {path} takes no body"
            continue
        found = document.breaks(wanted, body, media_type=headers["content-type"])
        assert found == [], f"{method} {path}: {found}"


def form_of(raw: bytes) -> dict[str, str]:
    """Return the members of a form."""
    return dict(parse_qsl(raw.decode()))


def _operations(method: str, path: str) -> Iterator[tuple[Document, dict[str, Any]]]:
    found = [
        (one, operation) for one in documents() if (operation := one.operation(method, path)) is not None
    ]
    assert found, f"{method} {path} is not described"
    yield from found


def _translated(value: Any, is_ours: bool) -> Any:
    """Put one of FSC's codes in the place of a code that only its text has, or that is ours (docs/guide/fsc.md)."""
    code = value.get("code", "") if isinstance(value, dict) else ""
    if is_ours or "domain" not in (value if isinstance(value, dict) else {}):
        return value
    is_other = code in CODES_OF_OURS or not code.startswith("ERROR_CODE_")
    return value | {"code": "ERROR_CODE_PEER_NOT_PART_OF_CONTRACT"} if is_other else value


def _loaded(path: Path) -> dict[str, Any]:
    members: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return members


def _by_discriminator(value: Any) -> Any:
    """Read `oneOf` with a discriminator as OpenAPI means it: the named member alone says which schema holds."""
    if isinstance(value, list):
        return [_by_discriminator(one) for one in value]
    if not isinstance(value, dict):
        return value
    members = {name: _by_discriminator(one) for name, one in value.items()}
    mapping = members.get("discriminator", {})
    if not isinstance(mapping, dict) or "mapping" not in mapping:
        return members
    name = mapping["propertyName"]
    del members["oneOf"], members["discriminator"]
    choices = [
        {"if": {"properties": {name: {"const": one}}}, "then": {"$ref": target}}
        for one, target in mapping["mapping"].items()
    ]
    known = {"properties": {name: {"enum": list(mapping["mapping"])}}, "required": [name]}
    return members | {"allOf": [known, *choices]}
