"""Certificates renewed over the wire: by the holder of the key alone, and only when the end is near."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from django.test import Client

from terpadu.directory.models import Certificate
from terpadu.directory.public import agency_key, certificate_get
from terpadu.exchange.demo import DUKCAPIL
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
