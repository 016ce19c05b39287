"""Each peer's manager after FSC core's manager.yaml: tokens, and what may be read. All managers are hosted here."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from pydantic import JsonValue

from terpadu.exchange.errors import CallerUnknown, PeerUnknown, TokenRefused
from terpadu.exchange.selectors.places import manager_url
from terpadu.exchange.selectors.registry import (
    ContractView,
    PeerView,
    contract_list,
    peer_list,
    snapshot_peers,
    snapshot_services,
)
from terpadu.exchange.services.tokens import token_issue
from terpadu.exchange.web.messages import TooLarge, caller_of, problem, read_body
from terpadu_wire.canonical import b64url_encode
from terpadu_wire.contracts import content_to_json
from terpadu_wire.keys import load_public_key

log = structlog.get_logger(__name__)

MAX_FORM = 16 * 1024
MAX_PAGE = 1000


@csrf_exempt
@require_POST
def token(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Give an access token for a grant (FSC core, "Access token"); errors are OAuth's with our stable `code` beside."""
    try:
        _peer(peer_id)
        body = read_body(request, limit=MAX_FORM)
        caller = caller_of(request, body, once=True)
        issued = token_issue(_form(body), manager=peer_id, caller=caller)
    except PeerUnknown as error:
        return problem(error)
    except TooLarge:
        return _no_token("token.too_large", "invalid_request")
    except CallerUnknown as error:
        return _no_token(error.reason, "invalid_client", status=401)
    except TokenRefused as error:
        return _no_token(error.reason, error.oauth_error)
    members = {"access_token": issued.access_token, "token_type": "bearer", "expires_in": issued.expires_in}
    return JsonResponse(members, headers={"Cache-Control": "no-store"})


@require_GET
def contracts(request: HttpRequest, peer_id: str) -> HttpResponse:
    """List the contracts that both this manager's peer and the caller are party to, newest first."""
    try:
        _peer(peer_id)
        caller = caller_of(request, b"")
    except (PeerUnknown, CallerUnknown) as error:
        return problem(error)
    found = [view for view in contract_list(peer_id=peer_id) if caller.peer_id in view.signers]
    hashes = set(request.GET.getlist("grant_hash"))
    if hashes:
        found = [view for view in found if hashes & set(view.grant_hashes)]
    return _page(request, "contracts", [_contract(view) for view in found])


@require_GET
def peer(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Say whose manager this is and which FSC it speaks."""
    try:
        found = _peer(peer_id)
    except PeerUnknown as error:
        return problem(error)
    extensions = {"EXTENSION_DELEGATION": "1.0.0"}
    members: dict[str, JsonValue] = {"peer_id": peer_id, "peer_name": found.agency.name}
    return JsonResponse(members | {"fsc_version": "1.0.0", "enabled_extensions": {**extensions}})


@require_GET
def peers(request: HttpRequest, peer_id: str) -> HttpResponse:
    """List the peers of the group."""
    wanted, ids = request.GET.get("peer_name", "").casefold(), set(request.GET.getlist("peer_id"))
    found = [
        one
        for one in peer_list()
        if wanted in one.agency.name.casefold() and (not ids or one.agency.peer_id in ids)
    ]
    return _page(request, "peers", [_listing(one) for one in found])


@require_GET
def services(request: HttpRequest, peer_id: str) -> HttpResponse:
    """List the published interfaces; with two filters, those that pass either (FSC core)."""
    by_id = {one.agency.peer_id: one for one in peer_list()}
    owner, name = request.GET.get("peer_id", ""), request.GET.get("service_name", "").casefold()
    found = [
        one
        for one in snapshot_services()
        if not (owner or name) or one.peer_id == owner or (name and name in one.name.casefold())
    ]
    listing: list[JsonValue] = [
        {
            "data": {
                "type": "SERVICE_TYPE_SERVICE",
                "peer": _listing(by_id[one.peer_id]),
                "name": one.name,
                "protocol": "PROTOCOL_TCP_HTTP_1.1",
            }
        }
        for one in found
    ]
    return _page(request, "services", listing)


@require_GET
def key_set(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Give the public keys that a peer signs with, as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    try:
        _peer(peer_id)
    except PeerUnknown as error:
        return problem(error)
    keys = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "kid": key.thumbprint,
            "x": b64url_encode(load_public_key(key.spki).public_bytes_raw()),
        }
        for one in snapshot_peers({peer_id})
        for key in one.public_keys
    ]
    return JsonResponse({"keys": keys})


def _peer(peer_id: str) -> PeerView:
    for one in peer_list():
        if one.agency.peer_id == peer_id:
            return one
    raise PeerUnknown(reason="peer.unknown")


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        pairs = []
    form = dict(pairs)
    if len(form) != len(pairs) or not form:
        raise TokenRefused(reason="token.form_malformed", oauth_error="invalid_request")
    return form


def _no_token(reason: str, oauth_error: str, *, status: int = 400) -> HttpResponse:
    log.info("token_refused", reason=reason)
    members = {"error": oauth_error, "error_description": reason, "code": reason}
    return JsonResponse(
        members, status=status, headers={"Fsc-Error-Code": reason, "Cache-Control": "no-store"}
    )


def _page(request: HttpRequest, name: str, items: Sequence[JsonValue]) -> HttpResponse:
    """Return a page of a list: `cursor` is how many were given before, `limit` at most 1000."""
    start, limit = _number(request, "cursor", 0), _number(request, "limit", MAX_PAGE)
    limit = max(1, min(limit, MAX_PAGE))
    end = start + limit
    members = {
        name: list(items[start:end]),
        "pagination": {"next_cursor": str(end) if end < len(items) else ""},
    }
    return JsonResponse(members)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


def _contract(view: ContractView) -> JsonValue:
    signatures = view.signatures
    return {
        "content": content_to_json(view.content),
        "signatures": {
            "accept": {**signatures.accept},
            "reject": {**signatures.reject},
            "revoke": {**signatures.revoke},
        },
    }


def _listing(one: PeerView) -> JsonValue:
    agency = one.agency
    return {"id": agency.peer_id, "name": agency.name, "manager_address": manager_url(agency.peer_id)}
