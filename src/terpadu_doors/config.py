"""The doors' configuration file (TOML), written by the control plane and read again whenever it changes."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from terpadu_wire.addresses import Network
from terpadu_wire.contracts import PeerId, ServiceName

HttpUrl: TypeAlias = Annotated[str, Field(pattern=r"^https?://[^/?#\s@]+(/[^?#\s]*)?$", max_length=300)]
FieldName: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Identifier: TypeAlias = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\"`\[\]]+$")]
"""Name of a table or column as the database knows it; never from a request."""
ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "date", "date-time", "time"]
RuleOperator: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "is_null", "not_null"]
Scalar: TypeAlias = str | int | float | bool


def _checked_listen(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    if not ip_address(host.strip("[]")).is_loopback:
        raise ValueError("doors speak plain HTTP and listen on a loopback address only")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError("the port is not between 1 and 65535")
    return listen


Listen: TypeAlias = Annotated[str, AfterValidator(_checked_listen)]


class ConfigError(Exception):
    """Say in one line what is wrong with the configuration and where."""


class Strict(BaseModel):
    """Every table of the file: unknown keys are mistakes, and so are numbers without end."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Column(Strict):
    """A column that may be read, and the name under which it is answered."""

    column: Identifier
    name: FieldName
    type: ColumnType
    nullable: bool = True


class RowRule(Strict):
    """A condition that every answered row keeps; `value` is bound, never written into SQL."""

    column: Identifier
    op: RuleOperator
    value: Scalar | tuple[Scalar, ...] | None = None

    @model_validator(mode="after")
    def _value_fits(self) -> "RowRule":
        takes_none = self.op in ("is_null", "not_null")
        if takes_none != (self.value is None) or (self.op == "in") != isinstance(self.value, tuple):
            raise ValueError(f"a row rule with {self.op} and this value makes no sense")
        return self


class Resource(Strict):
    """What may be read of one table or view.

    key: columns (answered names) that name a row uniquely, for keyset paging. lookup: fields that a lookup must give,
    all of them. listable: whether pages of all rows may be read, which is not for data about persons.
    """

    name: FieldName
    table: Identifier
    schema_name: Identifier | None = None
    key: Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=4)]
    lookup: Annotated[tuple[FieldName, ...], Field(max_length=4)] = ()
    listable: bool = False
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=200)]
    rows: Annotated[tuple[RowRule, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _fields_are_known(self) -> "Resource":
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
        unknown = {*self.key, *self.lookup} - set(names)
        if unknown:
            raise ValueError(f"key or lookup names {sorted(unknown)[0]}, which is no chosen column")
        if not self.lookup and not self.listable:
            raise ValueError("a resource needs a lookup, or must be listable")
        return self

    def field(self, name: str) -> Column:
        """Return the column answered under a name."""
        return next(column for column in self.columns if column.name == name)


class Door(Strict):
    """What every door has: the name in its address, the agency and the key that its gateway sends."""

    name: ServiceName
    peer_id: PeerId
    title: str = ""
    key_file: Path

    @property
    def address(self) -> str:
        """First part of the path under which its gateway calls it."""
        return f"{self.peer_id}.{self.name}"


class DatabaseDoor(Door):
    """A database that is read only, through chosen tables, columns and rows."""

    kind: Literal["database"] = "database"
    url_file: Path
    resources: Annotated[tuple[Resource, ...], Field(min_length=1, max_length=50)]
    statement_seconds: Annotated[float, Field(gt=0, le=60)] = 3.0
    row_limit: Annotated[int, Field(ge=1, le=1000)] = 100
    connections: Annotated[int, Field(ge=1, le=32)] = 4


class TableDoor(Door):
    """A CSV file or spreadsheet, read again when it changes.

    refresh_hours: how often its owner promised a new file; an older one is marked stale in each answer.
    """

    kind: Literal["table"] = "table"
    file: Path
    resource: Resource
    sheet: str = ""
    encoding: Literal["", "utf-8", "cp1252", "utf-16"] = ""
    delimiter: Annotated[str, Field(pattern=r"^[;,|\t]?$")] = ""
    refresh_hours: Annotated[float, Field(gt=0, le=24 * 400)] = 24.0
    row_limit: Annotated[int, Field(ge=1, le=1000)] = 100

    @model_validator(mode="after")
    def _rules_are_about_chosen_columns(self) -> "TableDoor":
        unknown = {rule.column for rule in self.resource.rows} - {one.column for one in self.resource.columns}
        if unknown:
            raise ValueError(f"a row rule names {sorted(unknown)[0]}, which is no chosen column")
        return self


class SoapDoor(Door):
    """A SOAP 1.1 or 1.2 service, by a WSDL that was saved with its imports when it was connected.

    operations: asked in JSON. envelopes: those whose envelopes are passed as they are. not_found: codes of faults, or names
    of their details, that mean "nothing under this reference". client_security: whether an envelope may bring
    WS-Security headers of its own ("pass"), with which it signs in by itself, or the door alone signs in ("refuse").
    """

    kind: Literal["soap"] = "soap"
    wsdl_file: Path
    service: str
    port: str
    address_url: HttpUrl
    operations: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    envelopes: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    client_security: Literal["refuse", "pass"] = "refuse"
    not_found: tuple[str, ...] = ()
    wsse_file: Path | None = None
    wsse_digest: bool = False
    basic_file: Path | None = None
    seconds: Annotated[float, Field(gt=0, le=120)] = 10.0

    @model_validator(mode="after")
    def _offers_something(self) -> "SoapDoor":
        if not (self.operations or self.envelopes):
            raise ValueError("a SOAP door needs operations or envelopes")
        return self


class FhirDoor(Door):
    """A FHIR R4 server with client-credentials tokens, searched by a person's national number.

    nik_system: identifier system of the number. search: how its Patient search is asked; ``post`` keeps the number
    out of addresses and access logs. pages: of one search at most. seconds: for all that one call asks.
    """

    kind: Literal["fhir"] = "fhir"
    base_url: HttpUrl
    token_url: HttpUrl
    client_file: Path
    resources: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{2,40}$")], ...], Field(min_length=1)
    ]
    nik_system: str = "https://fhir.kemkes.go.id/id/nik"
    search: Literal["post", "get"] = "post"
    pages: Annotated[int, Field(ge=1, le=20)] = 20
    seconds: Annotated[float, Field(gt=0, le=120)] = 10.0


XroadPart: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9'()+,.=?_-]{1,64}$")]


class XroadServiceDoor(Door):
    """A REST service made for X-Road, which expects X-Road's headers on each call."""

    kind: Literal["xroad-service"] = "xroad-service"
    base_url: HttpUrl
    instance: XroadPart
    member_class: XroadPart = "GOV"
    subsystem: XroadPart
    header_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,100}$")] = ""
    header_value_file: Path | None = None
    seconds: Annotated[float, Field(gt=0, le=120)] = 10.0


class XroadClient(Strict):
    """An X-Road subsystem that calls out: its id, the key of its application at the gateway, and its local key.

    local_key_file: what the program itself sends as ``Authorization: Bearer …`` to the facade; X-Road identifies
    clients by TLS certificate instead, which a loopback address does not have.
    """

    id: Annotated[str, Field(pattern=r"^[^/\s]+(/[^/\s]+){3}$", max_length=300)]
    key_file: Path
    local_key_file: Path


class XroadRoute(Strict):
    """An X-Road service id that leads to an interface on the toll road, and the purpose under which it is called.

    not_before, not_after: Unix seconds between which its grant holds; several may stand under one id, newest first.
    """

    id: Annotated[str, Field(pattern=r"^[^/\s]+(/[^/\s]+){4}$", max_length=300)]
    client: str
    provider: PeerId
    service: ServiceName
    purpose: str
    grant_hash: str = ""
    not_before: int = 0
    not_after: int = 2**53
    openapi_file: Path | None = None
    operations: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3,6} /\S*$", max_length=400)], ...] = ()


class XroadFacade(Strict):
    """The consumer side: X-Road clients call ``/r1/…`` here and reach the toll road."""

    outway_url: HttpUrl
    instance: XroadPart
    clients: tuple[XroadClient, ...] = ()
    routes: tuple[XroadRoute, ...] = ()


AnyDoor: TypeAlias = Annotated[
    DatabaseDoor | TableDoor | SoapDoor | FhirDoor | XroadServiceDoor, Field(discriminator="kind")
]


class DoorsConfig(Strict):
    """The whole file.

    allow_targets: private networks that the operator lets doors call, by CIDR; everything public is allowed, every
    other private, loopback or link-local address is not. in_flight: calls that each door, and the facade, takes at once.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    listen: Listen
    data_dir: Path
    allow_targets: tuple[Network, ...] = ()
    in_flight: Annotated[int, Field(ge=1)] = 64
    doors: tuple[AnyDoor, ...] = ()
    xroad: XroadFacade | None = None

    @model_validator(mode="after")
    def _addresses_are_unique(self) -> "DoorsConfig":
        addresses = [door.address for door in self.doors]
        if len(set(addresses)) < len(addresses):
            raise ValueError("two doors of one agency have the same name")
        return self


def load_config(path: Path) -> DoorsConfig:
    """Return the configuration in a file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a setting is missing, unknown or wrong.
    """
    try:
        return DoorsConfig.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {first_fault(error)}") from error


def first_fault(error: ValidationError) -> str:
    """Return the first mistake of a validation as "place: what", without the value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
