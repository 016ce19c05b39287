"""Contracts after FSC core: content, the four grants, their hashes and the peers' signatures.

The dataclasses mirror the JSON of FSC's ``manager.yaml`` name by name. A grant's ``properties`` stay the JSON that was
signed; :func:`terpadu_wire.properties.parse_properties` reads them as rules. By rule of our group, peers that are hosted
here sign among themselves with Ed25519 (RFC 9864) and name the public key (``kid``) beside the certificate
(``x5t#S256``); contracts with a foreign peer are signed as FSC core says, with RS or ES.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import ConfigDict, Field, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from terpadu_wire.canonical import HashKind, canonical_bytes, tagged_hash
from terpadu_wire.errors import ContractError, JsonError
from terpadu_wire.jose import open_jws, sign_jws
from terpadu_wire.keys import ContractKey, ContractPrivateKey, public_key_thumbprint

STRICT = ConfigDict(extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True)
"""Every object from outside: no unknown member, no guessed type."""

PeerId: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
ServiceName: TypeAlias = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]{1,100}$")]
GroupId: TypeAlias = Annotated[str, Field(pattern=r"^[a-zA-Z0-9./_-]{1,100}$")]
Thumbprint: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
UnixTime: TypeAlias = Annotated[int, Field(ge=0, lt=253_402_300_800)]
"""Unix seconds up to the end of the year 9999."""
SignatureKind: TypeAlias = Literal["accept", "reject", "revoke"]

_SIGNATURE_TYPE = "fsc-contract-signature"


@dataclass(frozen=True, config=STRICT)
class PeerRef:
    """A peer named by its id: a directory or a delegator."""

    peer_id: PeerId


@dataclass(frozen=True, config=STRICT)
class Outway:
    """The consuming peer and the thumbprint of the public key its gateway signs with."""

    peer_id: PeerId
    public_key_thumbprint: Thumbprint


@dataclass(frozen=True, config=STRICT)
class ConnectedService:
    """The service a connection grant opens; ``delegator`` when it is published on behalf of another peer."""

    peer_id: PeerId
    name: ServiceName
    type: Literal["SERVICE_TYPE_SERVICE", "SERVICE_TYPE_DELEGATED_SERVICE"] = "SERVICE_TYPE_SERVICE"
    delegator: PeerRef | None = None


@dataclass(frozen=True, config=STRICT)
class PublishedService:
    """The service a publication grant announces."""

    peer_id: PeerId
    name: ServiceName
    protocol: Literal["PROTOCOL_TCP_HTTP_1.1", "PROTOCOL_TCP_HTTP_2"] = "PROTOCOL_TCP_HTTP_1.1"


@dataclass(frozen=True, config=STRICT)
class ServicePublicationGrant:
    """The right to stand in a directory with a service."""

    directory: PeerRef
    service: PublishedService
    properties: dict[str, JsonValue] | None = None
    type: Literal["GRANT_TYPE_SERVICE_PUBLICATION"] = "GRANT_TYPE_SERVICE_PUBLICATION"


@dataclass(frozen=True, config=STRICT)
class DelegatedServicePublicationGrant:
    """The right to stand in a directory with a service on behalf of another peer."""

    directory: PeerRef
    service: PublishedService
    delegator: PeerRef
    properties: dict[str, JsonValue] | None = None
    type: Literal["GRANT_TYPE_DELEGATED_SERVICE_PUBLICATION"] = "GRANT_TYPE_DELEGATED_SERVICE_PUBLICATION"


@dataclass(frozen=True, config=STRICT)
class ServiceConnectionGrant:
    """The right of one peer's gateway to call one service."""

    outway: Outway
    service: ConnectedService
    properties: dict[str, JsonValue] | None = None
    type: Literal["GRANT_TYPE_SERVICE_CONNECTION"] = "GRANT_TYPE_SERVICE_CONNECTION"


@dataclass(frozen=True, config=STRICT)
class DelegatedServiceConnectionGrant:
    """The right of one peer's gateway to call one service on behalf of another peer, the delegator."""

    outway: Outway
    service: ConnectedService
    delegator: PeerRef
    properties: dict[str, JsonValue] | None = None
    type: Literal["GRANT_TYPE_DELEGATED_SERVICE_CONNECTION"] = "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION"


PublicationGrant: TypeAlias = ServicePublicationGrant | DelegatedServicePublicationGrant
ConnectionGrant: TypeAlias = ServiceConnectionGrant | DelegatedServiceConnectionGrant
Grant: TypeAlias = PublicationGrant | ConnectionGrant


@dataclass(frozen=True, config=STRICT)
class GrantItem:
    """FSC's wrapper around one grant: ``{"data": …}``."""

    data: Annotated[Grant, Field(discriminator="type")]


@dataclass(frozen=True, config=STRICT)
class Validity:
    """From when until when a contract holds, in Unix seconds."""

    not_before: UnixTime
    not_after: UnixTime


@dataclass(frozen=True, config=STRICT)
class ContractContent:
    """What the peers sign: grants, dates and a unique ``iv`` (a UUID)."""

    iv: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    group_id: GroupId
    validity: Validity
    grants: Annotated[tuple[GrantItem, ...], Field(min_length=1)]
    created_at: UnixTime
    hash_algorithm: Literal["HASH_ALGORITHM_SHA3_512"] = "HASH_ALGORITHM_SHA3_512"

    def connection_grants(self) -> Iterator[ConnectionGrant]:
        """Yield the grants that open a service."""
        for item in self.grants:
            if isinstance(item.data, ServiceConnectionGrant | DelegatedServiceConnectionGrant):
                yield item.data


@dataclass(frozen=True, config=STRICT)
class ContractSignatures:
    """Compact JWS by peer id, for each of the three kinds."""

    accept: dict[PeerId, str] = Field(default_factory=dict)
    reject: dict[PeerId, str] = Field(default_factory=dict)
    revoke: dict[PeerId, str] = Field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class ContractSignature:
    """What one contract signature says."""

    kind: SignatureKind
    content_hash: str
    signed_at: int
    key_thumbprint: str


_CONTENT = TypeAdapter(ContractContent)
_GRANT: TypeAdapter[Grant] = TypeAdapter(Grant)
_KIND_OF_GRANT = {
    "GRANT_TYPE_SERVICE_PUBLICATION": HashKind.SERVICE_PUBLICATION_GRANT,
    "GRANT_TYPE_SERVICE_CONNECTION": HashKind.SERVICE_CONNECTION_GRANT,
    "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION": HashKind.DELEGATED_SERVICE_CONNECTION_GRANT,
    "GRANT_TYPE_DELEGATED_SERVICE_PUBLICATION": HashKind.DELEGATED_SERVICE_PUBLICATION_GRANT,
}


def content_to_json(content: ContractContent) -> dict[str, JsonValue]:
    """Return a contract's content as FSC's JSON object; members that are not set are left out."""
    value: dict[str, JsonValue] = _CONTENT.dump_python(content, mode="json", exclude_none=True)
    return value


def content_from_json(value: JsonValue) -> ContractContent:
    """Return the contract content of FSC's JSON object.

    Raises:
        ContractError: code ``contract.invalid``; a member is missing, unknown or wrong, or grants are mixed.
    """
    raw = orjson.dumps(value)
    if b"\\u0000" in raw:  # databases keep no NUL in a text
        raise ContractError("contract.invalid", "a text holds a NUL")
    try:
        content = _CONTENT.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContractError("contract.invalid", f"{place}: {first['msg']}") from error
    try:
        _check_content(content)
    except JsonError as error:
        raise ContractError("contract.invalid", error.reason) from error
    return content


def content_hash(content: ContractContent) -> str:
    """Return the hash that contract signatures are about (FSC core, "The content hash")."""
    return tagged_hash(HashKind.CONTRACT, canonical_bytes(content_to_json(content)))


def grant_hash(content: ContractContent, grant: Grant) -> str:
    """Return the hash that names a grant as OAuth scope (FSC core, "Grant hash")."""
    data: JsonValue = _GRANT.dump_python(grant, mode="json", exclude_none=True)
    payload = content_hash(content).encode("ascii") + canonical_bytes(data)
    return tagged_hash(_KIND_OF_GRANT[grant.type], payload)


def required_signers(content: ContractContent) -> frozenset[str]:
    """Return the ids of the peers whose accept signature a contract needs (FSC core, "Signature requirements")."""
    return frozenset(peer_id for item in content.grants for peer_id in _signers(item.data))


def sign_contract(
    kind: SignatureKind,
    content: ContractContent,
    *,
    key: ContractPrivateKey,
    at: int,
    certificate_thumbprint: str = "",
) -> str:
    """Return a peer's signature on a contract as compact JWS (FSC core, "Signatures").

    Args:
        kind: accept, reject or revoke.
        content: what is signed.
        key: the signing peer's key.
        at: Unix seconds.
        certificate_thumbprint: ``x5t#S256`` of the peer's certificate, when it has one.
    """
    header = {"typ": _SIGNATURE_TYPE, "kid": public_key_thumbprint(key.public_key())}
    if certificate_thumbprint:
        header["x5t#S256"] = certificate_thumbprint
    return sign_jws(
        {"contract_content_hash": content_hash(content), "type": kind, "signed_at": at},
        key=key,
        header=header,
    )


def verify_contract_signature(
    text: str, *, expected_hash: str, kind: SignatureKind, key: ContractKey
) -> ContractSignature:
    """Return what a contract signature says, after checking that it is about this contract and of this kind.

    Args:
        text: compact JWS.
        expected_hash: :func:`content_hash` of the contract, recomputed by the caller.
        kind: the kind it is filed under.
        key: the peer's public key.

    Raises:
        ContractError: code ``contract.signature_invalid``.
    """
    header, payload = open_jws(
        text, key=key, kind=_SIGNATURE_TYPE, error=ContractError, code="contract.signature_invalid"
    )
    signed_at = payload.get("signed_at")
    if payload.get("contract_content_hash") != expected_hash or payload.get("type") != kind:
        raise ContractError(
            "contract.signature_invalid", "the signature is about another contract or of another kind"
        )
    if not isinstance(signed_at, int) or isinstance(signed_at, bool):
        raise ContractError("contract.signature_invalid", "the signature has no date")
    return ContractSignature(kind, expected_hash, signed_at, str(header.get("kid", "")))


def _signers(grant: Grant) -> Iterator[str]:
    yield grant.service.peer_id
    if isinstance(grant, ServicePublicationGrant | DelegatedServicePublicationGrant):
        yield grant.directory.peer_id
    else:
        yield grant.outway.peer_id
        if grant.service.delegator is not None:
            yield grant.service.delegator.peer_id
    if isinstance(grant, DelegatedServicePublicationGrant | DelegatedServiceConnectionGrant):
        yield grant.delegator.peer_id


def _check_content(content: ContractContent) -> None:
    if content.validity.not_after <= content.validity.not_before:
        raise ContractError("contract.invalid", "validity.not_after must be later than validity.not_before")
    publications = sum("PUBLICATION" in item.data.type for item in content.grants)
    if 0 < publications < len(content.grants):
        raise ContractError("contract.invalid", "publication grants cannot be mixed with other grants")
    if len({canonical_bytes(_GRANT.dump_python(item.data, mode="json")) for item in content.grants}) < len(
        content.grants
    ):
        raise ContractError("contract.invalid", "the same grant stands in the contract twice")
