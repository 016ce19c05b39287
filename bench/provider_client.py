"""A client under load: full logins, or tokens of a system, over kept connections in threads.

``python -m bench.provider_client`` reads a :class:`Plan` as JSON from standard input and prints a :class:`Result` as JSON. It speaks
to any provider that has PAR, DPoP and private_key_jwt, so that ours and a baseline are driven by the same program.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import os
import sys
import threading
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ES256 = ec.ECDSA(hashes.SHA256())


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do. mode: "login" or "credentials". key, dpop: private JWKs. cookie: of a browser that is signed in."""

    mode: str
    issuer: str
    endpoints: dict[str, str]
    client_id: str
    key: dict[str, str]
    dpop: dict[str, str]
    redirect_uri: str
    cookie: str = ""
    threads: int = 4
    seconds: float = 5.0
    warm_up: float = 1.0


@dataclasses.dataclass
class Result:
    """What came of it: rounds a second, times of each step in ms (p50, p95), rounds that failed."""

    per_second: float
    rounds: int
    failed: int
    p50: dict[str, float]
    p95: dict[str, float]
    first_fault: str = ""


def _b64(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


class Signer:
    """An ES256 key that signs JWTs without a library in between: the client should cost as little as can be."""

    def __init__(self, jwk: dict[str, str]) -> None:
        key = ECKey.import_key({**jwk})
        self.private: Any = key.private_key
        self.public = {name: jwk[name] for name in ("kty", "crv", "x", "y")}

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return a compact JWS."""
        message = ".".join(_b64(json.dumps(part).encode()) for part in ({"alg": "ES256", **header}, claims))
        r, s = decode_dss_signature(self.private.sign(message.encode(), ES256))
        return f"{message}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


class Worker:
    """One thread with its connection."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.key, self.dpop = Signer(plan.key), Signer(plan.dpop)
        self.connection = HTTPConnection(urlsplit(plan.issuer).netloc, timeout=20)
        self.times: dict[str, list[float]] = {}
        self.moments: list[float] = []
        self.faults: list[str] = []
        self.verifier = _b64(os.urandom(32))
        self.challenge = _b64(hashlib.sha256(self.verifier.encode()).digest())

    def run(self, until: float) -> None:
        """Go round until the time is over."""
        round_ = self.login if self.plan.mode == "login" else self.credentials
        while time.perf_counter() < until:
            try:
                round_()
                self.moments.append(time.perf_counter())
            except (AssertionError, KeyError, OSError) as error:
                self.faults.append(f"{type(error).__name__} {error}"[:300])
                self.connection.close()

    def credentials(self) -> None:
        """Get a token of a system."""
        self._step("token", lambda: self._token({"grant_type": "client_credentials"}))

    def login(self) -> None:
        """Push a request, have it authorized, get the tokens."""
        pushed = self._step("par", self._par)
        code = self._step("authorize", lambda: self._authorize(pushed["request_uri"]))
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.plan.redirect_uri}
        body = self._step("token", lambda: self._token({**form, "code_verifier": self.verifier}))
        if "id_token" not in body:
            raise AssertionError("no ID token")

    def _step(self, name: str, work: Any) -> Any:
        started = time.perf_counter()
        found = work()
        self.times.setdefault(name, []).append((time.perf_counter() - started) * 1000)
        return found

    def _par(self) -> dict[str, Any]:
        asked = {
            "response_type": "code",
            "client_id": self.plan.client_id,
            "redirect_uri": self.plan.redirect_uri,
            "scope": "openid profile",
            "state": _b64(os.urandom(9)),
            "nonce": _b64(os.urandom(9)),
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return self._post("par", asked, {}, expect=201)

    def _authorize(self, request_uri: str) -> str:
        query = urlencode({"client_id": self.plan.client_id, "request_uri": request_uri})
        path = f"{urlsplit(self.plan.endpoints['authorize']).path}?{query}"
        self.connection.request("GET", path, headers={"Cookie": self.plan.cookie, "Accept": "text/html"})
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 303:
            raise AssertionError(f"authorize {response.status} {text[:200]!r}")
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))["code"]

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        url = self.plan.endpoints["token"]
        claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": _b64(os.urandom(12))}
        proof = self.dpop.sign({"typ": "dpop+jwt", "jwk": self.dpop.public}, claims)
        return self._post("token", form, {"DPoP": proof}, expect=200)

    def _post(
        self, name: str, form: dict[str, str], headers: dict[str, str], *, expect: int
    ) -> dict[str, Any]:
        at, own = int(time.time()), self.plan.client_id
        claims = {"iss": own, "sub": own, "aud": self.plan.issuer, "iat": at, "exp": at + 60}
        assertion = self.key.sign({"kid": "k1"}, {**claims, "jti": _b64(os.urandom(12))})
        body = urlencode({**form, "client_assertion_type": ASSERTION, "client_assertion": assertion})
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        self.connection.request("POST", urlsplit(self.plan.endpoints[name]).path, body, sent)
        response = self.connection.getresponse()
        text = response.read()
        if response.status != expect:
            raise AssertionError(f"{name} {response.status} {text[:200]!r}")
        found: dict[str, Any] = json.loads(text)
        return found


def measure(plan: Plan) -> Result:
    """Run the plan in this process."""
    workers = [Worker(plan) for _ in range(plan.threads)]
    begin = time.perf_counter() + plan.warm_up
    until = begin + plan.seconds
    threads = [threading.Thread(target=worker.run, args=(until,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rounds = sum(begin <= moment <= until for worker in workers for moment in worker.moments)
    times: dict[str, list[float]] = {}
    for worker in workers:
        for name, values in worker.times.items():
            times.setdefault(name, []).extend(values[2:])
    faults = [fault for worker in workers for fault in worker.faults]
    return Result(
        round(rounds / plan.seconds, 1),
        rounds,
        len(faults),
        {name: _part(values, 0.5) for name, values in times.items()},
        {name: _part(values, 0.95) for name, values in times.items()},
        faults[0] if faults else "",
    )


def _part(values: list[float], part: float) -> float:
    ordered = sorted(values) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2)


def main() -> None:
    """Run the plan on standard input."""
    print(json.dumps(dataclasses.asdict(measure(Plan(**json.load(sys.stdin))))))


if __name__ == "__main__":
    main()
