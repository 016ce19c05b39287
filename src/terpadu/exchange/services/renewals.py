"""Certificates of contract signatures near their end: renewed, signed with anew, sent anew (FSC core, "Certificate renewal")."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from terpadu.exchange.models import Contract, ContractCertificate, ForeignPeer, Peer, Signature
from terpadu.exchange.services.certificates import certificates_refresh
from terpadu.exchange.services.contracts import signature_make
from terpadu.exchange.services.identities import RENEWAL, fsc_identity
from terpadu.exchange.services.propagation import deliveries_plan
from terpadu.kernel.clock import now
from terpadu.kernel.timers import timer_set
from terpadu_wire.errors import ContractError
from terpadu_wire.jose import peek_header

EVERY = timedelta(days=1)


def renew_daily() -> None:
    """Renew our peers' certificates, sign anew what an old one stands under, and ask foreign peers for theirs."""
    ours = _with_certificates()
    for peer in ours:
        signatures_renew(peer)
    for foreign in ForeignPeer.objects.select_related("peer__agency"):
        if ours:
            certificates_refresh(foreign, asking=ours[0].agency.peer_id)
    timer_set(RENEWAL, key="daily", due_at=now() + EVERY)


@transaction.atomic
def signatures_renew(peer: Peer) -> int:
    """Sign those contracts anew that a peer has accepted under an earlier certificate; return how many."""
    thumbprint = fsc_identity(peer.agency.peer_id).thumbprint
    accepted = Signature.objects.select_related("contract").filter(
        peer=peer, kind="accept", contract__in=Contract.objects.in_force(now())
    )
    stale = [one for one in accepted if _thumbprint(one.jws) not in ("", thumbprint)]
    for one in stale:
        one.jws, one.signed_at = signature_make(one.contract, peer, "accept"), now()
        one.save(update_fields=["jws", "signed_at"])
        deliveries_plan(one.contract.content_hash, sender=peer.agency.peer_id, kind="accept", is_renewed=True)
    return len(stale)


def _with_certificates() -> list[Peer]:
    """Return our own peers that sign contracts with foreign ones."""
    foreign = ForeignPeer.objects.values("peer_id")
    signing = ContractCertificate.objects.values("peer_id")
    return list(Peer.objects.select_related("agency").filter(pk__in=signing).exclude(pk__in=foreign))


def _thumbprint(jws: str) -> str:
    """Return the certificate that a signature after FSC names, "" for one of our group's own kind."""
    header = peek_header(jws, error=ContractError, code="contract.signature_invalid")
    return "" if header.get("alg") == "Ed25519" else str(header.get("x5t#S256", ""))
