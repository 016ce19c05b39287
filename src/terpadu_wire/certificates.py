"""Certificates of peers after FSC core: read, held against the group's trust anchors, named by their thumbprints.

Rule of our group: the subject's serialNumber is the peer id, its organizationName the peer's name (FSC core, "Peer ID").
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from terpadu_wire.canonical import b64url_encode
from terpadu_wire.errors import KeyFileError
from terpadu_wire.keys import ContractKey, check_contract_key, public_key_thumbprint

MAX_CHAIN = 5
UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises at a certificate that it cannot read, or whose key is of a kind that it does not know."""
_PEER_ID = re.compile(r"[A-Za-z0-9._-]{1,20}")


@dataclass(frozen=True, slots=True)
class CertifiedPeer:
    """What a certificate says of a peer. chain: PEM of the certificate and of those between it and the anchor."""

    peer_id: str
    name: str
    key: ContractKey
    thumbprint: str
    key_thumbprint: str
    valid_from: datetime
    valid_to: datetime
    chain: str


def certified_peer(
    chain: Sequence[bytes], *, anchors: Sequence[x509.Certificate], now: datetime
) -> CertifiedPeer:
    """Return what a chain of certificates says of a peer, after holding it against the trust anchors.

    Args:
        chain: DER certificates, the peer's own first, without the anchor.
        anchors: the group's trust anchors.
        now: the moment at which it must hold.

    Raises:
        KeyFileError: ``certificate.unreadable``, ``.expired``, ``.untrusted`` or ``.malformed``.
    """
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise KeyFileError("certificate.unreadable", "there is no certificate, or too many")
    try:
        leaf, *between = (x509.load_der_x509_certificate(der) for der in chain)
        public_key = leaf.public_key()
    except UNREADABLE as error:
        raise KeyFileError("certificate.unreadable", "a certificate cannot be read") from error
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        raise KeyFileError("certificate.expired", "the certificate is not valid now")
    if not _is_trusted(leaf, between, anchors, now):
        raise KeyFileError("certificate.untrusted", "the certificate is not of a trust anchor of the group")
    peer_id, name = _only(leaf, NameOID.SERIAL_NUMBER), _only(leaf, NameOID.ORGANIZATION_NAME)
    if not _PEER_ID.fullmatch(peer_id) or not name:
        raise KeyFileError("certificate.malformed", "the certificate names no peer id, or no organisation")
    key = check_contract_key(public_key)
    return CertifiedPeer(
        peer_id=peer_id,
        name=name,
        key=key,
        thumbprint=x5t(chain[0]),
        key_thumbprint=public_key_thumbprint(key),
        valid_from=leaf.not_valid_before_utc,
        valid_to=leaf.not_valid_after_utc,
        chain="".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in (leaf, *between)),
    )


def x5t(der: bytes) -> str:
    """Return the ``x5t#S256`` of a certificate (RFC 7515, section 4.1.8)."""
    return b64url_encode(hashlib.sha256(der).digest())


def chain_der(pem: str) -> list[bytes]:
    """Return the DER certificates of a PEM text; the text is one of ours."""
    return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem.encode("ascii"))]


def _is_trusted(
    leaf: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> bool:
    usual = [one for one in anchors if not isinstance(one.public_key(), Ed25519PublicKey)]
    # That profile knows no Ed25519 keys either, neither an authority's nor one that another authority certified.
    unusual = (
        anchors if isinstance(leaf.public_key(), Ed25519PublicKey) else [x for x in anchors if x not in usual]
    )
    if any(_issued(leaf, one, now) for one in unusual):
        return True
    if not usual:
        return False
    verifier = PolicyBuilder().store(Store(usual)).time(now.replace(tzinfo=None)).build_client_verifier()
    try:
        verifier.verify(leaf, list(between))
    except (VerificationError, x509.UnsupportedGeneralNameType, *UNREADABLE):
        return False
    return True


def _issued(leaf: x509.Certificate, anchor: x509.Certificate, now: datetime) -> bool:
    """Say whether an authority issued a certificate itself, where the library's web profile is of no use."""
    try:
        leaf.verify_directly_issued_by(anchor)
        uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        is_authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (TypeError, InvalidSignature, x509.ExtensionNotFound, *UNREADABLE):
        return False
    holds = all(one.not_valid_before_utc <= now < one.not_valid_after_utc for one in (leaf, anchor))
    return holds and not is_authority and ExtendedKeyUsageOID.CLIENT_AUTH in uses


def _only(certificate: x509.Certificate, name: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(name)
    return str(found[0].value) if len(found) == 1 else ""
