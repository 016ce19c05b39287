"""Stands where oauth2-proxy would be, which is not to be had here: its addresses and headers, as its documentation tells them.

Sign-in itself is done by Authlib's client, at the provider.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.integrations.httpx_client import OAuth2Client

from tests.identity.provider.agency_server import serving

COOKIE = "_oauth2_proxy"


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: where the person wanted to go, and the secret of PKCE."""

    path: str
    verifier: str


@dataclass
class Proxy:
    """A stand-in for oauth2-proxy. people: session -> subject."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    people: dict[str, str] = field(default_factory=dict)
    begun: dict[str, Begun] = field(default_factory=dict)
    port: int = 0

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self.client_id,
            self.secret,
            scope="openid profile",
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic",
        )

    def _known(self) -> dict[str, str]:
        found: dict[str, str] = httpx.get(f"{self.issuer}/.well-known/openid-configuration").json()
        return found

    def start(self, wanted: str) -> str:
        """Return the provider's address to send a person to. wanted: the path they asked for."""
        verifier = secrets.token_urlsafe(48)
        with self._client() as client:
            url, state = client.create_authorization_url(
                self._known()["authorization_endpoint"], code_verifier=verifier
            )
        is_own = wanted.startswith("/oauth2/") or not wanted.startswith("/")
        self.begun[state] = Begun("/" if is_own else wanted, verifier)
        return str(url)

    def finish(self, path: str) -> tuple[str, str]:
        """Redeem the code in the callback's address; return the new session and where to go."""
        state = parse_qs(urlsplit(path).query)["state"][0]
        begun, known = self.begun.pop(state), self._known()
        with self._client() as client:
            client.fetch_token(
                known["token_endpoint"],
                authorization_response=f"{self.redirect_uri}?{urlsplit(path).query}",
                state=state,
                code_verifier=begun.verifier,
            )
            subject = client.get(known["userinfo_endpoint"]).json()["sub"]
        session = secrets.token_urlsafe()
        self.people[session] = subject
        return session, begun.path


@contextmanager
def running_proxy(proxy: Proxy) -> Iterator[Proxy]:
    """Run it until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            who = proxy.people.get(self._session())
            if path == "/oauth2/auth":
                self._answer(202 if who else 401, {"X-Auth-Request-User": who} if who else {})
            elif path == "/oauth2/callback":
                session, wanted = proxy.finish(self.path)
                self._answer(302, {"Location": wanted, "Set-Cookie": f"{COOKIE}={session}; Path=/; HttpOnly"})
            elif path == "/oauth2/sign_out":
                proxy.people.pop(self._session(), None)
                self._answer(302, {"Location": "/"})
            else:
                self._answer(302, {"Location": proxy.start(self.headers.get("X-Auth-Request-Redirect", "/"))})

        def _session(self) -> str:
            morsel = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
            return morsel.value if morsel else ""

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        proxy.port = port
        yield proxy
