"""The platform's authority: certificates that rustls and OpenSSL take, keys that nobody else reads."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from pytest_django.fixtures import Settings

from terpadu.directory import demo
from terpadu.directory.errors import AgencyUnknown, NoCertificate
from terpadu.directory.models import Agency, Certificate, Position, Unit
from terpadu.directory.public import (
    agency_key,
    authority_path,
    certificate_ensure,
    certificate_get,
    certificate_list,
)
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.models import AuditEvent
from terpadu_wire.keys import public_key_thumbprint

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _country(settings: Settings, tmp_path: Path) -> None:
    settings.EXCHANGE_DIR = tmp_path / "exchange"
    demo.seed()


def test_certificate_ensure_binds_the_key_to_the_peer() -> None:
    view = certificate_ensure(demo.DUKCAPIL, by=BY)

    certificate = x509.load_pem_x509_certificate(view.certificate_path.read_bytes())
    assert certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == view.peer_id
    assert public_key_thumbprint(agency_key(demo.DUKCAPIL).public_key()) == view.public_key_thumbprint
    assert certificate_get(demo.DUKCAPIL) == view
    assert AuditEvent.objects.filter(event="directory.certificate_issued").count() == 1


def test_certificate_ensure_again_keeps_what_is_good() -> None:
    assert certificate_ensure(demo.PORTAL, by=BY) == certificate_ensure(demo.PORTAL, by=BY)
    assert Certificate.objects.count() == 1


def test_certificate_ensure_near_the_end_renews_and_keeps_the_key() -> None:
    first = certificate_ensure(demo.PORTAL, by=BY)

    with freeze(first.valid_to - timedelta(days=29)):
        second = certificate_ensure(demo.PORTAL, by=BY)

        assert second.valid_to > first.valid_to
        assert second.public_key_thumbprint == first.public_key_thumbprint
        assert certificate_get(demo.PORTAL) == second


def test_certificate_ensure_lost_key_file_makes_a_new_key() -> None:
    first = certificate_ensure(demo.PORTAL, by=BY)
    first.key_path.unlink()

    assert certificate_ensure(demo.PORTAL, by=BY).public_key_thumbprint != first.public_key_thumbprint


def test_certificate_get_revoked_is_refused() -> None:
    certificate_ensure(demo.PORTAL, by=BY)
    Certificate.objects.update(revoked_at=now())

    with pytest.raises(NoCertificate):
        certificate_get(demo.PORTAL)
    assert certificate_list() == []


def test_certificate_ensure_unknown_agency_is_refused() -> None:
    with pytest.raises(AgencyUnknown):
        certificate_ensure("nobody", by=BY)


def test_key_files_are_for_the_owner_alone() -> None:
    view = certificate_ensure(demo.PORTAL, by=BY)

    for path in (view.key_path, authority_path().with_suffix(".key")):
        assert path.stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in Certificate.objects.get().pem.encode()


def test_certificates_of_two_agencies_meet_over_mutual_tls() -> None:
    server = _context(demo.DUKCAPIL, ssl.Purpose.CLIENT_AUTH)
    server.verify_mode = ssl.CERT_REQUIRED
    client = _context(demo.PORTAL, ssl.Purpose.SERVER_AUTH)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen: list[object] = []
        thread = threading.Thread(target=_accept_once, args=(listener, server, seen))
        thread.start()
        with (
            socket.create_connection(listener.getsockname()) as raw,
            client.wrap_socket(raw, server_hostname="127.0.0.1") as connection,
        ):
            assert connection.recv(2) == b"ok"
        thread.join(timeout=60)

    assert (("serialNumber", "00000001"),) in seen


def test_directory_models_classify_every_field() -> None:
    for model in (Agency, Unit, Position, Certificate):
        assert set(model.PRIVACY) == {field.name for field in model._meta.concrete_fields}


def _context(agency_code: str, purpose: ssl.Purpose) -> ssl.SSLContext:
    view = certificate_ensure(agency_code, by=BY)
    context = ssl.create_default_context(purpose, cafile=str(authority_path()))
    context.load_cert_chain(view.certificate_path, view.key_path)
    return context


def _accept_once(listener: socket.socket, context: ssl.SSLContext, seen: list[object]) -> None:
    raw, _ = listener.accept()
    with context.wrap_socket(raw, server_side=True) as connection:
        peer = connection.getpeercert()
        assert peer is not None
        seen.extend(peer["subject"])  # type: ignore[arg-type] # typeshed unions all members of the certificate
        connection.sendall(b"ok")
