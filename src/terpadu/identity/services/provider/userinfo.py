"""Userinfo: what was ticked, to the holder of the token and of its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from terpadu.identity.models import Authorization
from terpadu.identity.selectors.provider.clients import client_view
from terpadu.identity.services.provider.facts import facts_of
from terpadu.identity.services.provider.resource import Refused, token_presented
from terpadu.identity.services.provider.subjects import subject_of
from terpadu.identity.services.provider.tokens import AccessToken
from terpadu.identity.services.provider.wire import WireRequest, WireResponse


def userinfo(wire: WireRequest) -> WireResponse:
    """Answer at the userinfo endpoint (OpenID Connect Core 5.3)."""
    try:
        token = token_presented(wire.headers, target=wire.target)
        return WireResponse(200, _told(token), {"Cache-Control": "no-store"})
    except Refused as refused:
        return _challenge(refused)


@transaction.atomic
def _told(token: AccessToken) -> dict[str, Any]:
    if token.authorization_id is None:
        raise Refused("invalid_token", "not a token for this endpoint")
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
    body = {"error": refused.error, "error_description": refused.description} if refused.error else {}
    headers = {"WWW-Authenticate": refused.challenge, "Cache-Control": "no-store"}
    return WireResponse(refused.status, body, headers)
