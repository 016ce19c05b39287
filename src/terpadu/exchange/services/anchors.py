"""Trust anchors: authorities whose certificates make an organisation a peer of the group."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from terpadu.directory.public import private_file_write
from terpadu.exchange.selectors.anchors import trust_anchors
from terpadu.exchange.selectors.places import anchors_path
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor


def anchor_trust(pem: bytes, *, by: Actor) -> list[str]:
    """Trust the root certificates of a PEM text from now on; return the names of those that are new.

    Raises ValueError when one is no certificate of an authority.
    """
    known = {one.public_bytes(Encoding.DER) for one in trust_anchors()}
    found = x509.load_pem_x509_certificates(pem)
    for one in found:
        if not _is_authority(one):
            raise ValueError("this is not the certificate of an authority")
    news = [one for one in found if one.public_bytes(Encoding.DER) not in known]
    path = anchors_path()
    before = path.read_bytes() if path.exists() else b""
    private_file_write(path, before + b"".join(one.public_bytes(Encoding.PEM) for one in news))
    for one in news:
        facts = {"name": one.subject.rfc4514_string()[:200]}
        audit.record(
            "exchange.anchor_trusted",
            by=by,
            about_kind="anchor",
            about_id=f"{one.serial_number:x}",
            facts=facts,
        )
    return [one.subject.rfc4514_string() for one in news]


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
