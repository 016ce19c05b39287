"""Contracts: proposed by anyone of their parties, signed by each party's manager, revocable by each."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from pydantic import JsonValue

from terpadu.directory.public import agency_key, certificate_get
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.errors import ContractClosed, ContractInvalid, NotASigner
from terpadu.exchange.events import ContractProposed, ContractSigned
from terpadu.exchange.models import Contract, ForeignPeer, Grant, Peer, Signature
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.contracts import Kind, derive_state, may_sign, objection_to_dates
from terpadu.exchange.selectors.registry import (
    ContractView,
    contract_row,
    contract_views,
    peer_row,
    signatures_of,
    standing_of,
    utc_of,
)
from terpadu.exchange.services.identities import fsc_identity
from terpadu.exchange.services.proposals import check_grants
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.outbox import emit
from terpadu_wire.contracts import (
    ContractContent,
    DelegatedServiceConnectionGrant,
    DelegatedServicePublicationGrant,
    ServiceConnectionGrant,
    content_from_json,
    content_hash,
    content_to_json,
    grant_hash,
    required_signers,
    sign_contract,
    verify_contract_signature,
)
from terpadu_wire.contracts import Grant as WireGrant
from terpadu_wire.errors import ContractError
from terpadu_wire.keys import ContractPrivateKey


@transaction.atomic
def contract_propose(content: JsonValue | ContractContent, *, by: Actor) -> ContractView:
    """Store the content of a contract, so that its parties can sign it.

    content: FSC's contract content, as JSON or as object.
    Raises ContractInvalid with the stable code of the rule that it breaks, NotAllowed when the officer's agency is no
    party. Emits ContractProposed.
    """
    parsed = content_parse(content)
    signers = sorted(required_signers(parsed))
    peers = _peers()
    if not peers.keys() >= set(signers):
        raise ContractInvalid(reason="peer.unknown")
    if by.kind != "system" and by.agency not in _codes(peers, signers):
        raise NotAllowed(agency=by.agency)
    check_grants(parsed)
    return contract_views([contract_store(parsed, by=by)])[0]


def contract_accept(content_hash: str, *, agency_code: str, by: Actor) -> ContractView:
    """Sign a contract for one of its parties; with the last signature it is in force.

    Raises ContractUnknown, NotASigner, ContractClosed when it no longer waits for this signature, NotAllowed.
    """
    return _sign(content_hash, kind="accept", agency_code=agency_code, by=by)


def contract_reject(content_hash: str, *, agency_code: str, by: Actor) -> ContractView:
    """Turn down a contract that waits; it can never be accepted afterwards. Raises as `contract_accept`."""
    return _sign(content_hash, kind="reject", agency_code=agency_code, by=by)


def contract_revoke(content_hash: str, *, agency_code: str, by: Actor) -> ContractView:
    """End a contract that this party has accepted, at once and for good. Raises as `contract_accept`."""
    return _sign(content_hash, kind="revoke", agency_code=agency_code, by=by)


def contract_conclude(content: ContractContent, *, by: Actor) -> ContractView:
    """Propose a contract and sign it for all its parties; for the system alone, where all managers are hosted here."""
    view = contract_propose(content, by=by)
    for agency_code in _codes(_peers(), sorted(required_signers(content))):
        view = contract_accept(view.content_hash, agency_code=agency_code, by=by)
    return view


@transaction.atomic
def _sign(hash_of_content: str, *, kind: Kind, agency_code: str, by: Actor) -> ContractView:
    check_acts_for(agency_code, by=by)
    row = contract_row(hash_of_content, is_locked=True)
    peer = peer_row(agency_code)
    check_may_sign(row, peer, kind)
    return signature_keep(row, peer, kind, jws=signature_make(row, peer, kind), by=by)


def check_may_sign(row: Contract, peer: Peer, kind: Kind) -> None:
    """Check that a peer may give a signature of this kind now. Raises NotASigner or ContractClosed."""
    standing = standing_of(row, signatures_of([row])[row.pk])
    if peer.agency.peer_id not in standing.required:
        raise NotASigner(agency=peer.agency.code)
    if not may_sign(kind, peer_id=peer.agency.peer_id, standing=standing, now=now()):
        raise ContractClosed(state=derive_state(standing, now=now()))


def signature_keep(row: Contract, peer: Peer, kind: Kind, *, jws: str, by: Actor) -> ContractView:
    """Keep a signature that was verified, tell of it, and let gateways know. The row must be locked."""
    Signature.objects.create(contract=row, peer=peer, kind=kind, jws=jws, signed_at=now())
    if kind == "accept":
        row.waiting_for -= 1
        row.save(update_fields=["waiting_for"])
    view = contract_views([row])[0]
    event = ContractSigned(
        content_hash=row.content_hash, peer_id=peer.agency.peer_id, kind=kind, state=view.state
    )
    emit(event)
    facts = {"kind": kind, "peer": peer.agency.peer_id}
    audit.record("exchange.contract_signed", by=by, about_kind="contract", about_id=row.id, facts=facts)
    snapshot_publish()
    return view


def signature_make(row: Contract, peer: Peer, kind: Kind) -> str:
    """Return a signature of one of our peers: as FSC core says when a foreign peer is party, else as our group does."""
    content, at = content_from_json(row.content), int(now().timestamp())
    key: ContractPrivateKey
    if ForeignPeer.objects.filter(peer__agency__peer_id__in=row.signers).exists():
        identity = fsc_identity(peer.agency.peer_id)
        key, thumbprint = identity.key, identity.thumbprint
    else:
        key, thumbprint = agency_key(peer.agency.code), certificate_get(peer.agency.code).thumbprint
    jws = sign_contract(kind, content, key=key, at=at, certificate_thumbprint=thumbprint)
    # What is stored must hold for whoever reads it: hash and signature are computed anew.
    verify_contract_signature(jws, expected_hash=row.content_hash, kind=kind, key=key.public_key())
    return jws


def content_parse(content: JsonValue | ContractContent) -> ContractContent:
    """Return the content of a contract that may be proposed now. Raises ContractInvalid."""
    value = content_to_json(content) if isinstance(content, ContractContent) else content
    try:
        parsed = content_from_json(value)
    except ContractError as error:
        raise ContractInvalid(reason=error.code, place=error.reason) from error
    objection = objection_to_dates(
        created_at=utc_of(parsed.created_at),
        not_after=utc_of(parsed.validity.not_after),
        group_id=parsed.group_id,
        our_group=GROUP_ID,
        now=now(),
    )
    if objection:
        raise ContractInvalid(reason=objection)
    return parsed


def contract_store(content: ContractContent, *, by: Actor) -> Contract:
    """Store the content of a contract that was checked, and tell its signers. Raises ContractInvalid for a known `iv`."""
    signers = sorted(required_signers(content))
    row = Contract(
        content_hash=content_hash(content),
        iv=content.iv,
        content=content_to_json(content),
        signers=signers,
        waiting_for=len(signers),
        not_before=utc_of(content.validity.not_before),
        not_after=utc_of(content.validity.not_after),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ContractInvalid(reason="contract.duplicate") from error
    Grant.objects.bulk_create(_grant_row(row, content, item.data) for item in content.grants)
    emit(ContractProposed(content_hash=row.content_hash, signers=tuple(signers)))
    audit.record("exchange.contract_proposed", by=by, about_kind="contract", about_id=row.id)
    return row


def _grant_row(row: Contract, content: ContractContent, grant: WireGrant) -> Grant:
    properties = grant.properties or {}
    purpose = properties.get("purpose")
    consumer = delegator = service_delegator = ""
    if isinstance(grant, ServiceConnectionGrant | DelegatedServiceConnectionGrant):
        consumer = grant.outway.peer_id
        service_delegator = grant.service.delegator.peer_id if grant.service.delegator else ""
    if isinstance(grant, DelegatedServiceConnectionGrant | DelegatedServicePublicationGrant):
        delegator = grant.delegator.peer_id
    return Grant(
        contract=row,
        grant_hash=grant_hash(content, grant),
        kind=grant.type,
        consumer=consumer,
        delegator=delegator,
        service_delegator=service_delegator,
        provider=grant.service.peer_id,
        service=grant.service.name,
        purpose=str(purpose.get("code", "")) if isinstance(purpose, dict) else "",
        properties=properties,
    )


def _peers() -> dict[str, Peer]:
    return {peer.agency.peer_id: peer for peer in Peer.objects.select_related("agency")}


def _codes(peers: dict[str, Peer], signers: list[str]) -> list[str]:
    return [peers[peer_id].agency.code for peer_id in signers]
