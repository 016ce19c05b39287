"""A connection grant's ``properties`` as rules: purpose, operations, fields, subject, evidence, disclosure, consent, hours, quota.

Unknown members are refused: a gateway that does not know a rule must not act as if the rule were not there.
"""

import re
from functools import cached_property
from typing import Annotated, Literal, Self, TypeAlias

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import STRICT, ServiceName
from terpadu_wire.disclosures import AT_ONCE, Disclosure
from terpadu_wire.errors import ContractError
from terpadu_wire.hours import Hours, Zone
from terpadu_wire.patterns import whole_matcher

MAX_EVIDENCE = 200
"""Longest evidence reference, in characters."""

Pointer: TypeAlias = Annotated[str, Field(pattern=r"^(/([^~/]|~[01])*)*$", max_length=300)]
"""RFC 6901 JSON pointer; the step ``*`` stands for every element of an array."""

PATH_LENGTH = 300
PATH_PATTERN = r"^(/([A-Za-z0-9._~@:$-]+|\{[a-z_]+\}))+/?$"
PathTemplate: TypeAlias = Annotated[str, Field(pattern=PATH_PATTERN, max_length=PATH_LENGTH)]
"""Plain segments, or ``{name}`` for one whole segment; a slash at the end is part of it, since many systems want one."""
QUERY_NAME = r"^[A-Za-z0-9._-]{1,50}$"


@dataclass(frozen=True, config=STRICT)
class Text:
    """A text in both languages of the interface."""

    id: str
    en: str


@dataclass(frozen=True, config=STRICT)
class Purpose:
    """Why data is read: a stable code, words for people, the article and how long it is kept.

    ``id`` and ``digest`` name the signed purpose object behind it (:mod:`terpadu_wire.purposes`); with them, calls are
    answered only while that object is active.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    text: Text
    legal_basis: str
    retention: str
    id: Annotated[str, Field(pattern=r"^$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")] = ""
    digest: Annotated[str, Field(pattern=r"^$|^[0-9a-f]{64}$")] = ""


@dataclass(frozen=True, config=STRICT)
class FieldRules:
    """What becomes of each part of an answer; what no rule names is dropped.

    ``allow`` passes a value as it is. ``mask`` passes a text with all but its last so many characters covered, and
    null instead of anything else. ``hash`` passes a keyed hash, the same for the same value and consumer. ``drop``
    takes a part out of what another rule lets through. Where two rules reach a value, the stricter one counts:
    drop, hash, mask, allow.
    """

    allow: tuple[Pointer, ...]
    mask: dict[Pointer, Annotated[int, Field(ge=0, le=8)]] = Field(default_factory=dict)
    hash: tuple[Pointer, ...] = ()
    drop: tuple[Pointer, ...] = ()

    @cached_property
    def passing(self) -> tuple[str, ...]:
        """Every pointer that lets something through, in whatever form."""
        return tuple(dict.fromkeys((*self.allow, *self.mask, *self.hash)))

    @property
    def pass_whole(self) -> bool:
        """Whether an answer passes as it is, so that nobody has to read it."""
        return self.allow == ("",) and not (self.mask or self.hash or self.drop)


@dataclass(frozen=True, config=STRICT)
class Subject:
    """Where the person's identifier stands, and optionally where the answer must repeat it.

    ``match_pointer`` points into the answer. Without ``*`` the value there must equal the identifier of the request;
    with ``*`` one of the values must (a family that must contain the person asked for). ``"none"`` says that an
    operation is about no person. ``form`` says whether the person's identifier stands there or already the pseudonym.
    """

    where: Annotated[Literal["request", "response", "none"], Field(alias="in")]
    pointer: Pointer = ""
    match_pointer: Pointer | None = None
    form: Literal["identifier", "pseudonym"] = "identifier"


@dataclass(frozen=True, config=STRICT)
class Topic:
    """What events an operation takes: the caller's service that they come from, and their type."""

    service: ServiceName
    type: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]


@dataclass(frozen=True, config=STRICT)
class Deferred:
    """An operation may answer 202 and give the result later, within so many seconds (docs/wire-stream.md)."""

    within: Annotated[int, Field(gt=0, le=90 * 86_400)]


@dataclass(frozen=True, config=STRICT)
class Soap:
    """The SOAP message that an operation takes: its element as ``{namespace}name``, and its SOAPAction, "" for none."""

    element: Annotated[str, Field(pattern=r"^(\{[^{}\s]{1,300}\})?[A-Za-z_][A-Za-z0-9._-]{0,79}$")]
    action: Annotated[str, Field(pattern=r"^[\x21\x23-\x7e]*$", max_length=300)] = ""


@dataclass(frozen=True, config=STRICT)
class Operation:
    """One operation of the interface that the grant opens, and what of its answer may pass.

    ``query`` names the query parameters it takes; none unless listed, since URLs must not name a person. ``subject``
    is set where it differs from the contract's. ``stream`` lets answers of any size and type pass without being read; it
    counts only where the whole answer may pass (``allow`` is ``[""]`` and there is no other rule). ``upload`` lets requests of
    any size and type pass unread. ``topic`` makes it the delivery of events: the caller gives, whom it calls receives.
    ``deferred`` allows the answer 202, and ``interaction`` is where a request names the call whose result it asks for or brings.
    ``soap`` makes it a message of a SOAP service: envelopes pass whole in both directions, so that no field rule can be kept.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: PathTemplate
    fields: FieldRules
    data_items: dict[Pointer, Text] = Field(default_factory=dict)
    query: tuple[Annotated[str, Field(pattern=QUERY_NAME)], ...] = ()
    subject: Subject | None = None
    stream: bool = False
    upload: bool = False
    topic: Topic | None = None
    deferred: Deferred | None = None
    interaction: Pointer | None = None
    soap: Soap | None = None

    @model_validator(mode="after")
    def _carries_envelopes_whole(self) -> Self:
        if self.soap is None:
            return self
        if not self.fields.pass_whole:
            raise ValueError('an envelope passes whole: allow is [""], and there is no other field rule')
        others = (self.stream, self.upload, self.topic, self.deferred, self.interaction)
        if self.method != "POST" or any(others):
            raise ValueError("a SOAP message is a POST, and no stream, upload, event or interaction")
        return self

    @property
    def streams(self) -> bool:
        """Whether answers pass unread, of any size and type: the contract says so and no field rule is against it."""
        return self.stream and self.fields.pass_whole

    def matches(self, path: str) -> bool:
        """Say whether a path is this operation's; a ``{name}`` in the template stands for one path segment."""
        return self._pattern.fullmatch(path) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = (r"[^/]+" if part.startswith("{") else re.escape(part) for part in self.path.split("/"))
        return re.compile("/".join(parts))


@dataclass(frozen=True, config=STRICT)
class EvidenceRule:
    """Whether each call must name the case that justifies it, and what such a reference looks like.

    ``pattern`` is a regular expression (:mod:`terpadu_wire.patterns`) that the whole reference fits; None when any will do.
    """

    required: bool = False
    pattern: Annotated[str, Field(max_length=200)] | None = None

    def fits(self, reference: str) -> bool:
        """Tell whether a reference is of the form that is asked for.

        Raises:
            ValueError: the pattern is none; those of :func:`parse_properties` are sound.
        """
        if len(reference) > MAX_EVIDENCE:
            return False
        return self.pattern is None or whole_matcher(self.pattern)(reference)


Calls: TypeAlias = Annotated[int, Field(gt=0, lt=2**31)]


@dataclass(frozen=True, config=STRICT)
class Quota:
    """How much may be asked: calls per second (``burst`` at once, by default one second's), per day, per person and day.

    A day is a calendar day in ``timezone``.
    """

    rps: Calls | None = None
    per_day: Calls | None = None
    per_subject_day: Calls | None = None
    burst: Calls | None = None
    timezone: Zone = "Asia/Jakarta"


@dataclass(frozen=True, config=STRICT)
class ConsentRule:
    """Whether each call must show the person's own consent (:mod:`terpadu_wire.consents`)."""

    required: bool = False


@dataclass(frozen=True, config=STRICT)
class OpenApiRule:
    """How far the provider's gateway holds requests and answers against the interface's OpenAPI document.

    ``sample`` looks at ``percent`` of the exchanges. A break is counted and shown to the provider; with ``refuse`` the
    call ends there.
    """

    mode: Literal["off", "sample", "always"] = "off"
    percent: Annotated[int, Field(ge=1, le=100)] = 10
    refuse: bool = False


@dataclass(frozen=True, config=STRICT)
class Properties:
    """Every rule of one connection grant.

    ``url_waiver`` is the reason why an address may name a person; without it, no address may.
    """

    purpose: Purpose
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]
    openapi_sha256: str
    subject: Subject | None = None
    evidence: EvidenceRule = Field(default_factory=EvidenceRule)
    disclosure: Disclosure = AT_ONCE
    quota: Quota | None = None
    consent: ConsentRule = Field(default_factory=ConsentRule)
    hours: Hours | None = None
    openapi: OpenApiRule = Field(default_factory=OpenApiRule)
    url_waiver: Annotated[str, Field(max_length=300)] = ""

    @property
    def weighs(self) -> bool:
        """Whether a call needs more than its head says: a consent, or what is left of a quota."""
        return self.consent.required or self.quota is not None

    def operation_for(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request is, or None; the first listed wins."""
        for one in self._operations_of.get(method, ()):
            if one.matches(path):
                return one
        return None

    @cached_property
    def _operations_of(self) -> dict[str, list[Operation]]:
        """The operations by method, in their order."""
        found: dict[str, list[Operation]] = {}
        for one in self.operations:
            found.setdefault(one.method, []).append(one)
        return found

    def subject_of(self, operation: Operation) -> Subject | None:
        """Return where an operation names the person it is about; None when it is about nobody."""
        rule = operation.subject or self.subject
        return None if rule is None or rule.where == "none" else rule


_PROPERTIES = TypeAdapter(Properties)


def parse_properties(value: JsonValue) -> Properties:
    """Return the rules of a grant's ``properties`` object.

    Raises:
        ContractError: code ``contract.properties_invalid``; something is missing, wrong or unknown.
    """
    try:
        properties = _PROPERTIES.validate_json(orjson.dumps(value))
    except ValidationError as error:
        raise ContractError("contract.properties_invalid", _reason(error)) from error
    _check_pattern(properties.evidence)
    return properties


def _check_pattern(rule: EvidenceRule) -> None:
    """Refuse a pattern that would hold up whoever matches it. Raises ContractError."""
    try:
        rule.fits("")
    except ValueError as error:
        reason = "evidence.pattern: not a regular expression, or one that takes too long to match"
        raise ContractError("contract.properties_invalid", reason) from error


def parse_soap(value: JsonValue) -> Soap:
    """Return the SOAP message that an operation is said to take.

    Raises:
        ContractError: code ``contract.properties_invalid``.
    """
    try:
        return TypeAdapter(Soap).validate_json(orjson.dumps(value))
    except ValidationError as error:
        raise ContractError("contract.properties_invalid", _reason(error)) from error


def properties_to_json(properties: Properties) -> dict[str, JsonValue]:
    """Return rules as the JSON object that goes into a grant; what is as if it were not there is left out."""
    value: dict[str, JsonValue] = _PROPERTIES.dump_python(
        properties, mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return value


def _reason(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
