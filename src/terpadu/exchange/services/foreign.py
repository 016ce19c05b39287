"""Foreign peers: organisations that run their own manager and gateway after FSC core, under the group's trust anchors."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from django.db import transaction

from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_by_peer, agency_create
from terpadu.exchange.errors import CallerUnknown, ContractInvalid
from terpadu.exchange.models import ForeignPeer, Peer
from terpadu.exchange.services.identities import certificate_keep
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotFound
from terpadu_wire.certificates import CertifiedPeer

BY = Actor.system("exchange.manager")
_PLAIN = re.compile(r"[a-z0-9]{1,20}")


@transaction.atomic
def foreign_announce(certified: CertifiedPeer, *, manager_url: str) -> None:
    """Note a foreign peer, or that its manager has moved; its certificate is kept.

    certified: what its certificate said. manager_url: https address with port, below which its manager's `/v1` is.
    Raises CallerUnknown when the peer is hosted here, ContractInvalid for an address that cannot be one.
    """
    url = _checked(manager_url)
    peer = _peer(certified)
    row = ForeignPeer.objects.filter(peer=peer).first()
    is_news = row is None or row.manager_url != url
    ForeignPeer.objects.update_or_create(peer=peer, defaults={"manager_url": url, "announced_at": now()})
    certificate_keep(peer, certified)
    if is_news:
        facts = {"peer": certified.peer_id, "manager": url}
        audit.record("exchange.peer_announced", by=BY, about_kind="peer", about_id=peer.id, facts=facts)
        snapshot_publish()


def _peer(certified: CertifiedPeer) -> Peer:
    found = Peer.objects.filter(agency__peer_id=certified.peer_id).first()
    if found is not None:
        if not ForeignPeer.objects.filter(peer=found).exists():
            raise CallerUnknown(reason="certificate.hosted_peer")
        return found
    try:
        agency_id = agency_by_peer(certified.peer_id).id
    except NotFound:
        agency_id = agency_create(
            _code(certified.peer_id),
            peer_id=certified.peer_id,
            name=certified.name,
            short_name=certified.name[:40],
            kind=AgencyKind.PARTNER,
            by=BY,
        ).id
    return Peer.objects.create(agency_id=agency_id)


def _code(peer_id: str) -> str:
    plain = peer_id if _PLAIN.fullmatch(peer_id) else hashlib.sha256(peer_id.encode()).hexdigest()[:16]
    return f"fsc.{plain}"


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme == "https" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_good = False
    if not is_good or len(url) > 255 or parts.username or parts.query or parts.fragment:
        raise ContractInvalid(reason="manager.address")
    return url.rstrip("/")
