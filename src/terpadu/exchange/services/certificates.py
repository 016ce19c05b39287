"""Foreign peers' certificates: found by `x5t#S256`, asked for anew at their managers."""

from __future__ import annotations

import structlog

from terpadu.exchange.adapters.managers import ManagerAway, ManagerRefused, manager_chains
from terpadu.exchange.models import ContractCertificate, ForeignPeer
from terpadu.exchange.selectors.anchors import trust_anchors
from terpadu.exchange.services.identities import certificate_keep, fsc_identity
from terpadu.kernel.clock import now
from terpadu_wire.certificates import certified_peer
from terpadu_wire.errors import KeyFileError

log = structlog.get_logger(__name__)


def certificate_find(foreign: ForeignPeer, thumbprint: str, *, asking: str) -> ContractCertificate | None:
    """Return a foreign peer's certificate in force, or None; a manager is asked for one that is not known yet.

    asking: id of our peer in whose name the manager is asked.
    """
    found = _known(foreign, thumbprint)
    if found is None:
        certificates_refresh(foreign, asking=asking)
        found = _known(foreign, thumbprint)
    return found


def certificates_refresh(foreign: ForeignPeer, *, asking: str) -> None:
    """Ask a foreign manager for its key set and keep every certificate of it that is trusted and its own."""
    peer_id = foreign.peer.agency.peer_id
    try:
        chains = manager_chains(foreign.manager_url, identity=fsc_identity(asking))
    except (ManagerAway, ManagerRefused) as error:
        log.warning("fsc_keys_unavailable", peer=peer_id, reason=error.reason)
        return
    anchors = trust_anchors()
    for chain in chains:
        try:
            certified = certified_peer(chain, anchors=anchors, now=now())
        except KeyFileError as error:
            log.warning("fsc_certificate_refused", peer=peer_id, reason=error.code)
            continue
        if certified.peer_id == peer_id:
            certificate_keep(foreign.peer, certified)


def _known(foreign: ForeignPeer, thumbprint: str) -> ContractCertificate | None:
    rows = ContractCertificate.objects.filter(peer=foreign.peer, thumbprint=thumbprint)
    return rows.filter(valid_from__lte=now(), valid_to__gt=now()).first()
