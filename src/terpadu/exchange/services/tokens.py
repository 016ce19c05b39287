"""Access tokens, given by each provider's manager (FSC core, "Access token")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from terpadu.directory.public import agency_by_peer, agency_key, certificate_get
from terpadu.exchange.errors import TokenRefused
from terpadu.exchange.selectors.registry import is_published, snapshot_of_grant
from terpadu.exchange.services.callers import Caller
from terpadu.exchange.services.identities import fsc_identity
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.errors import ContractError
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.token_rules import TokenRequest, objection_to_token, token_claims
from terpadu_wire.tokens import TokenClaims, mint_token


@dataclass(frozen=True)
class IssuedToken:
    """An access token (compact JWS) and for how many seconds it holds."""

    access_token: str
    expires_in: int


def token_issue(form: Mapping[str, str], *, manager: str, caller: Caller) -> IssuedToken:
    """Give a peer an access token for one of its grants.

    form: `grant_type`, `scope` (grant hash) and `client_id` (peer id) of the request. manager: the providing peer.
    caller: who signed the request; the token is bound to that key.
    Raises TokenRefused with the stable code of the reason and OAuth's own error code.
    """
    _check_form(form, caller)
    snapshot = snapshot_of_grant(form["scope"])
    try:
        right = snapshot.right(form["scope"])
    except ContractError as error:
        raise TokenRefused(reason=error.code, oauth_error="invalid_scope") from error
    moment = int(now().timestamp())
    request = TokenRequest(manager, caller.peer_id, caller.key_thumbprint)
    objection = objection_to_token(request, right, now=moment)
    if objection:
        raise TokenRefused(reason=objection, oauth_error="unauthorized_client")
    audience = _audience(snapshot, manager, caller)
    if not audience or not is_published(manager, right.grant.service.name):
        raise TokenRefused(reason="service.unknown", oauth_error="invalid_scope")
    claims = token_claims(
        right,
        caller=caller.peer_id,
        jkt=caller.jkt,
        audience=audience,
        now=moment,
        certificate_thumbprint=caller.certificate_thumbprint,
    )
    return IssuedToken(_mint(claims, caller=caller), claims.exp - moment)


def _check_form(form: Mapping[str, str], caller: Caller) -> None:
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused(reason="token.grant_type", oauth_error="unsupported_grant_type")
    if not form.get("scope"):
        raise TokenRefused(reason="token.scope_missing", oauth_error="invalid_request")
    if form.get("client_id") != caller.peer_id:
        raise TokenRefused(reason="token.other_client", oauth_error="invalid_client")


def _audience(snapshot: Snapshot, manager: str, caller: Caller) -> str:
    """Return where the token is for: the inway, or for a foreign peer where the gateway takes such; "" for nowhere."""
    peer = snapshot.peer(manager)
    if peer is None:
        return ""
    return peer.fsc_url if caller.certified is not None else peer.inway_url


def _mint(claims: TokenClaims, *, caller: Caller) -> str:
    if caller.certified is not None:
        identity = fsc_identity(claims.iss)
        token = mint_token(claims, key=identity.key, certificate_thumbprint=identity.thumbprint)
    else:
        code = agency_by_peer(claims.iss).code
        thumbprint = certificate_get(code).thumbprint
        token = mint_token(claims, key=agency_key(code), certificate_thumbprint=thumbprint)
    facts = {"consumer": caller.peer_id, "delegator": claims.sub if claims.act else "", "service": claims.svc}
    by = Actor.system("exchange.manager")
    audit.record("exchange.token_issued", by=by, about_kind="grant", about_id=claims.gth[:80], facts=facts)
    return token
