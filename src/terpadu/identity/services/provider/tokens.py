"""Tokens: signed JWTs that resource servers check by themselves (RFC 9068), bound to the client's key.

An access token is not a row: what may be taken back stands with its authorization and with the replay guard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from terpadu.identity.models import Authorization
from terpadu.identity.rules.provider.jose import encode64, is_signed_by, moment_of, read_jwt, text_of
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.selectors.provider.clients import ClientView
from terpadu.identity.services.provider.guards import is_token_revoked, token_revoke
from terpadu.identity.services.provider.keys import find_key, sign
from terpadu.identity.services.provider.secrets import new_handle
from terpadu.identity.services.provider.subjects import session_of, subject_of
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.clock import now

ACCESS_TYPE = "at+jwt"


@dataclass(frozen=True)
class AccessToken:
    """An access token of ours whose signature and time are right. authorization_id: None for a system's own token."""

    claims: Mapping[str, Any]

    @property
    def authorization_id(self) -> UUID | None:
        """The authorization it belongs to."""
        named = self.claims.get("gid")
        return UUID(named) if named else None

    @property
    def jkt(self) -> str:
        """Thumbprint of the key it is bound to, "" for a bearer token."""
        return str(self.claims.get("cnf", {}).get("jkt", ""))

    @property
    def expires_at(self) -> datetime:
        """When it ends by itself."""
        return datetime.fromtimestamp(self.claims["exp"], UTC)

    @property
    def scope(self) -> tuple[str, ...]:
        """Its scopes."""
        return tuple(str(self.claims.get("scope", "")).split())


def access_token_for(
    authorization: Authorization, *, client: ClientView, scope: str, jkt: str, audience: str = ""
) -> str:
    """Return an access token of an authorization. audience: a resource, "" for the provider itself. jkt: "" for bearer."""
    claims = person_claims(authorization, client=client) | {"scope": scope}
    if authorization.details:
        claims["authorization_details"] = authorization.details
    return _access_token(claims, client=client, jkt=jkt, audience=audience or authorization.resource)


def system_token_for(client: ClientView, *, scope: str, jkt: str, audience: str = "") -> str:
    """Return an access token of a system for itself."""
    claims = {"sub": client.client_id, "scope": scope}
    return _access_token(claims, client=client, jkt=jkt, audience=audience)


def exchanged_token_for(
    authorization: Authorization,
    *,
    client: ClientView,
    given: AccessToken,
    scope: str,
    jkt: str,
    audience: str,
) -> str:
    """Return a token for a further service (RFC 8693). It says who acts, and inherits level and end of the one given."""
    act: dict[str, Any] = {"sub": client.client_id}
    if "act" in given.claims:
        act["act"] = given.claims["act"]
    claims = person_claims(authorization, client=client) | {"scope": scope, "act": act}
    claims |= {name: given.claims[name] for name in ("acr", "auth_time", "amr") if name in given.claims}
    return _access_token(claims, client=client, jkt=jkt, audience=audience, until=given.expires_at)


def person_claims(authorization: Authorization, *, client: ClientView) -> dict[str, Any]:
    """Return what every token of an authorization says: who, how signed in, and who acts when it is somebody else."""
    claims: dict[str, Any] = {
        "sub": subject_of(authorization.person_id, client=client),
        "gid": str(authorization.id),
        "acr": authorization.acr,
        "amr": authorization.amr,
        "auth_time": int(authorization.auth_time.timestamp()),
    }
    if authorization.actor_person_id:
        claims["act"] = {"sub": subject_of(authorization.actor_person_id, client=client)}
        claims["mandate"] = authorization.mandate
    return claims


def _access_token(
    claims: dict[str, Any], *, client: ClientView, jkt: str, audience: str, until: datetime | None = None
) -> str:
    at = now()
    end = at + LIFETIMES.access_token
    told = {
        "iss": issuer(),
        "aud": audience or issuer(),
        "client_id": client.client_id,
        "jti": new_handle(),
        "iat": int(at.timestamp()),
        "exp": int(min(end, until or end).timestamp()),
        **claims,
    }
    if jkt:
        told["cnf"] = {"jkt": jkt}
    return sign(told, typ=ACCESS_TYPE)


def id_token_for(
    authorization: Authorization, *, client: ClientView, access_token: str, facts: Mapping[str, Any]
) -> str:
    """Return the ID token of an authorization. facts: claims about the person that were allowed to stand in it."""
    at = now()
    told = {
        **facts,
        **{k: v for k, v in person_claims(authorization, client=client).items() if k != "gid"},
        "iss": issuer(),
        "aud": client.client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIMES.id_token).timestamp()),
        "at_hash": _half_hash(access_token),
    }
    if authorization.nonce:
        told["nonce"] = authorization.nonce
    if authorization.sign_in_id:
        told["sid"] = session_of(authorization.sign_in_id, client=client)
    return sign(told, typ="JWT", alg=client.id_token_alg)


def logout_token_for(*, client: ClientView, sub: str, sid: str) -> str:
    """Return a logout token (Back-Channel Logout 1.0, 2.4). sid: "" for all sessions of the person."""
    at = now()
    told = {
        "iss": issuer(),
        "aud": client.client_id,
        "sub": sub,
        **({"sid": sid} if sid else {}),
        "jti": new_handle(),
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIMES.logout_token).timestamp()),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    return sign(told, typ="logout+jwt", alg=client.id_token_alg)


def _half_hash(token: str) -> str:
    """Return `at_hash` (Core 3.1.3.6) for algorithms on SHA-256: all that ID tokens are signed with."""
    return encode64(hashlib.sha256(token.encode()).digest()[:16])


def access_token_read(text: str) -> AccessToken | None:
    """Return an access token of ours that has not ended by itself, or None. No query while the keys are in memory."""
    claims = _own_claims(text, typ=ACCESS_TYPE)
    exp = moment_of(claims, "exp") if claims else None
    return AccessToken(claims) if claims and exp is not None and exp > now().timestamp() else None


def id_token_hint_read(text: str) -> Mapping[str, Any] | None:
    """Return the claims of an ID token of ours, also of one that has ended: a hint proves no presence."""
    return _own_claims(text, typ="JWT")


def _own_claims(text: str, *, typ: str) -> Mapping[str, Any] | None:
    jwt = read_jwt(text)
    if jwt is None or jwt.header.get("typ") != typ:
        return None
    key = find_key(text_of(jwt.header, "kid"))
    is_ours = key is not None and is_signed_by(jwt, key) and jwt.claims.get("iss") == issuer()
    return jwt.claims if is_ours else None


def is_access_token_alive(token: AccessToken) -> bool:
    """Tell whether neither the token nor its authorization was revoked. Two queries."""
    gid = token.authorization_id
    if gid and not Authorization.objects.filter(pk=gid, revoked_at__isnull=True).exists():
        return False
    return not is_token_revoked(str(token.claims["jti"]))


def access_token_revoke(token: AccessToken) -> None:
    """Revoke one access token."""
    token_revoke(str(token.claims["jti"]), until=token.expires_at + timedelta(minutes=1))
