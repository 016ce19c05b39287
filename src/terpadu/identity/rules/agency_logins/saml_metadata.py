"""SAML 2.0 metadata: read of an agency's identity provider, written of ourselves."""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from lxml.builder import ElementMaker

from terpadu.identity.rules.agency_logins.connection import SamlConnection
from terpadu.identity.rules.agency_logins.saml import DSIG, PERSISTENT, POST, SAMLP, SamlFault, parse_xml
from terpadu.identity.rules.provider.addresses import find_web_fault
from terpadu.identity.rules.provider.keys import RSA_BITS

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
NS = {"md": MD, "ds": DSIG}
LARGEST = 200_000  # bytes
MOST_CERTIFICATES = 4


def read_metadata(xml: bytes, *, levels: dict[str, str]) -> SamlConnection:
    """Read the metadata of one identity provider. Raises SamlFault with the reason, in words for its administrator."""
    if len(xml) > LARGEST:
        raise SamlFault("large")
    root = parse_xml(xml)
    entity_id = root.get("entityID", "")
    if root.tag != f"{{{MD}}}EntityDescriptor" or not 0 < len(entity_id) <= 1024:
        raise SamlFault("entity")
    provider = root.find("md:IDPSSODescriptor", NS)
    if provider is None:
        raise SamlFault("provider")
    return SamlConnection(entity_id, _sso_address(provider), _certificates(provider), levels)


def _sso_address(provider: etree._Element) -> str:
    for service in provider.findall("md:SingleSignOnService", NS):
        address = service.get("Location", "")
        if service.get("Binding") == REDIRECT and not find_web_fault(address, may_be_loopback=True):
            return address
    raise SamlFault("redirect")


def _certificates(provider: etree._Element) -> tuple[str, ...]:
    found: list[str] = []
    for described in provider.findall("md:KeyDescriptor", NS):
        if described.get("use", "signing") == "signing":
            found += [_pem(one.text or "") for one in described.iter(f"{{{DSIG}}}X509Certificate")]
    if not 0 < len(found) <= MOST_CERTIFICATES:
        raise SamlFault("certificate")
    return tuple(dict.fromkeys(found))


def _pem(text: str) -> str:
    try:
        certificate = x509.load_der_x509_certificate(b64decode("".join(text.split()), validate=True))
    except (ValueError, binascii.Error):
        raise SamlFault("certificate") from None
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < RSA_BITS:
        raise SamlFault("key")
    return certificate.public_bytes(Encoding.PEM).decode()


def certificates_of(connection: SamlConnection) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a connection."""
    return tuple(x509.load_pem_x509_certificate(pem.encode()) for pem in connection.certificates)


def certificate_facts(pem: str) -> tuple[str, datetime]:
    """Return a certificate's SHA-256 fingerprint and its last moment: what an operator compares."""
    found = x509.load_pem_x509_certificate(pem.encode())
    text = found.fingerprint(SHA256()).hex().upper()
    return ":".join(text[at : at + 2] for at in range(0, len(text), 2)), found.not_valid_after_utc


def build_metadata(*, entity_id: str, address: str) -> bytes:
    """Return our own metadata for one agency. address: where its answers are sent."""
    md: Any = ElementMaker(namespace=MD, nsmap={"md": MD})
    service = md.AssertionConsumerService(Binding=POST, Location=address, index="0", isDefault="true")
    described = md.SPSSODescriptor(
        md.NameIDFormat(PERSISTENT),
        service,
        protocolSupportEnumeration=SAMLP,
        AuthnRequestsSigned="false",
        WantAssertionsSigned="true",
    )
    return etree.tostring(
        md.EntityDescriptor(described, entityID=entity_id), xml_declaration=True, encoding="utf-8"
    )
