"""Certificates renewed over the wire: by the holder of the key alone, and only when the end is near."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.test import Client

from terpadu.directory.errors import RequestInvalid
from terpadu.directory.models import Certificate
from terpadu.directory.public import agency_get, agency_key, certificate_get
from terpadu.exchange.demo import DUKCAPIL
from terpadu.exchange.errors import CertificateRefused
from terpadu.exchange.selectors.console import certificates_of
from terpadu.exchange.services.anchors import anchor_trust
from terpadu.exchange.services.peers import certificate_register
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu_wire.keys import generate_key, public_key_thumbprint
from tests.exchange.signing import sign

PATH = "/exchange/certificates"
pytestmark = pytest.mark.django_db


def ask(client: Client, **who: object) -> tuple[int, bytes]:
    answer = sign("POST", PATH, b"", content_type="", agency_code=DUKCAPIL, **who).send(client)  # type: ignore[arg-type]  # a test's shorthand
    return answer.status_code, answer.content


def test_certificate_far_from_its_end_is_given_as_it_is(country: object, client: Client) -> None:
    status, pem = ask(client)

    assert status == 200
    assert pem == certificate_get(DUKCAPIL).certificate_path.read_bytes()


def test_certificate_near_its_end_is_replaced_for_the_same_key(country: object, client: Client) -> None:
    old = certificate_get(DUKCAPIL).certificate_path.read_bytes()
    thumbprint = public_key_thumbprint(agency_key(DUKCAPIL).public_key())
    row = Certificate.objects.get(public_key_thumbprint=thumbprint)
    Certificate.objects.filter(pk=row.pk).update(valid_to=row.valid_to - timedelta(days=70))

    status, pem = ask(client)

    assert (status, pem == old) == (200, False)
    assert x509.load_pem_x509_certificate(pem).public_key() == agency_key(DUKCAPIL).public_key()
    assert certificate_get(DUKCAPIL).certificate_path.read_bytes() == pem
    assert ask(client) == (200, pem)


def test_certificate_for_an_unknown_key_is_refused(country: object, client: Client) -> None:
    status, body = ask(client, key=generate_key())

    assert status == 401
    assert b"signature.unknown_key" in body


BY = Actor.system("tests")
AUTHORITY = ec.generate_private_key(ec.SECP256R1())


def issued(name: str, key: object, *, serial: str = "", days: float = 90) -> bytes:
    """Return a certificate (PEM) of an authority that is not ours; of itself where there is no serial."""
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Otoritas Lain")])
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, serial),
        ]
    )
    moment = now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject if serial else issuer)
        .issuer_name(issuer)
        .public_key(key.public_key())  # type: ignore[attr-defined]  # keys of several kinds
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=not serial, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    )
    return builder.sign(AUTHORITY, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def trusted(country: object) -> None:
    """The operator trusts the other authority."""
    anchor_trust(issued("Otoritas Lain", AUTHORITY, days=1000), by=BY)


def register(key: object, *, days: float = 90, serial: str = "") -> None:
    peer_id = serial or agency_get(DUKCAPIL).peer_id
    certificate_register(DUKCAPIL, issued("Dukcapil", key, serial=peer_id, days=days), by=BY)


def test_certificate_of_another_authority_makes_its_key_the_agencys(trusted: None, client: Client) -> None:
    key = generate_key()
    register(key)

    (view,) = (one for one in certificates_of(agency_get(DUKCAPIL).peer_id) if one.authority)
    assert (view.authority, view.is_external) == ("CN=Otoritas Lain", True)
    status, pem = ask(client, key=key)
    assert status == 200
    assert x509.load_pem_x509_certificate(pem).issuer.rfc4514_string() == "CN=Otoritas Lain"


def test_certificate_of_another_authority_ends_with_its_date_and_is_not_renewed_here(
    trusted: None, client: Client
) -> None:
    key = generate_key()
    register(key, days=10)
    assert b"Otoritas" not in ask(client, key=key)[1]
    with freeze(now() + timedelta(days=5)):
        assert x509.load_pem_x509_certificate(ask(client, key=key)[1]).public_key() == key.public_key()
    assert Certificate.objects.filter(authority="CN=Otoritas Lain").count() == 1
    with freeze(now() + timedelta(days=11)):
        assert ask(client, key=key)[0] == 401


@pytest.mark.parametrize(
    ("key", "changes", "reason"),
    [
        (generate_key(), {"days": -0.5}, "certificate.expired"),
        (generate_key(), {"serial": "00000099"}, "certificate.other_agency"),
        (rsa.generate_private_key(65537, 2048), {}, "certificate.untrusted"),
    ],
)
def test_certificate_of_another_authority_that_cannot_stand_for_the_agency_is_refused(
    trusted: None, key: object, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(CertificateRefused) as refused:
        register(key, **changes)  # type: ignore[arg-type]  # a test's shorthand
    assert refused.value.reason == reason


def test_authority_that_nobody_trusts_makes_nobody_a_peer(country: object) -> None:
    with pytest.raises(CertificateRefused) as refused:
        register(generate_key())
    assert refused.value.reason == "certificate.untrusted"
    with pytest.raises(CertificateRefused) as refused:
        certificate_register(DUKCAPIL, b"-----BEGIN CERTIFICATE-----", by=BY)
    assert refused.value.reason == "certificate.unreadable"


def test_key_that_is_kept_here_or_by_another_agency_is_not_taken(trusted: None) -> None:
    with pytest.raises(RequestInvalid) as refused:
        register(agency_key(DUKCAPIL))
    assert refused.value.reason == "request.key_taken"
