"""May a peer have an access token for a grant?"""

from __future__ import annotations

from dataclasses import dataclass

from terpadu_wire.snapshot import Right
from terpadu_wire.tokens import MAX_LIFE


@dataclass(frozen=True)
class TokenRequest:
    """A token request whose signature was checked.

    manager: peer whose token endpoint was asked. caller, key_thumbprint: who signed, and with which key.
    """

    manager: str
    caller: str
    key_thumbprint: str


def objection_to_token(request: TokenRequest, right: Right, *, now: int) -> str:
    """Return the stable code of the first rule against giving the token, or "".

    right: the checked grant that the scope names. now: Unix seconds.
    """
    grant, validity = right.grant, right.contract.validity
    if now < validity.not_before:
        return "contract.not_yet"
    if now >= validity.not_after:
        return "contract.expired"
    if (grant.service.peer_id, grant.outway.peer_id) != (request.manager, request.caller):
        return "contract.other_connection"
    if grant.outway.public_key_thumbprint != request.key_thumbprint:
        return "contract.other_key"
    return ""


def token_end(right: Right, *, now: int) -> int:
    """Return when a token given now ends (Unix seconds): after ten minutes, or with its contract."""
    return min(now + MAX_LIFE, right.contract.validity.not_after)
