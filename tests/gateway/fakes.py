"""Stand-in for the control plane: serves the snapshot, gives tokens, takes records; checks every signature it gets."""

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import orjson

from terpadu.exchange.rules.leases import Holding, Wish, allot
from terpadu_wire.consents import ConsentStatus, sign_consent_status
from terpadu_wire.contracts import ConnectionGrant, grant_hash
from terpadu_wire.errors import SignatureError
from terpadu_wire.keys import PublicKey, jwk_thumbprint
from terpadu_wire.properties import parse_properties
from terpadu_wire.records import Record, record_from_json
from terpadu_wire.signing import verify_request
from terpadu_wire.tokens import TokenClaims, mint_token
from tests.gateway.country import GROUP, REGISTRY, Country


class FakeControlPlane:
    """Runs in a thread of the test; what it got and what it should do next are its attributes."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self.records: list[Record] = []
        self.batches: list[dict[str, object]] = []
        self.tokens_given = 0
        self.token_life = 300
        self.token_changes: dict[str, object] = {}
        self.takes_records = True
        self.reads_records = True
        self.closed = False
        self.gives_leases = True
        self.leases: dict[tuple[str, str, str], Holding] = {}
        self.persons: dict[tuple[str, str, str], dict[str, int]] = {}
        self.documents: dict[str, bytes] = {}
        self.withdrawn: set[str] = set()
        self.says_consents = True
        self.consent_words = 0
        self.events: list[dict[str, Any]] = []
        self.takes_events = True
        self.to_push: list[dict[str, Any]] = []
        self.pushed: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"plane": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        country.control_url = self.url
        self.snapshot = b""
        self.new_certificate = b""
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def now(self) -> float:
        """Return Unix seconds by the clock of the test."""
        return time.time() + self.country.clock_offset

    def publish(self) -> int:
        """Serve the country as it is now; return the snapshot's version."""
        self.snapshot = self.country.snapshot()
        return self.country.version

    def close(self) -> None:
        """Stop serving, open connections included."""
        self.closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def claims(self, scope: str, key: PublicKey) -> TokenClaims:
        """Return the claims of a token for a grant of the contract.

        Raises:
            KeyError: there is no such grant.
        """
        contents = [one for one in (self.country.content, self.country.callback) if one is not None]
        grants: dict[str, ConnectionGrant] = {
            grant_hash(content, grant): grant for content in contents for grant in content.connection_grants()
        }
        grant, now = grants[scope], int(self.now())
        values = {
            "gth": scope,
            "gid": GROUP,
            "sub": grant.outway.peer_id,
            "iss": grant.service.peer_id,
            "svc": grant.service.name,
            "aud": self.country.inway_url
            if grant.service.peer_id == REGISTRY
            else self.country.portal_inway_url,
            "nbf": now - 1,
            "exp": now - 1 + self.token_life,
            "jkt": jwk_thumbprint(key),
            "prp": grant.properties or {},
        }
        return TokenClaims(**(values | self.token_changes))  # type: ignore[arg-type]  # tests change any claim

    def token(self, scope: str, key: PublicKey) -> str:
        """Return the provider's token for a grant, bound to a key."""
        claims = self.claims(scope, key)
        giver = self.country.portal if claims.sub == REGISTRY else self.country.registry
        return mint_token(claims, key=giver.key)

    def give_token(self, body: bytes, headers: Mapping[str, str], path: str) -> tuple[int, object]:
        """Answer a token request."""
        try:
            self._verify(path, body, headers)
        except SignatureError as error:
            return 400, {"error": "invalid_client", "error_description": error.code}
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        try:
            asks = self.country.registry if form["client_id"] == REGISTRY else self.country.portal
            text = self.token(form["scope"], asks.key.public_key())
        except KeyError:
            return 400, {"error": "invalid_scope"}
        self.tokens_given += 1
        return 200, {"access_token": text, "token_type": "bearer"}

    def give_leases(self, body: bytes, headers: Mapping[str, str], path: str) -> tuple[int, object]:
        """Answer a request for leases by the control plane's own arithmetic; here a lease never lapses."""
        if not self.gives_leases or self.country.content is None:
            return 503, {}
        try:
            self._verify(path, body, headers)
        except SignatureError as error:
            return 401, {"code": error.code}
        asked = orjson.loads(body)
        known = {grant_hash(self.country.content, one) for one in self.country.content.connection_grants()}
        wishes = [wish for wish in asked["leases"] if wish["grant_hash"] in known]
        return 200, [self._lease(asked["gateway"], wish) for wish in wishes]

    def _lease(self, gateway: str, wish: dict[str, Any]) -> object:
        content = self.country.content
        assert content is not None
        grants = {grant_hash(content, grant): grant for grant in content.connection_grants()}
        quota = parse_properties(grants[wish["grant_hash"]].properties).quota
        assert quota is not None
        place = (wish["grant_hash"], wish["side"])
        others = {key[2]: held for key, held in self.leases.items() if key[:2] == place}
        own = others.pop(gateway, Holding())
        asked = Wish(wish["used"], wish["want"])
        got = allot(asked, own, list(others.values()), rps=quota.rps or 1, per_day=quota.per_day)
        self.leases[(*place, gateway)] = Holding(got.granted, got.used, got.rate)
        told = self.persons.setdefault((*place, gateway), {})
        told.update(wish["persons"])
        elsewhere = {
            person: sum(
                counts.get(person, 0)
                for key, counts in self.persons.items()
                if key[:2] == place and key[2] != gateway
            )
            for person in wish["persons"]
        }
        names = {"grant_hash": place[0], "side": place[1], "day": wish["day"]}
        return names | asdict(got) | {"elsewhere": elsewhere}

    def word_on(self, consent_id: str) -> bytes:
        """Return the signed word on a consent."""
        self.consent_words += 1
        word: Any = "withdrawn" if consent_id in self.withdrawn else "given"
        status = ConsentStatus(consent_id, word, int(self.now()))
        return sign_consent_status(status, key=self.country.group_key).encode()

    def take_event(self, body: bytes, headers: Mapping[str, str], path: str) -> tuple[int, object]:
        """Keep an event."""
        if not self.takes_events:
            return 503, {}
        self._verify(path, body, headers)
        self.events.append(orjson.loads(body))
        return 202, {"sequence": len(self.events)}

    def give_deliveries(self, body: bytes, headers: Mapping[str, str], path: str) -> tuple[int, object]:
        """Give what is to be pushed, once, to the gateway of the portal; keep what became of it."""
        self._verify(path, body, headers)
        asked = orjson.loads(body)
        if asked["gateway"] != "portal-side":
            return 200, {"batches": []}
        self.pushed += [one for done in asked["done"] for one in done["outcomes"]]
        batches, self.to_push = self.to_push, []
        return 200, {"batches": batches}

    def take_records(self, body: bytes, headers: Mapping[str, str], path: str) -> tuple[int, object]:
        """Answer a batch of records."""
        if not self.takes_records:
            return 503, {}
        if not self.reads_records:  # in benchmarks, where this stand-in is not what is measured
            return 200, {}
        try:
            self._verify(path, body, headers)
        except SignatureError as error:
            return 401, {"code": error.code}
        head, *lines = body.splitlines()
        self.batches.append(orjson.loads(head))
        self.records.extend(record_from_json(line) for line in lines)
        return 200, {}

    def _verify(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        peers = (self.country.portal, self.country.registry)
        keys = {peer.signer.keyid: peer.key.public_key() for peer in peers}
        verify_request(
            method="POST",
            target_uri=self.url + path,
            headers=headers,
            body=body,
            find_key=keys.get,
            now=self.now(),
        )


class _Handler(BaseHTTPRequestHandler):
    plane: FakeControlPlane
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self._hang_up():
            return
        etag = f'"{hashlib.sha256(self.plane.snapshot).hexdigest()}"'
        kind, _, name = self.path.removeprefix("/exchange/").partition("/")
        if kind == "openapi" and name in self.plane.documents:
            self._answer(200, self.plane.documents[name], {"Content-Type": "application/json"})
        elif kind == "consents" and self.plane.says_consents:
            self._answer(200, self.plane.word_on(name), {"Content-Type": "application/jose"})
        elif self.path != "/exchange/snapshot" or not self.plane.snapshot:
            self._answer(404, b"", {})
        elif self.headers.get("if-none-match") == etag:
            self._answer(304, b"", {"ETag": etag})
        else:
            self._answer(200, self.plane.snapshot, {"ETag": etag, "Content-Type": "application/jose"})

    def do_POST(self) -> None:
        if self._hang_up():
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path == "/exchange/certificates":
            self._answer(200, self.plane.new_certificate, {})
            return
        answers = {
            "/exchange/records": self.plane.take_records,
            "/exchange/leases": self.plane.give_leases,
            "/exchange/events": self.plane.take_event,
            "/exchange/deliveries": self.plane.give_deliveries,
        }
        answer = answers.get(self.path, self.plane.give_token)
        status, value = answer(body, headers, self.path)
        self._answer(status, orjson.dumps(value), {"Content-Type": "application/json"})

    def _hang_up(self) -> bool:
        self.close_connection = self.plane.closed
        return self.plane.closed

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        pass
