"""Userinfo: what was ticked, to the holder of the token and of its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from terpadu.identity.models import Authorization
from terpadu.identity.rules.provider.keys import SIGNING_ALGS
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.proofs import read_proof, token_digest
from terpadu.identity.selectors.provider.clients import client_view
from terpadu.identity.services.provider.facts import facts_of
from terpadu.identity.services.provider.guards import Once, once
from terpadu.identity.services.provider.subjects import subject_of
from terpadu.identity.services.provider.tokens import AccessToken, access_token_read, is_access_token_alive
from terpadu.identity.services.provider.wire import WireRequest, WireResponse, issuer
from terpadu.kernel.clock import now


class Refused(Exception):
    """The token or its proof is not good. error: of RFC 6750 or RFC 9449."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


def userinfo(wire: WireRequest) -> WireResponse:
    """Answer at the userinfo endpoint (OpenID Connect Core 5.3)."""
    try:
        token = _token_in(wire)
        return WireResponse(200, _told(token), {"Cache-Control": "no-store"})
    except Refused as refused:
        return _challenge(refused)


def _token_in(wire: WireRequest) -> AccessToken:
    scheme, _, text = wire.headers.get("authorization", "").partition(" ")
    kind = scheme.lower()
    if kind not in ("dpop", "bearer") or not text:
        raise Refused("", "no token")
    token = access_token_read(text.strip())
    if token is None or token.claims.get("aud") != issuer() or token.authorization_id is None:
        raise Refused("invalid_token", "not a token for this endpoint")
    if (kind == "dpop") != bool(token.jkt):
        raise Refused(
            "invalid_token", "the token is bound to a key" if token.jkt else "the token is a bearer token"
        )
    if token.jkt:
        _check_proof(wire, token, text.strip())
    if not is_access_token_alive(token):
        raise Refused("invalid_token", "the token is no longer good")
    return token


def _check_proof(wire: WireRequest, token: AccessToken, text: str) -> None:
    proof = read_proof(wire.headers.get("dpop", ""), target=wire.target, now=now().timestamp())
    if isinstance(proof, str):
        raise Refused("invalid_dpop_proof", proof)
    if proof.jkt != token.jkt:
        raise Refused("invalid_token", "bound to another key")
    if proof.ath != token_digest(text):
        raise Refused("invalid_dpop_proof", "ath is not of this token")
    thing = Once("proof", proof.jkt, proof.jti, now() + LIFETIMES.proof + 2 * LIFETIMES.skew)
    if once([thing], client_id=str(token.claims["client_id"])).replayed:
        raise Refused("invalid_dpop_proof", "the proof was used before")


@transaction.atomic
def _told(token: AccessToken) -> dict[str, Any]:
    rows = Authorization.objects.select_related("client__agency", "consent")
    row = rows.filter(pk=str(token.authorization_id)).first()
    if row is None or "openid" not in token.scope:
        raise Refused("insufficient_scope", "scope must contain openid")
    client = client_view(row.client, fetch_hosts=frozenset())
    if client.client_id != token.claims["client_id"]:
        raise Refused("invalid_token", "the token was exchanged")
    wish: Mapping[str, Any] = row.verified_wish
    facts = facts_of(row.person_id, row.claims, client_id=client.client_id, wish=wish)
    return {**facts, "sub": subject_of(row.person_id, client=client)}


def _challenge(refused: Refused) -> WireResponse:
    parts = [f'algs="{" ".join(SIGNING_ALGS)}"']
    if refused.error:
        parts = [f'error="{refused.error}"', f'error_description="{refused.description}"', *parts]
    status = 403 if refused.error == "insufficient_scope" else 401
    body = {"error": refused.error, "error_description": refused.description} if refused.error else {}
    headers = {"WWW-Authenticate": f"DPoP {', '.join(parts)}", "Cache-Control": "no-store"}
    return WireResponse(status, body, headers)
