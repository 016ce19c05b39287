"""An attacker with a valid client certificate: calls the inway directly with whatever message it likes."""

import hashlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from terpadu_wire.digest import content_digest
from terpadu_wire.signing import Signer
from terpadu_wire.transactions import new_transaction_id
from tests.gateway.country import NIK, PURPOSE, Peer
from tests.gateway.road import Road


@dataclass
class Message:
    """A request to the inway; correct until a test changes it, before or after it is signed."""

    token: str
    path: str = "/penduduk/cari"
    method: str = "POST"
    body: bytes = b'{"nik": "%s"}' % NIK.encode()
    headers: dict[str, str] = field(default_factory=dict)
    signed_at: float = 0.0

    def __post_init__(self) -> None:
        self.headers = {
            "content-digest": content_digest(self.body),
            "content-type": "application/json",
            "fsc-authorization": f"Bearer {self.token}",
            "terpadu-token-digest": hashlib.sha256(self.token.encode()).hexdigest(),
            "fsc-transaction-id": new_transaction_id(now=time.time()),
            "terpadu-purpose": PURPOSE,
            "terpadu-evidence": "KIA-1",
            "terpadu-on-behalf-of": "person:self",
            "terpadu-consent": "",
        } | self.headers


class Forger:
    """Sends messages to a road's inway.

    Args:
        road: the road.
        peer: whose certificate it shows and whose key it signs with.
    """

    def __init__(self, road: Road, *, peer: Peer | None = None) -> None:
        self.road = road
        self.peer = peer or road.country.portal
        context = ssl.create_default_context(cafile=str(road.country.authority.file))
        context.load_cert_chain(self.peer.certificate_file, self.peer.key_file)
        self._client = httpx.Client(base_url=road.inway_url, verify=context)

    def token(self) -> str:
        """Return a good token of the portal."""
        return self.road.plane.token(self.road.scope, self.road.country.portal.key.public_key())

    def message(self, **changes: str) -> Message:
        """Return a correct message with some headers changed before it is signed."""
        return Message(
            self.token(), headers={name.replace("_", "-"): value for name, value in changes.items()}
        )

    def sign(self, message: Message, *, signer: Signer | None = None, target_uri: str = "") -> dict[str, str]:
        """Return the signature headers of a message."""
        return (
            (signer or self.peer.signer)
            .sign_request(
                method=message.method,
                target_uri=target_uri or self.road.inway_url + message.path,
                headers=message.headers,
                now=message.signed_at or time.time(),
            )
            .headers()
        )

    def send(self, message: Message, signature: dict[str, str]) -> httpx.Response:
        """Send a message with signature headers."""
        return self._client.request(
            message.method, message.path, content=message.body, headers=message.headers | signature
        )

    def attack(self, change: Callable[[Message], None] | None = None, **headers: str) -> httpx.Response:
        """Sign a message, change it, and send it."""
        message = self.message(**headers)
        signature = self.sign(message)
        if change is not None:
            change(message)
        return self.send(message, signature)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
