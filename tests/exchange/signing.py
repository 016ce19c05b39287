"""Requests to the control plane, signed as a gateway signs them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpResponse
from django.test import Client

from terpadu.directory.public import agency_key
from terpadu.exchange.selectors.places import control_url
from terpadu.kernel.clock import now
from terpadu_wire.digest import content_digest
from terpadu_wire.keys import PrivateKey, public_key_thumbprint
from terpadu_wire.signing import REQUEST_HEADERS, Signer
from terpadu_wire.transactions import new_transaction_id


@dataclass(frozen=True)
class SignedCall:
    """A request and its headers; what is sent may be changed after signing."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, client: Client) -> HttpResponse:
        """Send it to the test client."""
        response: HttpResponse = client.generic(
            self.method,
            self.path,
            self.body,
            content_type=self.headers["content-type"],
            headers={name: value for name, value in self.headers.items() if name != "content-type"},
        )
        return response


def sign(
    method: str,
    path: str,
    body: bytes,
    *,
    agency_code: str = "",
    key: PrivateKey | None = None,
    content_type: str = "application/x-www-form-urlencoded",
    age_s: float = 0,
    on_behalf_of: str = "",
) -> SignedCall:
    """Return a request signed by an agency's key, or by any key; `age_s` seconds ago."""
    key = key or agency_key(agency_code)
    moment = now().timestamp() - age_s
    headers = dict.fromkeys(REQUEST_HEADERS, "") | {
        "content-type": content_type,
        "content-digest": content_digest(body),
        "fsc-transaction-id": new_transaction_id(now=moment),
        "terpadu-on-behalf-of": on_behalf_of,
    }
    signer = Signer(key, public_key_thumbprint(key.public_key()))
    signature = signer.sign_request(
        method=method, target_uri=control_url() + path, headers=headers, now=moment
    )
    return SignedCall(method, path, body, headers | signature.headers())
