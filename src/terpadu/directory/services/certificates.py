"""The platform's certificate authority and the agencies' keys: files readable by the owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from terpadu.directory.errors import AgencyUnknown, NoCertificate, RequestInvalid
from terpadu.directory.models import Agency, Certificate
from terpadu.directory.rules import build_authority, build_certificate, needs_renewal, request_key
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
    ContractKey,
    PrivateKey,
    PublicKey,
    certificate_thumbprint,
    generate_key,
    load_private_key,
    load_public_key,
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
    held_here = Certificate.objects.in_force(now()).filter(is_external=False)
    row = held_here.newest_first().filter(agency=agency).first()
    has_files = (peer_dir(agency.peer_id) / "key.pem").exists()
    if row is None or not has_files or needs_renewal(row.valid_to, now=now()):
        row = _issue(agency, by=by)
    row.agency = agency
    return certificate_view(row)


@transaction.atomic
def certificate_renew(key_thumbprint: str, *, by: Actor) -> str:
    """Return the certificate of a public key in PEM: the one in force, or a new one when its end is near.

    key_thumbprint: of a key that the authority certified and whose holder asks; the key itself may be elsewhere. A
    certificate of another authority is that authority's to renew, and is returned as it is.
    Raises NoCertificate.
    """
    rows = Certificate.objects.in_force(now()).newest_first().select_for_update(of=("self",))
    row = rows.select_related("agency").filter(public_key_thumbprint=key_thumbprint).first()
    if row is None:
        raise NoCertificate(key=key_thumbprint)
    if not row.authority and needs_renewal(row.valid_to, now=now()):
        row = _issue_for(row.agency, load_public_key(row.spki), by=by, is_external=row.is_external)
        key_path = peer_dir(row.agency.peer_id) / "key.pem"
        if key_path.exists() and _thumbprint_of(key_path) == key_thumbprint:
            private_file_write(key_path.with_name("cert.pem"), row.pem.encode())
    return row.pem


def certificate_for_key(agency_code: str, key: ContractKey, *, by: Actor) -> str:
    """Return a certificate (PEM) of a further key of an agency, which is its caller's to keep. Raises AgencyUnknown."""
    agency = Agency.objects.filter(code=agency_code).first()
    if agency is None:
        raise AgencyUnknown(code=agency_code)
    certificate = _certificate_of(agency, key)
    facts = {"agency": agency.code, "serial": f"{certificate.serial_number:x}"}
    audit.record("directory.certificate_issued", by=by, about_kind="agency", about_id=agency.id, facts=facts)
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


@transaction.atomic
def certificate_sign(agency_code: str, request_pem: bytes, *, by: Actor) -> str:
    """Return a certificate in PEM for a key that the agency keeps itself; the same key twice is renewed, not refused.

    request_pem: PKCS#10 request in PEM (RFC 2986) with an Ed25519 key, signed with it. Only its key is taken: who the
    agency is, the directory says. Raises AgencyUnknown, RequestInvalid.
    """
    agency = Agency.objects.select_for_update().filter(code=agency_code).first()
    if agency is None:
        raise AgencyUnknown(code=agency_code)
    key = _key_of(request_pem)
    taken = Certificate.objects.filter(public_key_thumbprint=public_key_thumbprint(key))
    if taken.exclude(agency=agency).exists() or taken.filter(is_external=False).exists():
        raise RequestInvalid(reason="request.key_taken")
    return _issue_for(agency, key, by=by, is_external=True).pem


@transaction.atomic
def certificate_accept(agency_code: str, pem: str, *, authority: str, by: Actor) -> CertificateView:
    """Keep an agency's certificate that another authority issued, for a key that the agency keeps itself.

    pem: the certificate, which the caller has held against the authorities that are trusted. authority: the issuer's name.
    The same one twice is kept once. Raises AgencyUnknown, RequestInvalid.
    """
    agency = Agency.objects.select_for_update().filter(code=agency_code).first()
    if agency is None:
        raise AgencyUnknown(code=agency_code)
    certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise RequestInvalid(reason="request.key_kind")
    taken = Certificate.objects.filter(public_key_thumbprint=public_key_thumbprint(key))
    if taken.exclude(agency=agency).exists() or taken.filter(is_external=False).exists():
        raise RequestInvalid(reason="request.key_taken")
    row = taken.filter(thumbprint=certificate_thumbprint(pem.encode("ascii"))).first()
    if row is None:
        row = _store(agency, certificate, key=key, is_external=True, authority=authority[:200])
        facts = {"agency": agency.code, "serial": row.serial, "authority": row.authority}
        audit.record(
            "directory.certificate_accepted", by=by, about_kind="agency", about_id=agency.id, facts=facts
        )
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


def _key_of(request_pem: bytes) -> PublicKey:
    try:
        return request_key(request_pem)
    except ValueError as error:
        raise RequestInvalid(reason=str(error)) from error


def _thumbprint_of(key_path: Path) -> str:
    return public_key_thumbprint(load_private_key(key_path.read_bytes()).public_key())


def _issue(agency: Agency, *, by: Actor) -> Certificate:
    directory = peer_dir(agency.peer_id)
    row = _issue_for(agency, private_key_ensure(directory / "key.pem").public_key(), by=by)
    private_file_write(directory / "cert.pem", row.pem.encode())
    return row


def _issue_for(agency: Agency, key: PublicKey, *, by: Actor, is_external: bool = False) -> Certificate:
    row = _store(agency, _certificate_of(agency, key), key=key, is_external=is_external)
    facts = {"agency": agency.code, "serial": row.serial}
    audit.record("directory.certificate_issued", by=by, about_kind="agency", about_id=agency.id, facts=facts)
    return row


def _certificate_of(agency: Agency, key: ContractKey) -> x509.Certificate:
    authority, authority_key = _authority()
    return build_certificate(
        key,
        peer_id=agency.peer_id,
        name=agency.name,
        authority=authority,
        authority_key=authority_key,
        now=now(),
    )


def _store(
    agency: Agency, certificate: x509.Certificate, *, key: PublicKey, is_external: bool, authority: str = ""
) -> Certificate:
    pem = certificate.public_bytes(Encoding.PEM)
    thumbprint = certificate_thumbprint(pem)
    # Two authorities may number alike.
    serial = f"{f'{thumbprint[:6]}.' if authority else ''}{certificate.serial_number:x}"
    return Certificate.objects.create(
        agency=agency,
        serial=serial,
        pem=pem.decode("ascii"),
        thumbprint=thumbprint,
        public_key_thumbprint=public_key_thumbprint(key),
        spki=public_key_spki(key),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
        is_external=is_external,
        authority=authority,
    )


def _authority() -> tuple[x509.Certificate, PrivateKey]:
    key = private_key_ensure(authority_dir() / "authority.key")
    path = authority_path()
    if not path.exists():
        private_file_write(path, build_authority(key, now=now()).public_bytes(Encoding.PEM))
    return x509.load_pem_x509_certificate(path.read_bytes()), key
