"""The registry's own small authority: a certificate for its server and one for its only caller."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey
_LIFE = timedelta(days=3650)


def papers(folder: Path) -> Path:
    """Return the folder with `ca.pem`, `server.pem/.key` and `caller.pem/.key`; whoever comes first makes it."""
    done = folder / "papers"
    if not done.exists():
        unfinished = folder / "papers.unfinished"
        unfinished.mkdir(parents=True, mode=0o700, exist_ok=True)
        _make(unfinished)
        unfinished.rename(done)
    return done


def _make(folder: Path) -> None:
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Otoritas Layanan Pegawai (contoh)", authority, None, authority)
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    for name in ("server", "caller"):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(f"{name} (contoh)", key, root, authority)
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        path = folder / f"{name}.key"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def _certificate(name: str, key: Key, issuer: x509.Certificate | None, signer: Key) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
        )
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())
