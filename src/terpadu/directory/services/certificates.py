"""The platform's certificate authority and the agencies' keys: files readable by the owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from terpadu.directory.errors import AgencyUnknown
from terpadu.directory.models import Agency, Certificate
from terpadu.directory.rules import build_authority, build_certificate, needs_renewal
from terpadu.directory.selectors import (
    CertificateView,
    authority_dir,
    authority_path,
    certificate_view,
    peer_dir,
)
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.keys import (
    PrivateKey,
    certificate_thumbprint,
    generate_key,
    load_private_key,
    private_key_pem,
    public_key_spki,
    public_key_thumbprint,
)


@transaction.atomic
def certificate_ensure(agency_code: str, *, by: Actor) -> CertificateView:
    """Return an agency's certificate, making key and certificate when there are none or the end is near.

    The key stays the same when a certificate is renewed, so that contracts, which bind the key, stay valid.
    Raises AgencyUnknown.
    """
    agency = Agency.objects.select_for_update().filter(code=agency_code).first()
    if agency is None:
        raise AgencyUnknown(code=agency_code)
    row = Certificate.objects.in_force(now()).newest_first().filter(agency=agency).first()
    has_files = (peer_dir(agency.peer_id) / "key.pem").exists()
    if row is None or not has_files or needs_renewal(row.valid_to, now=now()):
        row = _issue(agency, by=by)
    row.agency = agency
    return certificate_view(row)


def private_file_write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, replacing an older one in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def private_key_ensure(path: Path) -> PrivateKey:
    """Return the Ed25519 key of a PEM file, making it at first use; racing processes agree on one key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        private_file_write(draft, private_key_pem(generate_key()))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its key is the one that counts
        finally:
            draft.unlink()
    return load_private_key(path.read_bytes())


def _issue(agency: Agency, *, by: Actor) -> Certificate:
    directory = peer_dir(agency.peer_id)
    key = private_key_ensure(directory / "key.pem")
    authority, authority_key = _authority()
    certificate = build_certificate(
        key.public_key(),
        peer_id=agency.peer_id,
        name=agency.name,
        authority=authority,
        authority_key=authority_key,
        now=now(),
    )
    pem = certificate.public_bytes(Encoding.PEM)
    private_file_write(directory / "cert.pem", pem)
    row = _store(agency, certificate, pem=pem, key=key)
    facts = {"agency": agency.code, "serial": row.serial}
    audit.record("directory.certificate_issued", by=by, about_kind="agency", about_id=agency.id, facts=facts)
    return row


def _store(agency: Agency, certificate: x509.Certificate, *, pem: bytes, key: PrivateKey) -> Certificate:
    return Certificate.objects.create(
        agency=agency,
        serial=f"{certificate.serial_number:x}",
        pem=pem.decode("ascii"),
        thumbprint=certificate_thumbprint(pem),
        public_key_thumbprint=public_key_thumbprint(key.public_key()),
        spki=public_key_spki(key.public_key()),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


def _authority() -> tuple[x509.Certificate, PrivateKey]:
    key = private_key_ensure(authority_dir() / "authority.key")
    path = authority_path()
    if not path.exists():
        private_file_write(path, build_authority(key, now=now()).public_bytes(Encoding.PEM))
    return x509.load_pem_x509_certificate(path.read_bytes()), key
