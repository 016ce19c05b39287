"""Requests to describe a system, and what comes of them."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from terpadu_doors.config import AnyDoor, Column, Resource, Strict
from terpadu_doors.desk import JsonObject
from terpadu_wire.addresses import Network

SECONDS = 10.0
"""Patience with a system that is being described."""


class Asked(Strict):
    """What every request to describe a system has."""

    name: str
    peer_id: str
    title: str = ""
    key_file: Path
    allow_targets: tuple[Network, ...] = ()


class ChosenColumn(Strict):
    """A column that the operator chose: its name in the source and the one to answer it under."""

    column: str
    name: str


class ChosenTable(Strict):
    """A table that the operator chose, with everything that may be said of it."""

    name: str = ""
    table: str = ""
    schema_name: str | None = None
    columns: tuple[ChosenColumn, ...] = ()
    key: tuple[str, ...] = ()
    lookup: tuple[str, ...] = ()
    listable: bool = False
    rows: tuple[dict[str, Any], ...] = ()


class AskedDatabase(Asked):
    """A database; without tables, what it has is told."""

    kind: Literal["database"]
    url_file: Path
    tables: tuple[ChosenTable, ...] = ()
    statement_seconds: float = 3.0


class AskedTable(Asked):
    """A file; without columns, what it has is told."""

    kind: Literal["table"]
    file: Path
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    refresh_hours: float = 24.0
    chosen: ChosenTable


class AskedSoap(Asked):
    """A SOAP service. saved_to: where its WSDL with all imports is kept. passes_envelopes: whether its envelopes pass too."""

    kind: Literal["soap"]
    wsdl: str
    saved_to: Path
    port: str = ""
    address_url: str = ""
    operations: tuple[str, ...] = ()
    passes_envelopes: bool = True
    client_security: Literal["refuse", "pass"] = "refuse"
    not_found: tuple[str, ...] = ()
    wsse_file: Path | None = None
    wsse_digest: bool = False
    basic_file: Path | None = None


class AskedFhir(Asked):
    """A FHIR server."""

    kind: Literal["fhir"]
    base_url: str
    token_url: str
    client_file: Path
    resources: tuple[str, ...] = ()
    search: Literal["post", "get"] = "post"
    nik_system: str = "https://fhir.kemkes.go.id/id/nik"


class AskedXroadService(Asked):
    """A REST service made for X-Road; its OpenAPI document is read elsewhere."""

    kind: Literal["xroad-service"]
    base_url: str
    instance: str
    subsystem: str
    header_name: str = ""
    header_value_file: Path | None = None


class AskedSettings(Strict):
    """A door as somebody wrote it down, to be looked at before doors read it."""

    kind: Literal["settings"]
    door: AnyDoor


class AskedDocument(Strict):
    """A document at an address, as it is."""

    kind: Literal["document"]
    url: str
    allow_targets: tuple[Network, ...] = ()


AskedAny: TypeAlias = Annotated[
    AskedDatabase | AskedTable | AskedSoap | AskedFhir | AskedXroadService | AskedSettings | AskedDocument,
    Field(discriminator="kind"),
]
ASKED: TypeAdapter[AskedAny] = TypeAdapter(AskedAny)


Described: TypeAlias = tuple[Any, JsonObject, list[str]]
"""Configuration of the door, its OpenAPI document, and what the operator should know besides."""


def head(asked: Asked) -> dict[str, Any]:
    """Return the members that every door has."""
    return {"name": asked.name, "peer_id": asked.peer_id, "title": asked.title, "key_file": asked.key_file}


def resource_of(chosen: ChosenTable, columns: tuple[Column, ...], key: tuple[str, ...]) -> Resource:
    """Return a chosen table as a resource. Raises pydantic.ValidationError."""
    members = chosen.model_dump(exclude={"columns", "key", "name"})
    name = chosen.name or re.sub(r"[^a-z0-9]+", "_", chosen.table.lower()).strip("_")
    return Resource.model_validate({**members, "name": name, "columns": columns, "key": key})
