"""The group's trust anchors: the platform's own authority, and those of others whom the operator trusts."""

from __future__ import annotations

from cryptography import x509

from terpadu.directory.public import authority_path
from terpadu.exchange.selectors.places import anchors_path


def trust_anchors() -> list[x509.Certificate]:
    """Return the certificates of every trust anchor of the group, our own authority first."""
    return x509.load_pem_x509_certificates(anchors_pem())


def anchors_pem() -> bytes:
    """Return all trust anchors in PEM."""
    own, others = authority_path(), anchors_path()
    return own.read_bytes() + (others.read_bytes() if others.exists() else b"")
