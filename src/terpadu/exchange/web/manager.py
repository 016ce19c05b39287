"""Each hosted peer's manager after FSC core's manager.yaml: tokens, and what may be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from pydantic import JsonValue

from terpadu.exchange.errors import CallerUnknown, PeerUnknown, TokenRefused
from terpadu.exchange.selectors.keys import jwk_list
from terpadu.exchange.selectors.registry import (
    ContractView,
    PeerView,
    Publication,
    contract_list,
    peer_list,
    publication_list,
)
from terpadu.exchange.selectors.transactions import LogQuestion, log_page
from terpadu.exchange.services.tokens import token_issue
from terpadu.exchange.web.fsc import (
    MAX_PAGE,
    hosted_peer,
    is_ascending,
    listed,
    manager_caller,
    number_of,
    page_of,
    values_of,
)
from terpadu.exchange.web.messages import TooLarge, problem, read_body
from terpadu_wire.contracts import content_to_json

log = structlog.get_logger(__name__)

MAX_FORM = 16 * 1024
NO_TRANSACTION = UUID(int=0)
"""Stands for an id that is none, so that a question for it finds nothing rather than all."""


@csrf_exempt
@require_POST
def token(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Give an access token for a grant (FSC core, "Access token"); errors are OAuth's with our stable `code` beside."""
    try:
        hosted_peer(peer_id)
        body = read_body(request, limit=MAX_FORM)
        caller = manager_caller(request, body, manager=peer_id, once=True)
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
        hosted_peer(peer_id)
        caller = manager_caller(request, b"", manager=peer_id)
    except (PeerUnknown, CallerUnknown) as error:
        return problem(error)
    found = [view for view in contract_list(peer_id=peer_id) if caller.peer_id in view.signers]
    hashes = values_of(request, "grant_hash")
    if hashes:
        return listed("contracts", [_contract(one) for one in found if hashes & set(one.grant_hashes)], "")
    wanted = request.GET.get("grant_type", "")
    if wanted:
        found = [one for one in found if wanted in {item.data.type for item in one.content.grants}]
    # Ours say when they were proposed, which may be long after they were written.
    found.sort(key=_age, reverse=not is_ascending(request, otherwise=False))
    return page_of(request, "contracts", [_contract(view) for view in found])


@require_GET
def peer(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Say whose manager this is and which FSC it speaks."""
    try:
        found = hosted_peer(peer_id)
    except PeerUnknown as error:
        return problem(error)
    extensions = {"EXTENSION_DELEGATION": "1.0.0", "EXTENSION_TRANSACTION_LOGGING": "1.0.0"}
    members: dict[str, JsonValue] = {"peer_id": peer_id, "peer_name": found.agency.name}
    return JsonResponse(members | {"fsc_version": "1.0.0", "enabled_extensions": {**extensions}})


@require_GET
def health(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Say that the manager answers; an addition of ours to manager.yaml."""
    try:
        hosted_peer(peer_id)
    except PeerUnknown as error:
        return problem(error)
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@require_GET
def peers(request: HttpRequest, peer_id: str) -> HttpResponse:
    """List the peers of the group, by id; with ids, exactly those."""
    known, ids = peer_list(), values_of(request, "peer_id")
    if ids:
        return listed("peers", [_listing(one) for one in known if one.agency.peer_id in ids], "")
    wanted = request.GET.get("peer_name", "").casefold()
    found = [_listing(one) for one in known if wanted in one.agency.name.casefold()]
    return page_of(request, "peers", found if is_ascending(request, otherwise=True) else found[::-1])


@require_GET
def services(request: HttpRequest, peer_id: str) -> HttpResponse:
    """List the published interfaces, by peer and name; with two filters, those that pass either (FSC core)."""
    by_id = {one.agency.peer_id: one for one in peer_list()}
    owner, name = request.GET.get("peer_id", ""), request.GET.get("service_name", "").casefold()
    found = [
        _service(one, by_id)
        for one in publication_list()
        if not (owner or name) or one.provider == owner or (name and name in one.service.casefold())
    ]
    return page_of(request, "services", found if is_ascending(request, otherwise=True) else found[::-1])


@require_GET
def logs(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Give those records of this peer's transaction log in which the caller takes part (FSC logging)."""
    try:
        hosted_peer(peer_id)
        caller = manager_caller(request, b"", manager=peer_id)
    except (PeerUnknown, CallerUnknown) as error:
        return problem(error)
    question = LogQuestion(
        after=_moment(request, "after"),
        before=_moment(request, "before"),
        grant_hashes=values_of(request, "grant_hash"),
        services=values_of(request, "service_name"),
        transaction_ids=_transaction_ids(request),
        cursor=request.GET.get("cursor", ""),
        limit=max(1, min(number_of(request, "limit", 25), MAX_PAGE)),
        is_ascending=is_ascending(request, otherwise=False),
    )
    found = log_page(peer_id, asking=caller.peer_id, question=question)
    return listed("records", found.records, found.next_cursor)


@require_GET
def key_set(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Give the public keys with which a peer signs toward foreign peers, as a JSON Web Key Set (RFC 7517)."""
    try:
        hosted_peer(peer_id)
    except PeerUnknown as error:
        return problem(error)
    return JsonResponse({"keys": jwk_list(peer_id)})


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        pairs = []
    form = dict(pairs)
    if len(form) != len(pairs) or not form or any("\0" in value for value in form.values()):
        raise TokenRefused(reason="token.form_malformed", oauth_error="invalid_request")
    return form


def _no_token(reason: str, oauth_error: str, *, status: int = 400) -> HttpResponse:
    log.info("token_refused", reason=reason)
    members = {"error": oauth_error, "error_description": reason, "code": reason}
    return JsonResponse(
        members, status=status, headers={"Fsc-Error-Code": reason, "Cache-Control": "no-store"}
    )


def _age(view: ContractView) -> tuple[int, str]:
    return view.content.created_at, view.content.iv


def _moment(request: HttpRequest, name: str) -> datetime | None:
    seconds = number_of(request, name, -1)
    return datetime.fromtimestamp(seconds, UTC) if seconds >= 0 else None


def _transaction_ids(request: HttpRequest) -> set[UUID]:
    found = set()
    for text in values_of(request, "transaction_ids"):
        try:
            found.add(UUID(text))
        except ValueError:
            found.add(NO_TRANSACTION)
    return found


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
    return {
        "id": one.agency.peer_id,
        "name": one.agency.name,
        "manager_address": one.manager_address,
    }


def _service(one: Publication, by_id: Mapping[str, PeerView]) -> JsonValue:
    data: dict[str, JsonValue] = {
        "type": "SERVICE_TYPE_SERVICE",
        "peer": _listing(by_id[one.provider]),
        "name": one.service,
        "protocol": "PROTOCOL_TCP_HTTP_1.1",
    }
    if one.delegator:
        name = by_id[one.delegator].agency.name if one.delegator in by_id else one.delegator
        data |= {
            "type": "SERVICE_TYPE_DELEGATED_SERVICE",
            "delegator": {"peer_id": one.delegator, "peer_name": name},
        }
    # FSC's OpenAPI wants the type beside the data as well as in it.
    return {"type": data["type"], "data": data | ({"properties": one.properties} if one.properties else {})}
