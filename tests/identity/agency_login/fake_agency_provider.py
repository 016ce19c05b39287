"""FakeAgencyProvider: stands where an agency's own OpenID Provider would be, with a real socket, real keys and real checks.

Every answer can be spoiled by a test: `spoil` changes claims, `header` the JWS header, `alg` and `signer` the signature.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc.jwk import Key, RSAKey

from terpadu.kernel.clock import now
from tests.identity.provider.party import at_hash, signed

Json = dict[str, Any]
FOR_ENCRYPTION = RSAKey.generate_key(2048, {"kid": "enc", "use": "enc", "alg": "RSA-OAEP"})
CLIENT, SECRET = "terpadu", "rahasia-yang-panjang-sekali"


@dataclass
class FakeAgencyProvider:
    """An OpenID Provider of code, PKCE S256 and client_secret_basic. subject: who is signed in there now."""

    issuer: str
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "p1", "use": "sig"}))
    subject: str = "pegawai-001"
    acr: str = ""
    signed_in_ago: int = 0
    spoil: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    alg: str = "RS256"
    signer: Key | None = None
    metadata_changes: Json = field(default_factory=dict)
    codes: dict[str, Json] = field(default_factory=dict)
    seen: list[Json] = field(default_factory=list)

    def metadata(self) -> Json:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata_changes,
        }

    def jwks(self) -> Json:
        """Return the keys, with one for encryption beside."""
        return {
            "keys": [
                FOR_ENCRYPTION.as_dict(private=False),
                {**self.key.as_dict(private=False), "alg": "RS256"},
            ]
        }

    def authorize(self, address: str) -> dict[str, str]:
        """Sign the person in and return what the browser brings back; checks what a provider checks."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert (asked["code_challenge_method"], "openid" in asked["scope"].split()) == ("S256", True)
        if asked.get("prompt") == "login":
            assert int(asked["max_age"]) <= 300
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        self.seen.append(asked)
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Json]:
        """Redeem a code, once, for its verifier and its redirect address."""
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or at_hash(form["code_verifier"]) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def id_token(self, nonce: str) -> str:
        """Return an ID token, spoiled as told."""
        at = int(now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "auth_time": at - self.signed_in_ago,
            "nonce": nonce,
            **({"acr": self.acr} if self.acr else {}),
            **self.spoil,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": self.alg, "kid": "p1", **self.header}
        head = {name: value for name, value in head.items() if value is not None}
        if self.alg in ("none", "HS256"):
            return _unsigned(head, claims, b"" if self.alg == "none" else self.key.as_pem(private=False))
        return signed(head, claims, self.signer or self.key, self.alg)


def _unsigned(head: Json, claims: Json, secret: bytes) -> str:
    """Return a token without a signature, or with an HMAC whose secret is a public key."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (head, claims)
    ]
    mac = hmac.digest(secret, ".".join(parts).encode(), "sha256") if secret else b""
    return ".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=").decode()])


@contextmanager
def serving() -> Iterator[FakeAgencyProvider]:
    """Serve a fake provider on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: Json) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._answer(200, made.metadata())
            else:
                self._answer(*((200, made.jwks()) if self.path == "/jwks" else (404, {})))

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self._answer(*made.token(form, self.headers.get("Authorization", "")))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = FakeAgencyProvider(issuer=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
