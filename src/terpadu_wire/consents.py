"""Consent artefacts: a person's permission for one agency to read named fields of another, as a signed object.

The group's key signs the artefact and the word on whether it still holds; a gateway asks for that word at the
artefact's ``revocation_url``, and never trusts one older than MAX_AGE. The subject is a keyed pseudonym.
"""

from typing import Annotated, Literal

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import STRICT, PeerId, ServiceName, UnixTime
from terpadu_wire.errors import ConsentError
from terpadu_wire.jose import open_jws, sign_jws
from terpadu_wire.keys import PrivateKey, PublicKey, public_key_thumbprint

MAX_AGE = 60
"""How old the word on a consent may be, in seconds."""
_TYPE = "terpadu-consent"
_STATUS_TYPE = "terpadu-consent-status"


@dataclass(frozen=True, config=STRICT)
class ConsentArtefact:
    """What a person agreed to. fields: pointers that may be read; times in Unix seconds."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    consumer: PeerId
    provider: PeerId
    service: ServiceName
    purpose: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    fields: tuple[Annotated[str, Field(max_length=300)], ...]
    issued_at: UnixTime
    expires_at: UnixTime
    revocation_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]{1,300}$")]


@dataclass(frozen=True, config=STRICT)
class ConsentStatus:
    """The word on whether a consent holds at a moment (Unix seconds)."""

    id: str
    status: Literal["given", "withdrawn"]
    at: UnixTime


_ARTEFACT = TypeAdapter(ConsentArtefact)
_STATUS = TypeAdapter(ConsentStatus)


def sign_consent(artefact: ConsentArtefact, *, key: PrivateKey) -> str:
    """Return a consent artefact as compact JWS of the group's key."""
    value: JsonValue = _ARTEFACT.dump_python(artefact, mode="json")
    return sign_jws(value, key=key, header={"typ": _TYPE, "kid": public_key_thumbprint(key.public_key())})


def open_consent(text: str, *, group_key: PublicKey) -> ConsentArtefact:
    """Return the consent artefact of a compact JWS; whether it fits a call, :func:`objection_to_consent` says.

    Raises:
        ConsentError: code ``consent.invalid``.
    """
    _, payload = open_jws(text, key=group_key, kind=_TYPE, error=ConsentError, code="consent.invalid")
    try:
        return _ARTEFACT.validate_json(orjson.dumps(payload))
    except ValidationError as error:
        raise ConsentError("consent.invalid", "the consent artefact is malformed") from error


def sign_consent_status(status: ConsentStatus, *, key: PrivateKey) -> str:
    """Return the word on a consent as compact JWS of the group's key."""
    value: JsonValue = _STATUS.dump_python(status, mode="json")
    header = {"typ": _STATUS_TYPE, "kid": public_key_thumbprint(key.public_key())}
    return sign_jws(value, key=key, header=header)


def open_consent_status(text: str, *, group_key: PublicKey, consent_id: str, now: float) -> ConsentStatus:
    """Return the word on a consent, if it is about this one and fresh.

    Raises:
        ConsentError: code ``consent.unchecked``; the word cannot be relied on.
    """
    _, payload = open_jws(
        text, key=group_key, kind=_STATUS_TYPE, error=ConsentError, code="consent.unchecked"
    )
    try:
        status = _STATUS.validate_json(orjson.dumps(payload))
    except ValidationError as error:
        raise ConsentError("consent.unchecked", "the word on the consent is malformed") from error
    if status.id != consent_id or abs(now - status.at) > MAX_AGE:
        raise ConsentError("consent.unchecked", "the word is about another consent or too old")
    return status
