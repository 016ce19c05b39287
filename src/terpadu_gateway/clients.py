"""HTTP clients: one per agency towards other gateways (mTLS), two towards managers and the control plane; those to systems."""

from collections.abc import Callable
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError
from pyreqwest.request import RequestBuilder

from terpadu_gateway.config import ServiceConfig
from terpadu_gateway.identities import Identity, Secrets, read_file
from terpadu_gateway.messages import MAX_BODY

_CONNECT = timedelta(seconds=3)
_SILENCE = timedelta(seconds=2)
"""How long the snapshot's answer may keep us waiting, for its head or between two pieces; then it is asked for anew."""
_IDLE = timedelta(seconds=60)
_SYSTEM_IDLE = timedelta(seconds=4)
"""Systems close idle connections early (gunicorn: after 5 s by many a manual); ours must go first."""


class AnswerTooLargeError(Exception):
    """Say that an answer is larger than a gateway carries."""


class Clients:
    """Every client of one gateway process.

    Args:
        secrets: keys, certificates and the authority to trust.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._retired: list[Client] = []
        self._peers = {peer_id: _peer_client(one, secrets) for peer_id, one in secrets.identities.items()}
        self.control = _plain_client().add_root_certificate_pem(secrets.authority_pem).build()
        self.snapshots = snapshot_client(secrets.authority_pem)

    def for_peer(self, peer_id: str) -> Client:
        """Return the client that shows an agency's certificate."""
        return self._peers[peer_id]

    def show(self, identity: Identity) -> None:
        """Show an agency's new certificate from the next call on; calls under way keep the connection they have."""
        self._retired.append(self._peers[identity.peer_id])
        self._peers[identity.peer_id] = _peer_client(identity, self._secrets)

    def add_peer(self, identity: Identity, secrets: Secrets) -> None:
        """Make the client of an agency that the gateway acts for from now on."""
        self._peers[identity.peer_id] = _peer_client(identity, secrets)

    async def close(self) -> None:
        """Close every connection."""
        for client in (*self._peers.values(), *self._retired, self.control, self.snapshots):
            await client.close()


async def fetch(request: RequestBuilder) -> tuple[int, dict[str, str], bytes]:
    """Send a request; return status, headers by lower-case name, and a body of at most MAX_BODY bytes.

    Raises:
        AnswerTooLargeError: the body is larger.
        PyreqwestError: the request failed.
    """
    async with request.build_streamed() as response:
        headers = dict(response.headers.items())  # names come in lower case
        length = headers.get("content-length", "")
        if length.isdecimal():
            if int(length) > MAX_BODY:
                raise AnswerTooLargeError
            return response.status, headers, bytes(await response.bytes())
        pieces = bytearray()
        while (piece := await response.body_reader.read_chunk()) is not None:
            pieces += piece
            if len(pieces) > MAX_BODY:
                raise AnswerTooLargeError
        return response.status, headers, bytes(pieces)


def snapshot_client(authority_pem: bytes) -> Client:
    """Return the client that asks for snapshots: a silent control plane must not keep a revocation from us."""
    return _plain_client().read_timeout(_SILENCE).add_root_certificate_pem(authority_pem).build()


def system_client_settings(service: ServiceConfig) -> Callable[[], ClientBuilder]:
    """Return what makes the settings of a client towards a system: its own certificate and authority, if it has any.

    Raises:
        ConfigError: a file cannot be read.
    """
    shown, key, authority = (
        read_file(path) if path is not None else b""
        for path in (service.client_certificate, service.client_key, service.authority)
    )

    def settings() -> ClientBuilder:
        builder = _plain_client().pool_idle_timeout(_SYSTEM_IDLE)
        if authority:
            builder = builder.add_root_certificate_pem(authority)
        return builder.identity_pem(key + b"\n" + shown) if shown else builder

    return settings


def knows_authorities() -> bool:
    """Say whether this machine has certificates of authorities; without any, no client is made but with one of our own."""
    try:
        _plain_client().build()
    except BuilderError:
        return False
    return True


def _plain_client() -> ClientBuilder:
    # Bytes pass as they are: no redirects, no cookies, no proxy of the environment, nothing unpacked on the way.
    return (
        ClientBuilder()
        .follow_redirects(False)
        .no_proxy()
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .http1_only()
        .user_agent("terpadu-gateway")
        .connect_timeout(_CONNECT)
        .pool_idle_timeout(_IDLE)
        .referer(False)
    )


def _peer_client(identity: Identity, secrets: Secrets) -> Client:
    builder = _plain_client().https_only(True).add_root_certificate_pem(secrets.authority_pem)
    for anchor in secrets.anchors:
        builder = builder.add_root_certificate_pem(anchor)
    return builder.identity_pem(identity.key_pem + b"\n" + identity.certificate_pem).build()
