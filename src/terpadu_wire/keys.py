"""Keys: made, written, read and named by their thumbprints.

Our group signs with Ed25519 (RFC 8032). Peers after FSC core sign contracts and tokens with RSA or ECDSA; those keys are
read and named here as well, and never sign a message between gateways.
"""

import hashlib
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from terpadu_wire.canonical import b64url_decode, b64url_encode
from terpadu_wire.errors import JsonError, KeyFileError

PrivateKey = Ed25519PrivateKey
PublicKey = Ed25519PublicKey
ContractPrivateKey: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
ContractKey: TypeAlias = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
"""A public key that may sign contracts and access tokens: ours, or one of the kinds that FSC core names."""
MIN_RSA_BITS = 2048
_CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class SigningSecret:
    """A private key ready for many signatures.

    Args:
        key: the key.
    """

    __slots__ = ("_secret",)

    def __init__(self, key: PrivateKey) -> None:
        self._secret = crypto_sign_seed_keypair(key.private_bytes_raw())[1]

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of a message's signature."""
        return crypto_sign(message, self._secret)[:64]


def generate_key() -> PrivateKey:
    """Return a new Ed25519 private key."""
    return Ed25519PrivateKey.generate()


def private_key_pem(key: PrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS #8 PEM; the file's mode guards it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_key_pem(key: PublicKey) -> bytes:
    """Return a public key as SubjectPublicKeyInfo PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_key_spki(key: ContractKey) -> str:
    """Return the base64url of a public key's DER SubjectPublicKeyInfo, as a snapshot carries it."""
    return b64url_encode(_spki(key))


def load_private_key(pem: bytes) -> PrivateKey:
    """Return the Ed25519 private key of a PEM text.

    Raises:
        KeyFileError: the text is not an unencrypted Ed25519 private key.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFileError("key.unreadable", "the private key cannot be read") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError("key.not_ed25519", "the private key is not Ed25519")
    return key


def load_public_key(text: bytes | str) -> PublicKey:
    """Return the Ed25519 public key of a PEM text (bytes) or of base64url SubjectPublicKeyInfo (str).

    Raises:
        KeyFileError: it is not an Ed25519 public key.
    """
    try:
        key = (
            load_pem_public_key(text) if isinstance(text, bytes) else load_der_public_key(b64url_decode(text))
        )
    except (ValueError, UnsupportedAlgorithm, JsonError) as error:
        raise KeyFileError("key.unreadable", "the public key cannot be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError("key.not_ed25519", "the public key is not Ed25519")
    return key


def check_contract_key(key: object) -> ContractKey:
    """Return a public key when it may sign contracts: Ed25519, RSA of at least 2,048 bits, or ECDSA on a NIST curve.

    Raises:
        KeyFileError: it may not.
    """
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return key
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise KeyFileError("key.not_allowed", "the key is too short, or of a kind that signs no contracts")


def load_contract_key(spki: str) -> ContractKey:
    """Return the public key of base64url SubjectPublicKeyInfo, of any kind that may sign contracts.

    Raises:
        KeyFileError: it cannot be read, or may not sign contracts.
    """
    try:
        return check_contract_key(load_der_public_key(b64url_decode(spki)))
    except (ValueError, UnsupportedAlgorithm, JsonError) as error:
        raise KeyFileError("key.unreadable", "the public key cannot be read") from error


def public_key_thumbprint(key: ContractKey) -> str:
    """Return SHA-256 over the SubjectPublicKeyInfo as 64 hexadecimal digits (FSC manager.yaml, publicKeyThumbprint)."""
    return hashlib.sha256(_spki(key)).hexdigest()


def jwk_thumbprint(key: PublicKey) -> str:
    """Return the RFC 7638 thumbprint of the key as JWK (RFC 8037), the ``jkt`` a token is bound to (RFC 9449)."""
    x = b64url_encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return b64url_encode(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())


def certificate_thumbprint(pem: bytes) -> str:
    """Return the ``x5t#S256`` of a PEM certificate: base64url of SHA-256 over its DER (RFC 7515, section 4.1.8).

    Raises:
        KeyFileError: the text is not a certificate.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise KeyFileError("key.unreadable", "the certificate cannot be read") from error
    return b64url_encode(hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest())


def verifies(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Say whether an Ed25519 signature (64 bytes) over a message holds under a key."""
    if len(signature) != 64:
        return False
    try:
        crypto_sign_open(signature + message, key.public_bytes_raw())
    except (BadSignatureError, ValueError):
        return False
    return True


def _spki(key: ContractKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
