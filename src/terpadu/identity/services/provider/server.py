"""The protocol engine: Authlib's authorization server with our clients, our client authentication and our proofs."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import structlog
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError, OAuth2Error

from terpadu.identity.rules.provider.assertions import find_assertion_fault
from terpadu.identity.rules.provider.jose import is_signed_by_one, read_jwt, text_of
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.rules.provider.proofs import Proof, is_nonce, make_nonce, read_proof
from terpadu.identity.services.provider.client_keys import client_known, client_refresh, is_present, keys_for
from terpadu.identity.services.provider.engine_client import EngineClient
from terpadu.identity.services.provider.guards import Once, once
from terpadu.identity.services.provider.wire import (
    LONGEST_VALUE,
    EngineRequest,
    InvalidProof,
    NonceNeeded,
    WireRequest,
    WireResponse,
    issuer,
)
from terpadu.kernel.clock import now, today
from terpadu.kernel.crypto import secret_key

log = structlog.get_logger(__name__)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
METHODS = ["private_key_jwt", "client_secret_basic", "client_secret_post", "none"]


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Authlib's server on our tables."""

    def __init__(self) -> None:
        super().__init__()
        self.register_client_auth_method("private_key_jwt", authenticate_by_assertion)

    def query_client(self, client_id: str) -> EngineClient | None:
        """Return a client that may be used today, or None."""
        known = client_known(client_id)
        return EngineClient(known) if known and known.view.is_usable(today()) else None

    def create_oauth2_request(self, request: EngineRequest) -> EngineRequest:
        """Return the request as it is: it was made for Authlib."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> WireResponse:
        """Return Authlib's answer as plain facts."""
        return WireResponse(status, body, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens to Authlib's signals."""

    def save_token(self, token: dict[str, Any], request: EngineRequest) -> None:
        """Keep nothing: access tokens are no rows, and refresh tokens were stored when they were made."""

    def authenticate_client(
        self, request: EngineRequest, methods: list[str], endpoint: str = "token"
    ) -> EngineClient:
        """Authenticate a client, check its proof, and take both one-time identifiers in one statement.

        Raises Authlib's InvalidClientError, InvalidProof, NonceNeeded.
        """
        _check_one_way(request)
        request.proof = _proof_in(request)
        client = self._authenticated(request, methods, endpoint)
        things = [*request.once, *_once_of(request.proof)]
        seen = once(things, client_id=client.view.client_id)
        if "assertion" in seen.replayed:
            raise InvalidClientError(description="the assertion was used before", status_code=401)
        if "proof" in seen.replayed:
            raise InvalidProof(description="the proof was used before")
        if not is_present(client.known, seen.version):
            client = self._authenticated(request, methods, endpoint)  # reads the client anew
        _check_nonce(request.proof, client)
        request.known, request.client = client.known, client
        return client

    def _authenticated(self, request: EngineRequest, methods: list[str], endpoint: str) -> EngineClient:
        """Authenticate with the client in memory; refused, once more when it has changed since it was read."""
        try:
            client: EngineClient = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            if not client_refresh(_client_id_in(request)):
                raise
            client = super().authenticate_client(request, methods, endpoint)
        return client


def _client_id_in(request: EngineRequest) -> str:
    """Return who a request says it is from, unchecked, "" when it does not."""
    if "client_id" in request.form:
        return str(request.form["client_id"])
    assertion = read_jwt(request.form.get("client_assertion", ""))
    if assertion is not None:
        return text_of(assertion.claims, "sub")
    _, _, basic = request.headers.get("Authorization", "").partition(" ")
    try:
        return unquote(b64decode(basic).decode().partition(":")[0])
    except ValueError:
        return ""


def _check_one_way(request: EngineRequest) -> None:
    """Refuse two ways to authenticate at once (RFC 6749, 2.3)."""
    basic = request.headers.get("Authorization", "").lower().startswith("basic")
    ways = [basic, "client_secret" in request.form, "client_assertion" in request.form]
    if sum(ways) > 1:
        raise InvalidRequestError("use one way to authenticate")


def _proof_in(request: EngineRequest) -> Proof | None:
    text = request.wire.headers.get("dpop")
    if text is None:
        return None
    proof = read_proof(text, target=request.wire.target, now=now().timestamp())
    if isinstance(proof, str):
        raise InvalidProof(description=proof)
    return proof


def _once_of(proof: Proof | None) -> list[Once]:
    if proof is None:
        return []
    until = datetime.fromtimestamp(proof.iat, UTC) + LIFETIMES.proof + LIFETIMES.skew
    return [Once("proof", proof.jkt, proof.jti, until)]


def _check_nonce(proof: Proof | None, client: EngineClient) -> None:
    """Public clients must use our nonce: their proofs cannot be made ahead of time (RFC 9449, 8 and 11.1)."""
    if proof is None or not (client.view.is_public or proof.nonce):
        return
    if not is_nonce(proof.nonce, key=secret_key("provider"), now=now().timestamp()):
        raise NonceNeeded()


def fresh_nonce() -> str:
    """Return a nonce for the DPoP-Nonce header."""
    return make_nonce(secret_key("provider"), now=now().timestamp())


def authenticate_by_assertion(
    query_client: Callable[[str], EngineClient | None], request: EngineRequest
) -> EngineClient | None:
    """Authenticate a client by its signed assertion (RFC 7523). Returns None when there is none.

    Raises InvalidClientError.
    """
    if "client_assertion" not in request.form and "client_assertion_type" not in request.form:
        return None
    jwt = read_jwt(request.form.get("client_assertion", ""))
    if request.form.get("client_assertion_type") != ASSERTION_TYPE or jwt is None:
        raise InvalidClientError(
            description="not an assertion with an algorithm that is taken here", status_code=401
        )
    client_id = text_of(jwt.claims, "sub")
    client = query_client(client_id) if client_id else None
    if client is None or request.form.get("client_id", client_id) != client_id:
        raise InvalidClientError(description="no such client", status_code=401)
    fault = find_assertion_fault(jwt.claims, client_id=client_id, issuer=issuer(), now=now().timestamp())
    if not fault and not is_signed_by_one(jwt, keys_for(client.known, kid=text_of(jwt.header, "kid"))):
        fault = "not signed by a registered key"
    if fault:
        raise InvalidClientError(description=fault, status_code=401)
    until = datetime.fromtimestamp(float(jwt.claims["exp"]), UTC) + LIFETIMES.skew + timedelta(minutes=1)
    request.once = [Once("assertion", client_id, text_of(jwt.claims, "jti"), until)]
    return client


def find_wire_fault(wire: WireRequest) -> str:
    """Say why a request cannot be read at all, or "": repeated, oversized or unprintable parameters (RFC 6749, 3.2)."""
    for name, values in wire.form.items():
        if len(values) > 1:
            return "a parameter is repeated"
        if any(len(value) > LONGEST_VALUE or "\0" in value for value in (name, *values)):
            return "a parameter is too long or has a NUL"
    return "" if _is_basic_readable(wire.headers.get("authorization", "")) else "Authorization cannot be read"


def _is_basic_readable(header: str) -> bool:
    """Tell whether a Basic header, if it is one, is base64 of UTF-8: Authlib 1.9 takes that for granted."""
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return True
    try:
        b64decode(text).decode()
    except ValueError:
        return False
    return True


def answer(wire: WireRequest, work: Callable[[EngineRequest], WireResponse]) -> WireResponse:
    """Do the work of an endpoint, and turn every refusal of the protocol into its JSON answer.

    What was written while refusing (a family of tokens that dies) stays written.
    """
    fault = find_wire_fault(wire)
    try:
        if fault:
            raise InvalidRequestError(fault)
        response = work(EngineRequest(wire))
    except OAuth2Error as error:
        response = WireResponse(*_parts(error))
    return _with_nonce(wire, response)


def _parts(error: OAuth2Error) -> tuple[int, Any, dict[str, str]]:
    status, body, headers = error()
    return status, body, dict(headers)


def _with_nonce(wire: WireRequest, response: WireResponse) -> WireResponse:
    if isinstance(response.body, dict) and "error" in response.body:
        log.info("protocol_refused", endpoint=wire.endpoint, code=str(response.body["error"]))
    headers = {**response.headers, "Cache-Control": "no-store"}
    if "dpop" in wire.headers or (
        isinstance(response.body, dict) and "dpop" in str(response.body.get("error"))
    ):
        headers["DPoP-Nonce"] = fresh_nonce()
    return WireResponse(response.status, response.body, headers)
