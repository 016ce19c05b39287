"""Pure rules of the directory: names that hold, and certificates of the platform's own authority (RFC 5280)."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from terpadu.directory.enums import OPERATING, PLATFORM
from terpadu_wire.keys import ContractKey, PrivateKey, PublicKey

AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
CLOCK_SKEW = timedelta(minutes=5)

_CODE = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
_PEER_ID = re.compile(r"[A-Za-z0-9._-]{1,20}")
_LOOPBACK = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)


def is_agency_code(text: str) -> bool:
    """Tell whether a text can be an agency's code, such as "disdukcapil.36.71"; at most 60 characters."""
    return len(text) <= 60 and _CODE.fullmatch(text) is not None


def is_peer_id(text: str) -> bool:
    """Tell whether a text can be a peer id of the exchange: at most 20 plain characters (FSC core, "Peer")."""
    return _PEER_ID.fullmatch(text) is not None


def may_have_position(kind: str, *, agency_code: str) -> bool:
    """Tell whether an agency may have a kind of position: those that operate the platform are its operator's alone."""
    return kind not in OPERATING or agency_code == PLATFORM


def needs_renewal(valid_to: datetime, *, now: datetime) -> bool:
    """Tell whether a certificate that ends at `valid_to` should be replaced now."""
    return valid_to - now < RENEW_BEFORE


def build_authority(key: PrivateKey, *, now: datetime) -> x509.Certificate:
    """Return the self-signed certificate of the platform's authority; it may sign end certificates only."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Terpadu Exchange Authority")])
    usage = _key_usage(signs_certificates=True)
    return (
        _builder(name, name, key.public_key(), now=now, life=AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, None)
    )


def build_certificate(
    public_key: ContractKey,
    *,
    peer_id: str,
    name: str,
    authority: x509.Certificate,
    authority_key: PrivateKey,
    now: datetime,
    hosts: tuple[str, ...] = (),
) -> x509.Certificate:
    """Return a certificate that binds an agency's public key to its peer id.

    peer_id: goes into the subject's serialNumber, where FSC's group rules read it. name: the agency's name, shortened
    to the 64 characters that X.520 allows. hosts: host names of its gateway beside the loopback names.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, peer_id),
        ]
    )
    names = [*_LOOPBACK, *(x509.DNSName(host) for host in hosts)]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(subject, authority.subject, public_key, now=now, life=CERTIFICATE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority_id, critical=False)
        .sign(authority_key, None)
    )


def request_key(pem: bytes) -> PublicKey:
    """Return the key of a certificate request (PKCS#10, RFC 2986) whose holder has signed it.

    Raises ValueError with a stable code: not a request, another kind of key, or a signature that does not hold.
    """
    try:
        request = x509.load_pem_x509_csr(pem)
        key = request.public_key()
        holds = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("request.unreadable") from error
    if not isinstance(key, PublicKey):
        raise ValueError("request.key_kind")
    if not holds:
        raise ValueError("request.signature")
    return key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ContractKey, *, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
