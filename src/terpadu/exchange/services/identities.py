"""The keys and certificates by which our peers act towards foreign managers: ECDSA, as FSC core asks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.db import transaction

from terpadu.directory.public import certificate_for_key, private_file_write
from terpadu.exchange.adapters.managers import FscIdentity
from terpadu.exchange.errors import PeerUnknown
from terpadu.exchange.models import ContractCertificate, ForeignPeer, Peer
from terpadu.exchange.selectors.anchors import anchors_pem, trust_anchors
from terpadu.exchange.selectors.places import fsc_identity_dir
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.timers import timer_set
from terpadu_wire.certificates import CertifiedPeer, certified_peer, chain_der
from terpadu_wire.keys import public_key_spki

RENEW_BEFORE = timedelta(days=30)
RENEWAL = "exchange.fsc_renewal"
BY = Actor.system("exchange.identities")


@transaction.atomic
def fsc_identity(peer_id: str) -> FscIdentity:
    """Return the FSC identity of one of our peers, making key and certificate when there are none or the end is near.

    Raises PeerUnknown.
    """
    rows = Peer.objects.select_for_update(of=("self",)).select_related("agency")
    peer = rows.filter(agency__peer_id=peer_id).first()
    if peer is None or ForeignPeer.objects.filter(peer=peer).exists():
        raise PeerUnknown(peer=peer_id)
    folder = fsc_identity_dir(peer_id)
    key_path, certificate_path = folder / "fsc.key.pem", folder / "fsc.cert.pem"
    key = _key(key_path)
    lasting = ContractCertificate.objects.filter(peer=peer, valid_to__gt=now() + RENEW_BEFORE)
    row = lasting.order_by("-valid_to").first()
    if row is None or not certificate_path.exists():
        row = _certify(peer, key)
        timer_set(RENEWAL, key="daily", due_at=now() + timedelta(days=1))
        private_file_write(certificate_path, row.chain.encode())
    return FscIdentity(peer_id, key, row.thumbprint, key_path, certificate_path, anchors_pem())


def certificate_keep(peer: Peer, certified: CertifiedPeer) -> ContractCertificate:
    """Keep a certificate whose chain was checked, for as long as contracts may be signed with it."""
    row, _ = ContractCertificate.objects.update_or_create(
        peer=peer,
        thumbprint=certified.thumbprint,
        defaults={
            "public_key_thumbprint": certified.key_thumbprint,
            "spki": public_key_spki(certified.key),
            "chain": certified.chain,
            "valid_from": certified.valid_from,
            "valid_to": certified.valid_to,
            "seen_at": now(),
        },
    )
    return row


def _certify(peer: Peer, key: ec.EllipticCurvePrivateKey) -> ContractCertificate:
    pem = certificate_for_key(peer.agency.code, key.public_key(), by=BY)
    return certificate_keep(peer, certified_peer(chain_der(pem), anchors=trust_anchors(), now=now()))


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        private_file_write(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no ECDSA key")
    return key
