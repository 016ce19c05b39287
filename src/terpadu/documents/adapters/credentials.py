"""Keys and certificates of the test authority: a root, a time-stamping unit, one certificate for each signer.

Every key is P-256. A credential is one file with key and certificate, made at first use; racing processes agree.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from terpadu.documents.rules import SignerView

ROOT_NAME = "Terpadu: Otoritas Uji Dokumen (bukan PSrE)"
STAMPING_NAME = "Terpadu: Cap Waktu Uji (bukan PSrE)"
ROOT_FROM, ROOT_TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)
SIGNER_YEARS = 2
REMEMBERED = 512
NAME_LIMIT = 64  # RFC 5280, appendix A: ub-common-name and ub-organization-name


@dataclass(frozen=True)
class Credential:
    """A private key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def to_pem(self) -> bytes:
        """Write both as PEM; the file's mode is what protects the key."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)

    @classmethod
    def from_pem(cls, pem: bytes) -> Credential:
        """Read what `to_pem` wrote. Raises ValueError when it is no such credential."""
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("not an elliptic-curve key")
        return cls(key=key, certificate=x509.load_pem_x509_certificate(pem))


@dataclass(frozen=True)
class CredentialStore:
    """The credentials below one directory."""

    folder: Path

    def root(self) -> Credential:
        """Return the root of the test authority."""
        return self._load(self.folder / "root.pem") or self._make_root()

    def stamping_unit(self) -> Credential:
        """Return the time-stamping unit."""
        return self._load(self.folder / "time-stamp.pem") or self._make_stamping_unit()

    def signer(self, signer: SignerView, *, agency_code: str, agency_name: str, year: int) -> Credential:
        """Return the credential of an officer in a position for the certificates of a year."""
        who = "\0".join((agency_code, signer.nip, signer.name, signer.title))
        path = self.folder / "signers" / f"{hashlib.sha256(who.encode()).hexdigest()[:24]}-{year}.pem"
        return self._load(path) or self._make_signer(path, signer=signer, agency_name=agency_name, year=year)

    def _make_root(self) -> Credential:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(ROOT_NAME)
        builder = _builder(name, name, key, ROOT_FROM, ROOT_TO)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        return self._keep(self.folder / "root.pem", Credential(key, builder.sign(key, hashes.SHA256())))

    def _make_stamping_unit(self) -> Credential:
        key = ec.generate_private_key(ec.SECP256R1())
        root = self.root()
        builder = _builder(_name(STAMPING_NAME), root.certificate.subject, key, ROOT_FROM, ROOT_TO)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
        builder = builder.add_extension(
            _usage(digital_signature=True, content_commitment=True), critical=True
        )
        return self._keep(self.folder / "time-stamp.pem", _issued(builder, key=key, root=root))

    def _make_signer(self, path: Path, *, signer: SignerView, agency_name: str, year: int) -> Credential:
        key = ec.generate_private_key(ec.SECP256R1())
        root = self.root()
        begin = datetime(year, 1, 1, tzinfo=UTC)
        subject = _name(signer.name, organisation=agency_name, title=signer.title)
        end = begin.replace(year=year + SIGNER_YEARS)
        builder = _builder(subject, root.certificate.subject, key, begin, end)
        builder = builder.add_extension(
            _usage(digital_signature=True, content_commitment=True), critical=True
        )
        return self._keep(path, _issued(builder, key=key, root=root))

    @staticmethod
    def _load(path: Path) -> Credential | None:
        try:
            return _read(path)
        except FileNotFoundError:
            return None

    def _keep(self, path: Path, credential: Credential) -> Credential:
        """Store a new credential unless another process was first; return the one that counts."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}.{credential.certificate.serial_number:x}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(credential.to_pem())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its credential is the one that counts
        finally:
            draft.unlink()
        return Credential.from_pem(path.read_bytes())


@lru_cache(REMEMBERED)
def _read(path: Path) -> Credential:
    return Credential.from_pem(path.read_bytes())


def _name(common: str, *, organisation: str = "Terpadu", title: str = "") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "ID"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common),
    ]
    parts += [(NameOID.TITLE, title)] if title else []
    return x509.Name([x509.NameAttribute(oid, text[:NAME_LIMIT]) for oid, text in parts])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _issued(
    builder: x509.CertificateBuilder, *, key: ec.EllipticCurvePrivateKey, root: Credential
) -> Credential:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(authority, critical=False)
    return Credential(key, builder.sign(root.key, hashes.SHA256()))


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
