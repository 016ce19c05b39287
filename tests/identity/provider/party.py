"""A client as an agency would write one, with every step open to be spoiled by a test."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from terpadu.identity.services.provider.wire import endpoint_url, issuer
from terpadu.kernel.clock import now

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REDIRECT = "https://antre.contoho.go.id/balik"
Json = dict[str, Any]


def make_key(alg: str = "ES256", kid: str = "k1") -> Key:
    """Return a fresh key for an algorithm."""
    if alg in ("ES256", "ES512"):
        return ECKey.generate_key("P-256" if alg == "ES256" else "P-521", {"kid": kid})
    return (
        OKPKey.generate_key("Ed25519", {"kid": kid})
        if alg == "EdDSA"
        else RSAKey.generate_key(2048, {"kid": kid})
    )


def signed(header: Json, claims: Json, key: Key, alg: str = "ES256") -> str:
    """Sign claims, whatever is in them and in the header."""
    parts = [_encode(json.dumps(part).encode()) for part in (header, claims)]
    message = ".".join(parts)
    return f"{message}.{_encode(JWSRegistry.algorithms[alg].sign(message.encode(), key))}"


def _encode(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def at_hash(text: str) -> str:
    """Return the base64url SHA-256 of a text: `ath`, `code_challenge`."""
    return _encode(hashlib.sha256(text.encode()).digest())


@dataclass
class Party:
    """A client: its identifier, its signing key, its DPoP key and the browser of the person."""

    client_id: str
    key: Key
    browser: Browser
    alg: str = "ES256"
    dpop: Key = field(default_factory=make_key)
    server: Browser = field(default_factory=Browser)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    nonce: str = ""
    extra: Json = field(default_factory=dict)

    def assertion(
        self, *, key: Key | None = None, alg: str = "", header: Json | None = None, **changes: Any
    ) -> str:
        at = int(now().timestamp())
        claims: Json = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer(),
            "iat": at,
            "exp": at + 60,
        }
        claims = {**claims, "jti": secrets.token_hex(12), **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        alg = alg or self.alg
        return signed({"alg": alg, "kid": "k1", **(header or {})}, claims, key or self.key, alg)

    def proof(
        self,
        endpoint: str,
        *,
        method: str = "POST",
        key: Key | None = None,
        header: Json | None = None,
        **changes: Any,
    ) -> str:
        key = key or self.dpop
        head: Json = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **(header or {})}
        claims: Json = {"htm": method, "htu": endpoint_url(endpoint), "iat": int(now().timestamp())}
        claims |= {"jti": secrets.token_hex(12), **({"nonce": self.nonce} if self.nonce else {}), **changes}
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {name: value for name, value in head.items() if value is not None}
        return signed(head, claims, key)

    def authentication(self) -> Json:
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}

    def post(self, endpoint: str, data: Json, *, proof: str | None = "", **headers: str) -> HttpResponse:
        """Post to an endpoint, with client authentication unless `data` has its own, and a proof unless it is None."""
        body = (
            data
            if "client_assertion" in data or self.extra.get("plain")
            else {**self.authentication(), **data}
        )
        sent = {**headers, **({} if proof is None else {"DPoP": proof or self.proof(endpoint)})}
        return self.server.post(
            urlsplit(endpoint_url(endpoint)).path,
            {name: value for name, value in body.items() if value is not None},
            headers=sent,
        )

    def parameters(self, **changes: Any) -> Json:
        asked: Json = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": "s-" + secrets.token_hex(4),
            "nonce": "n-" + secrets.token_hex(4),
            "code_challenge": at_hash(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**asked, **changes}.items() if value is not None}

    def par(self, *, proof: str | None = None, **changes: Any) -> HttpResponse:
        return self.post("par", self.parameters(**changes), proof=proof)

    def push(self, **changes: Any) -> str:
        response = self.par(**changes)
        assert response.status_code == 201, response.content
        return str(response.json()["request_uri"])

    def visit(self, request_uri: str, **changes: Any) -> HttpResponse:
        """Open the authorization endpoint in the person's browser."""
        query = {"client_id": self.client_id, "request_uri": request_uri, **changes}
        return self.browser.get("/oidc/authorize", query)

    def agree(
        self, page: HttpResponse, request_uri: str, *, answer: str = "allow", **changes: Any
    ) -> HttpResponse:
        """Answer the consent page."""
        digest = page.context["digest"]
        data = {"client_id": self.client_id, "request_uri": request_uri, "digest": digest, "answer": answer}
        return self.browser.post("/oidc/decide", {**data, **changes})

    def code(self, **changes: Any) -> str:
        """Get a code: push, visit, agree when asked."""
        request_uri = self.push(**changes)
        response = self.visit(request_uri)
        if response.status_code == 200:
            response = self.agree(response, request_uri)
        answer = back(response)
        assert answer.get("iss") == issuer(), answer
        return answer["code"]

    def redeem(self, code: str, *, proof: str | None = "", **changes: Any) -> HttpResponse:
        data = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return self.post("token", {**data, "code_verifier": self.verifier, **changes}, proof=proof)

    def tokens(self, **changes: Any) -> Json:
        response = self.redeem(self.code(**changes))
        assert response.status_code == 200, response.content
        body: Json = response.json()
        return body

    def refresh(self, token: str, **changes: Any) -> HttpResponse:
        return self.post("token", {"grant_type": "refresh_token", "refresh_token": token}, **changes)

    def userinfo(self, token: str, *, scheme: str = "DPoP", **changes: Any) -> HttpResponse:
        proof = self.proof("userinfo", method="GET", **{"ath": at_hash(token), **changes})
        return self.server.get(
            "/oidc/userinfo", headers={"Authorization": f"{scheme} {token}", "DPoP": proof}
        )


def back(response: HttpResponse) -> dict[str, str]:
    """Return the parameters with which a browser is sent back to the client."""
    assert response.status_code == 303, (response.status_code, response.content[:500])
    return dict(parse_qsl(urlsplit(response["Location"]).query))


def claims_of(token: str) -> Json:
    """Return the claims of a token, checked against the published keys."""
    keys = KeySet.import_key_set(Browser().get("/oidc/jwks").json())
    return dict(jwt.decode(token, keys, algorithms=["ES256", "PS256"]).claims)


def header_of(token: str) -> Json:
    """Return a token's header, unchecked."""
    head = token.split(".")[0]
    found: Json = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found
