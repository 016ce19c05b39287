"""An agency's directory as the SCIM client of its maker would act: bound by DPoP, or with a bearer token by exception."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from terpadu.identity.models import Client
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.rules.scim_access import SCOPE
from terpadu.identity.services.provider.clients import PlainException, client_register
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.clock import now, today
from tests.identity.conftest import NAME, NIK, SETUP
from tests.identity.provider.party import Party, at_hash, make_key, signed

Json = dict[str, Any]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
OFFICER = "urn:terpadu:params:scim:schemas:extension:2.0:Officer"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
BASE = "/scim/v2"


@dataclass
class Directory:
    """A directory with a token. dpop: whether its token is bound to a key."""

    party: Party
    token: str
    dpop: bool

    def send(self, method: str, path: str, body: Json | None = None, **headers: str) -> HttpResponse:
        """Send a request to /scim/v2 and return the answer."""
        sent = {"Authorization": f"{'DPoP' if self.dpop else 'Bearer'} {self.token}", **headers}
        if self.dpop:
            sent.setdefault("DPoP", self.proof(method, path))
        return Browser().generic(
            method,
            f"{BASE}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/scim+json",
            headers=sent,
        )

    def proof(self, method: str, path: str) -> str:
        """Return a proof for one request."""
        key = self.party.dpop
        claims: Json = {
            "htm": method,
            "htu": f"{issuer()}{BASE}{path.partition('?')[0]}",
            "iat": int(now().timestamp()),
            "jti": secrets.token_hex(12),
            "ath": at_hash(self.token),
        }
        return signed({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}, claims, key)

    def made(self, path: str, body: Json) -> Json:
        """Create something, and return it."""
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.content
        found: Json = answer.json()
        return found

    def patched(self, path: str, *operations: Json, **headers: str) -> HttpResponse:
        """Patch something."""
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def read(self, path: str) -> Json:
        """Read something that is there."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.content
        found: Json = answer.json()
        return found


def connect(
    agency_code: str, *, stage: str = "production", scopes: tuple[str, ...] = (SCOPE,), dpop: bool = False
) -> Directory:
    """Register an agency's directory and get it a token."""
    key, name = make_key(), f"dir-{secrets.token_hex(4)}"
    draft = ClientDraft(kind="system", name="Direktori pegawai", scopes=scopes)
    if dpop:
        draft = ClientDraft(**{**vars(draft), "jwks": {"keys": [key.as_dict(private=False)]}})
        made = client_register(agency_code, draft, by=SETUP, client_id=name)
    else:
        draft = ClientDraft(**{**vars(draft), "auth_method": "client_secret_post"})
        leave = PlainException(until=today() + timedelta(days=30), reason="old")
        made = client_register(agency_code, draft, by=SETUP, client_id=name, exception=leave)
    Client.objects.filter(client_id=name).update(stage=stage)
    party = Party(client_id=name, key=key, browser=Browser())
    asked: Json = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
    if not dpop:
        party.extra = {"plain": True}
        asked |= {"client_id": name, "client_secret": made.secret}
    answer = party.post("token", asked, proof="" if dpop else None)
    assert answer.status_code == 200, answer.content
    return Directory(party, answer.json()["access_token"], dpop)


def user(**changes: Any) -> Json:
    """Return Siti as a directory would send her; keywords change it, `officer` changes the extension."""
    officer = {"nik": NIK, **changes.pop("officer", {})}
    said: Json = {
        "schemas": [USER, OFFICER],
        "userName": "siti.rahmawati",
        "externalId": "peg-001",
        "name": {"formatted": NAME},
        "active": True,
        "emails": [{"value": "siti@contoho.go.id", "primary": True}],
        OFFICER: {name: value for name, value in officer.items() if value is not None},
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def group(name: str = "Operator SIAK", *members: str, **changes: Any) -> Json:
    """Return a group with members."""
    return {
        "schemas": [GROUP],
        "displayName": name,
        "members": [{"value": one} for one in members],
        **changes,
    }
