"""Purposes after PDND: why an agency reads data of another, as one object that both sign and many contracts name.

The content is canonical JSON (RFC 8785); its digest is SHA-256 in hexadecimal digits. The agency that will read signs
it when it asks (kind ``submit``), the agency that gives signs it when it agrees (kind ``approve``); each signature is a
compact JWS like a contract's.
"""

import hashlib
from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.canonical import canonical_bytes
from terpadu_wire.contracts import STRICT, PeerId, ServiceName, UnixTime
from terpadu_wire.disclosures import AT_ONCE, Disclosure, disclosure_to_json
from terpadu_wire.errors import PurposeError
from terpadu_wire.jose import open_jws, sign_jws
from terpadu_wire.keys import PrivateKey, PublicKey, public_key_thumbprint
from terpadu_wire.properties import Text

SignatureKind: TypeAlias = Literal["submit", "approve"]
PurposeState: TypeAlias = Literal["draft", "waiting", "active", "suspended", "archived", "rejected"]
_TYPE = "terpadu-purpose-signature"
MOST_ITEMS, LONGEST_ITEM = 200, 2000
"""How many data items a purpose names at most, and how many characters each, or any other of its words, has."""
Words: TypeAlias = Annotated[str, Field(min_length=1, max_length=LONGEST_ITEM)]


@dataclass(frozen=True, config=STRICT)
class LegalBasis:
    """The norm that a purpose stands on and the article in it. is_assumed: its text was not read."""

    kind: Literal["law", "consent", "contract", "vital_interest", "public_task", "legitimate_interest"]
    article: Words
    is_assumed: bool = False


@dataclass(frozen=True, config=STRICT)
class RiskAnswer:
    """One answer of the risk analysis: code of the question, and what was answered."""

    question: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")]
    answer: Words


@dataclass(frozen=True, config=STRICT)
class PurposeContent:
    """What the agencies sign. Times in Unix seconds; ``expected_calls`` per day.

    ``disclosure``: when the persons see the exchanges; every grant that stands on the purpose carries the same rule.
    """

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    consumer: PeerId
    provider: PeerId
    services: Annotated[tuple[ServiceName, ...], Field(min_length=1, max_length=50)]
    text: Text
    legal_basis: LegalBasis
    data_items: Annotated[tuple[Words, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    retention: Words
    risk: Annotated[tuple[RiskAnswer, ...], Field(max_length=50)]
    expected_calls: Annotated[int, Field(gt=0, lt=2**31)]
    not_before: UnixTime
    not_after: UnixTime
    disclosure: Disclosure = AT_ONCE


_CONTENT = TypeAdapter(PurposeContent)


def purpose_to_json(content: PurposeContent) -> dict[str, JsonValue]:
    """Return a purpose as the JSON object that is signed; disclosure at once is left out."""
    value: dict[str, JsonValue] = _CONTENT.dump_python(content, mode="json", exclude={"disclosure"})
    rule: dict[str, JsonValue] = (
        {} if content.disclosure == AT_ONCE else {"disclosure": disclosure_to_json(content.disclosure)}
    )
    return value | rule


def purpose_from_json(value: JsonValue) -> PurposeContent:
    """Return the purpose of a JSON object.

    Raises:
        PurposeError: code ``purpose.invalid``; a member is missing, unknown or wrong, or the dates are in no order.
    """
    try:
        content = _CONTENT.validate_json(orjson.dumps(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PurposeError("purpose.invalid", f"{place}: {first['msg']}") from error
    if content.not_after <= content.not_before:
        raise PurposeError("purpose.invalid", "not_after must be later than not_before")
    return content


def purpose_digest(content: PurposeContent) -> str:
    """Return the digest that signatures and contracts name a purpose by."""
    return hashlib.sha256(canonical_bytes(purpose_to_json(content))).hexdigest()


def sign_purpose(kind: SignatureKind, content: PurposeContent, *, key: PrivateKey, at: int) -> str:
    """Return an agency's signature on a purpose as compact JWS; ``at`` in Unix seconds."""
    header = {"typ": _TYPE, "kid": public_key_thumbprint(key.public_key())}
    payload: JsonValue = {"purpose_sha256": purpose_digest(content), "type": kind, "signed_at": at}
    return sign_jws(payload, key=key, header=header)


def verify_purpose_signature(text: str, *, digest: str, kind: SignatureKind, key: PublicKey) -> int:
    """Return when a purpose was signed (Unix seconds), after checking that the signature is about it and of this kind.

    Raises:
        PurposeError: code ``purpose.signature_invalid``.
    """
    _, payload = open_jws(text, key=key, kind=_TYPE, error=PurposeError, code="purpose.signature_invalid")
    signed_at = payload.get("signed_at")
    if payload.get("purpose_sha256") != digest or payload.get("type") != kind:
        raise PurposeError("purpose.signature_invalid", "the signature is about another purpose or kind")
    if not isinstance(signed_at, int) or isinstance(signed_at, bool):
        raise PurposeError("purpose.signature_invalid", "the signature has no date")
    return signed_at
