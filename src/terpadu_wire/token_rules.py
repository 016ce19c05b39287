"""May a peer have an access token for a grant, and what does it say? One rule for managers and gateways."""

from dataclasses import dataclass

from terpadu_wire.snapshot import Right
from terpadu_wire.tokens import MAX_LIFE, TokenClaims


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request whose signature was checked.

    Args:
        manager: peer whose token endpoint was asked.
        caller: peer that signed the request.
        key_thumbprint: the key it signed with.
    """

    manager: str
    caller: str
    key_thumbprint: str


def objection_to_token(request: TokenRequest, right: Right, *, now: int) -> str:
    """Return the stable code of the first rule against giving the token, or "".

    Args:
        request: who asks whom.
        right: the checked grant that the scope names.
        now: Unix seconds.
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


def token_claims(
    right: Right, *, caller: str, jkt: str, audience: str, now: int, certificate_thumbprint: str = ""
) -> TokenClaims:
    """Return what a token for a grant says.

    Args:
        right: the checked grant.
        caller: peer that connects.
        jkt: RFC 7638 thumbprint of the key that it signed with, and must sign calls with.
        audience: URL of the provider's inway.
        now: Unix seconds.
        certificate_thumbprint: ``x5t#S256`` of the caller's certificate, when it is known.
    """
    grant = right.grant
    service_delegator = grant.service.delegator
    return TokenClaims(
        gth=right.grant_hash,
        gid=right.contract.group_id,
        sub=right.reader,
        act=caller if right.delegator else "",
        pdi=service_delegator.peer_id if service_delegator else "",
        iss=grant.service.peer_id,
        svc=grant.service.name,
        aud=audience,
        nbf=now,
        exp=token_end(right, now=now),
        jkt=jkt,
        x5t=certificate_thumbprint,
        prp=grant.properties or {},
    )
