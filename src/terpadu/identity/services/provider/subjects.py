"""How a person is called toward a client: pairwise, by a salt that is not in the database.

A subject belongs to the person's record: a new account, phone or passkey changes nothing. Should the salt ever have to
change, the old subjects must be written down first: clients know people by them.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from terpadu.identity.rules.provider.jose import encode64
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.kernel.crypto import secret_key


def subject_of(person_id: UUID, *, client: ClientView) -> str:
    """Return the `sub` of a person for a client (OpenID Connect Core 8.1).

    Clients of one agency that share a sector see the same; two agencies never do, even if one names the other's host.
    """
    return _pairwise("sub", client.agency_code, client.sector, str(person_id))


def session_of(sign_in_id: UUID, *, client: ClientView) -> str:
    """Return the `sid` of a session for a client (Back-Channel Logout 1.0, 2.1)."""
    return _pairwise("sid", client.client_id, str(sign_in_id))


def _pairwise(*parts: str) -> str:
    return encode64(hmac.digest(secret_key("pairwise"), "\0".join(parts).encode(), "sha256"))
