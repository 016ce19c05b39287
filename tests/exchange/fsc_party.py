"""A foreign FSC party for tests: its own trust anchor, keys, certificates, hashes and signatures.

It shares nothing with our wire code: hashes and JWS are written down by hand from FSC core's text, with the standard
library and `cryptography` alone.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GROUP = "id.terpadu"
TYPES = {
    "GRANT_TYPE_SERVICE_PUBLICATION": 2,
    "GRANT_TYPE_SERVICE_CONNECTION": 3,
    "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION": 4,
    "GRANT_TYPE_DELEGATED_SERVICE_PUBLICATION": 5,
}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
Json = dict[str, Any]


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def canonical(value: Any) -> bytes:
    """RFC 8785 for the values that occur here: texts, whole numbers, lists and objects."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_hash(content: Json) -> str:
    return "$1$1$" + b64url(hashlib.sha3_512(canonical(content)).digest())


def grant_hash(content: Json, place: int = 0) -> str:
    data = content["grants"][place]["data"]
    digest = hashlib.sha3_512(content_hash(content).encode() + canonical(data)).digest()
    return f"$1${TYPES[data['type']]}${b64url(digest)}"


def contract(*grants: Json, group: str = GROUP, **changes: Any) -> Json:
    """Return the content of a contract that holds from now on."""
    now = int(time.time())
    content = {
        "iv": str(uuid.uuid4()),
        "group_id": group,
        "validity": {"not_before": now - 10, "not_after": now + 86_400},
        "grants": [{"data": grant} for grant in grants],
        "hash_algorithm": "HASH_ALGORITHM_SHA3_512",
        "created_at": now - 10,
    }
    return content | changes


class Anchor:
    """A trust anchor of its own."""

    def __init__(self, name: str = "Foreign Root") -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._build(self.name, self.key.public_key(), is_ca=True)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(self, key: Any, *, peer_id: str, organisation: str, days: float = 30) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, peer_id),
            ]
        )
        return self._build(subject, key, is_ca=False, days=days)

    def _build(self, subject: x509.Name, key: Any, *, is_ca: bool, days: float = 30) -> x509.Certificate:
        now = datetime.now(UTC)
        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, **usage),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if not is_ca:
            names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        return builder.sign(self.key, hashes.SHA256())


@dataclass
class FscParty:
    """A peer with an RSA key by default; `algorithm` ES256 and so on gives it an ECDSA key."""

    anchor: Anchor
    peer_id: str = "90000001"
    organisation: str = "Kadaster Negeri Lain"
    algorithm: str = "RS256"
    address: str = "https://localhost:8443"
    key: Any = field(init=False)
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        if self.algorithm.startswith("RS"):
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            self.key = ec.generate_private_key(CURVES[self.algorithm])
        self.certificate = self.anchor.certify(
            self.key.public_key(), peer_id=self.peer_id, organisation=self.organisation
        )

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def x5t(self) -> str:
        return b64url(hashlib.sha256(self.der).digest())

    @property
    def client_cert(self) -> str:
        """Its certificate as a gateway hands it on (RFC 9440)."""
        return f":{base64.b64encode(self.der).decode()}:"

    @property
    def key_thumbprint(self) -> str:
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Write certificate and key as files."""
        certificate, key = folder / f"{self.peer_id}.pem", folder / f"{self.peer_id}.key"
        certificate.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, key

    def jwks(self) -> Json:
        """Return the key set that its manager serves; the chain is what counts."""
        return {"keys": [{"kty": "RSA", "use": "sig", "x5c": [base64.b64encode(self.der).decode()]}]}

    def sign(
        self, kind: str, content: Json, *, algorithm: str = "", header: Json | None = None, **claims: Any
    ) -> str:
        """Return a contract signature; claims and header members may be replaced."""
        algorithm = algorithm or self.algorithm
        head = {"alg": algorithm, "x5t#S256": self.x5t} | (header or {})
        payload = {
            "contract_content_hash": content_hash(content),
            "type": kind,
            "signed_at": int(time.time()),
        } | claims
        signed = f"{b64url(canonical(head))}.{b64url(canonical(payload))}"
        return f"{signed}.{b64url(self._signature(algorithm, signed.encode()))}"

    def token(self, form: dict[str, str], caller: bytes) -> str:
        """Return an access token as this party's manager gives it: an hour long, bound to the caller's certificate."""
        claims = {
            "gth": form["scope"],
            "gid": GROUP,
            "sub": form["client_id"],
            "iss": self.peer_id,
            "svc": "parcels",
            "aud": self.address,
            "nbf": int(time.time()) - 1,
            "exp": int(time.time()) + 3600,
            "cnf": {"x5t#S256": b64url(hashlib.sha256(caller).digest())},
            "add": {},
        }
        head = {"alg": self.algorithm, "x5t#S256": self.x5t, "typ": "JWT"}
        signed = f"{b64url(canonical(head))}.{b64url(canonical(claims))}"
        return f"{signed}.{b64url(self._signature(self.algorithm, signed.encode()))}"

    def _signature(self, algorithm: str, message: bytes) -> bytes:
        if algorithm == "none":
            return b""
        if algorithm.startswith("HS"):  # the confusion: the public key as secret of an HMAC
            import hmac

            pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            return hmac.new(pem, message, "sha256").digest()
        digest = HASHES[algorithm[2:]]
        if algorithm.startswith("RS"):
            signature: bytes = self.key.sign(message, padding.PKCS1v15(), digest)
            return signature
        if algorithm.startswith("PS"):
            salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
            signature = self.key.sign(message, salted, digest)
            return signature
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(digest)))
        size = (self.key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
