"""Who this gateway is: the agencies it acts for, with their keys and certificates."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from terpadu_gateway.config import ConfigError, GatewayConfig, PeerConfig
from terpadu_wire.errors import KeyFileError
from terpadu_wire.keys import PublicKey, load_private_key, load_public_key, public_key_thumbprint
from terpadu_wire.signing import Signer


@dataclass(frozen=True, slots=True)
class Identity:
    """An agency's signing key and TLS identity (PEM)."""

    peer_id: str
    signer: Signer
    key_pem: bytes
    certificate_pem: bytes


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything the gateway reads from key files; agencies may be added while it runs. anchors: further roots, in PEM."""

    identities: dict[str, Identity]
    group_key: PublicKey
    authority_pem: bytes
    subject_key: bytes
    anchors: tuple[bytes, ...] = ()


def load_secrets(config: GatewayConfig) -> Secrets:
    """Return the keys that a configuration names.

    Raises:
        ConfigError: a file is missing or does not hold what it should.
    """
    try:
        group_key = load_public_key(read_file(config.group_key))
        identities = {peer.peer_id: _identity(peer) for peer in config.peers}
    except KeyFileError as error:
        raise ConfigError(f"a key file is not usable: {error.reason}") from error
    subject_key = read_file(config.subject_key)
    if len(subject_key) < 32:
        raise ConfigError(f"{config.subject_key}: the subject key must have at least 32 bytes")
    _read_certificate(config.authority)
    anchors = _read_anchors(config.anchors) if config.anchors else ()
    return Secrets(identities, group_key, read_file(config.authority), subject_key, anchors)


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that the configuration names.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _identity(peer: PeerConfig) -> Identity:
    key_pem = read_file(peer.key)
    key = load_private_key(key_pem)
    if _read_certificate(peer.certificate).public_key() != key.public_key():
        raise ConfigError(f"{peer.certificate}: the certificate is of another key than {peer.key}")
    signer = Signer(key, public_key_thumbprint(key.public_key()))
    return Identity(peer.peer_id, signer, key_pem, read_file(peer.certificate))


def _read_anchors(path: Path) -> tuple[bytes, ...]:
    try:
        found = x509.load_pem_x509_certificates(read_file(path))
    except ValueError as error:
        raise ConfigError(f"{path}: these are not certificates") from error
    return tuple(one.public_bytes(Encoding.PEM) for one in found)


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(read_file(path))
    except ValueError as error:
        raise ConfigError(f"{path}: this is not a certificate") from error
