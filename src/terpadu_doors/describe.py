"""Reading an existing system once: what its door would offer, as configuration and OpenAPI document.

Runs as a process of its own with little memory and time, since what it reads comes from outside.
"""

import resource
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import orjson
import sqlalchemy as sa
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from terpadu_doors.config import (
    Column,
    ColumnType,
    DatabaseDoor,
    FhirDoor,
    Network,
    Resource,
    SoapDoor,
    Strict,
    TableDoor,
    first_fault,
)
from terpadu_doors.database import database_document, read_secret
from terpadu_doors.desk import JsonObject
from terpadu_doors.engines import check_place, make_engine, read_url, reading
from terpadu_doors.fetching import Fetcher
from terpadu_doors.fhir import fhir_document, supported_resources
from terpadu_doors.problems import DescribeError, DoorProblem
from terpadu_doors.sheets import read_sheet
from terpadu_doors.soap import carried_operations, soap_document
from terpadu_doors.tables import convert, guess_type, read_table, table_document
from terpadu_doors.targets import check_target
from terpadu_doors.wsdl import fetch_wsdl, make_client, soap_ports
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

MEMORY = 1 << 30
CPU_S = 60
_SECONDS = 10.0
_SHOWN = 40


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
    """A SOAP service. saved_to: where its WSDL with all imports is kept."""

    kind: Literal["soap"]
    wsdl: str
    saved_to: Path
    port: str = ""
    address_url: str = ""
    operations: tuple[str, ...] = ()
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


AskedAny: TypeAlias = Annotated[
    AskedDatabase | AskedTable | AskedSoap | AskedFhir, Field(discriminator="kind")
]
_ASKED: TypeAdapter[AskedAny] = TypeAdapter(AskedAny)


def limit_resources() -> None:
    """Let this process have 1 GB of memory and a minute of processor time, whatever it is made to read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def describe(raw: bytes) -> bytes:
    """Return what a door would offer: members ``door`` (configuration), ``openapi`` and ``notes``.

    raw: JSON of one of the `Asked…` classes.

    Raises:
        DescribeError: the system cannot get a door; the text says what to do next.
    """
    try:
        asked = _ASKED.validate_json(raw)
        door, document, notes = _describers()[asked.kind](asked)
    except ValidationError as error:
        raise DescribeError("describe.asked", first_fault(error)) from error
    except DoorProblem as problem:
        detail = f": {problem.detail}" if problem.detail else ""
        raise DescribeError(problem.code, f"{problem.kind.title}{detail}") from problem
    value = {
        "door": door.model_dump(mode="json", exclude_none=True, exclude_defaults=False),
        "openapi": document,
        "notes": notes,
    }
    return orjson.dumps(value)


_Described: TypeAlias = tuple[Any, JsonObject, list[str]]


def _describers() -> dict[str, Callable[[Any], _Described]]:
    return {"database": _database, "table": _table, "soap": _soap, "fhir": _fhir}


def _head(asked: Asked) -> dict[str, Any]:
    return {"name": asked.name, "peer_id": asked.peer_id, "title": asked.title, "key_file": asked.key_file}


def _database(asked: AskedDatabase) -> _Described:
    url = read_url(read_secret(asked.url_file))
    check_place(url, allowed=asked.allow_targets)
    engine = make_engine(url, seconds=_SECONDS, connections=1)
    try:
        with reading(engine, seconds=_SECONDS) as connection:
            inspector = sa.inspect(connection)
            if not asked.tables:
                raise DescribeError("database.choose", f"choose tables or views: {_tables_of(inspector)}")
            resources = [_resource(one, inspector) for one in asked.tables]
    except SQLAlchemyError as error:
        raise DescribeError(
            "database.unreadable", f"the database cannot be read ({type(error).__name__})"
        ) from error
    finally:
        engine.dispose()
    door = DatabaseDoor(
        **_head(asked),
        url_file=asked.url_file,
        resources=tuple(resources),
        statement_seconds=asked.statement_seconds,
    )
    notes = [] if url.get_backend_name() != "mssql" else [
        "SQL Server knows no read-only transactions: give the door a user that may only read."
    ]  # fmt: skip
    return door, database_document(door), notes


def _tables_of(inspector: sa.Inspector) -> str:
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    return ", ".join(names[:_SHOWN]) or "there are none"


def _resource(chosen: ChosenTable, inspector: sa.Inspector) -> Resource:
    known = {*inspector.get_table_names(chosen.schema_name), *inspector.get_view_names(chosen.schema_name)}
    if chosen.table not in known:
        raise DescribeError(
            "database.table", f"there is no table {chosen.table[:60]}; there are {_tables_of(inspector)}"
        )
    types = {one["name"]: one for one in inspector.get_columns(chosen.table, chosen.schema_name)}
    if not chosen.columns:
        raise DescribeError("database.choose", f"choose columns of {chosen.table}: {', '.join(types)[:1000]}")
    missing = next((one.column for one in chosen.columns if one.column not in types), None)
    if missing is not None:
        raise DescribeError(
            "database.column",
            f"{chosen.table} has no column {missing[:60]}; it has {', '.join(types)[:1000]}",
        )
    primary = inspector.get_pk_constraint(chosen.table, chosen.schema_name).get("constrained_columns") or []
    names = {one.column: one.name for one in chosen.columns}
    key = chosen.key or tuple(names[column] for column in primary if column in names)
    if not key or len(chosen.key or primary) != len(key):
        raise DescribeError("database.key", f"name fields that are unique in {chosen.table} as its key")
    columns = tuple(
        Column(
            column=one.column,
            name=one.name,
            type=_type_of(types[one.column]["type"], one.column),
            nullable=bool(types[one.column]["nullable"]) and one.name not in key,
        )
        for one in chosen.columns
    )
    return _checked_resource(chosen, columns, key)


def _checked_resource(chosen: ChosenTable, columns: tuple[Column, ...], key: tuple[str, ...]) -> Resource:
    members = chosen.model_dump(exclude={"columns", "key", "name"})
    name = chosen.name or chosen.table.lower()
    return Resource.model_validate({**members, "name": name, "columns": columns, "key": key})


_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], ColumnType], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.DateTime, "date-time"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.String, "string"),
    (sa.Enum, "string"),
    (sa.Uuid, "string"),
)


def _type_of(column_type: sa.types.TypeEngine[Any], column: str) -> ColumnType:
    if isinstance(column_type, sa.Numeric) and column_type.scale == 0:
        return "integer"
    for known, plain in _TYPES:
        if isinstance(column_type, known):
            return plain
    raise DescribeError(
        "database.column", f"the column {column} is of a type that JSON has no place for; leave it out"
    )


def _table(asked: AskedTable) -> _Described:
    sheet = read_sheet(asked.file, sheet=asked.sheet, encoding=asked.encoding, delimiter=asked.delimiter)
    chosen = asked.chosen
    if not chosen.columns:
        raise DescribeError("table.choose", f"choose columns: {', '.join(sheet.headings)[:1000]}")
    missing = next((one.column for one in chosen.columns if one.column not in sheet.headings), None)
    if missing is not None:
        raise DescribeError(
            "table.column", f"there is no column {missing[:60]}; there are {', '.join(sheet.headings)[:1000]}"
        )
    columns = tuple(_table_column(one, sheet.headings, sheet.rows, chosen.key) for one in chosen.columns)
    door = TableDoor(
        **_head(asked),
        file=asked.file,
        sheet=asked.sheet,
        encoding=asked.encoding,  # type: ignore[arg-type]  # the model checks it
        delimiter=asked.delimiter,
        refresh_hours=asked.refresh_hours,
        resource=_checked_resource(chosen.model_copy(update={"table": "rows"}), columns, chosen.key),
    )
    convert(read_table(door), door.resource.columns, key=door.resource.key)
    return door, table_document(door), [f"{len(sheet.rows):,} rows"]


def _table_column(
    one: ChosenColumn,
    headings: tuple[str, ...],
    rows: Iterable[tuple[int, tuple[Any, ...]]],
    key: tuple[str, ...],
) -> Column:
    place = headings.index(one.column)
    kind = guess_type(cells[place] for _, cells in rows)
    return Column(column=one.column, name=one.name, type=kind, nullable=one.name not in key)


def _soap(asked: AskedSoap) -> _Described:
    saved = fetch_wsdl(asked.wsdl, fetcher=Fetcher(asked.allow_targets))
    client = make_client(saved)
    ports = soap_ports(client)
    fitting = {place: binding for place, binding in ports.items() if asked.port in ("", place[1])}
    if not fitting:
        raise DescribeError(
            "wsdl.port", f"choose a SOAP port: {', '.join(port for _, port in ports) or 'there is none'}"
        )
    (service, port), binding = next(iter(fitting.items()))
    carried, left = carried_operations(binding)
    unknown = next((one for one in asked.operations if one not in carried), None)
    if unknown is not None or not carried:
        why = next((line for line in left if line.startswith(f"{unknown}:")), "")
        raise DescribeError(
            "wsdl.operation", why or f"there are {', '.join(carried) or 'no operations that JSON can carry'}"
        )
    address = asked.address_url or str(
        client.wsdl.services[service].ports[port].binding_options.get("address")
    )
    check_target(address, allowed=asked.allow_targets)
    asked.saved_to.parent.mkdir(parents=True, exist_ok=True)
    asked.saved_to.write_bytes(saved.to_json())
    door = SoapDoor(
        **_head(asked),
        wsdl_file=asked.saved_to,
        service=service,
        port=port,
        address_url=address,
        operations=asked.operations or tuple(carried),
        not_found=asked.not_found,
        wsse_file=asked.wsse_file,
        wsse_digest=asked.wsse_digest,
        basic_file=asked.basic_file,
    )
    return door, soap_document(door, binding), [f"left out, {line}" for line in left]


def _fhir(asked: AskedFhir) -> _Described:
    fetcher = Fetcher(asked.allow_targets)
    base = asked.base_url.rstrip("/")
    fetched = fetcher.send(
        "GET", f"{base}/metadata", headers={"accept": "application/fhir+json"}, seconds=_SECONDS
    )
    if fetched.status != 200:
        raise DescribeError(
            "fhir.metadata", f"{base}/metadata answered {fetched.status}; is this the FHIR base address?"
        )
    supported = supported_resources(_parsed(fetched.body))
    unknown = next((one for one in asked.resources if one not in supported), None)
    if unknown is not None:
        raise DescribeError(
            "fhir.resource", f"the server cannot search {unknown} by patient; it can {', '.join(supported)}"
        )
    door = FhirDoor(
        **_head(asked),
        base_url=base,
        token_url=asked.token_url,
        client_file=asked.client_file,
        resources=asked.resources or tuple(supported),
        nik_system=asked.nik_system,
        search=asked.search,
    )
    return door, fhir_document(door), [f"resources: {', '.join(door.resources)}"]


def _parsed(body: bytes) -> JsonValue:
    try:
        return parse_json(body)
    except JsonError as error:
        raise DescribeError("fhir.metadata", "the server's metadata is not JSON") from error
