"""What other peers hand to a manager after FSC core's manager.yaml: announcements, contracts, signatures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from pydantic import JsonValue

from terpadu.exchange.errors import CallerUnknown, ContractInvalid, PeerUnknown
from terpadu.exchange.rules.contracts import Kind
from terpadu.exchange.services.callers import Caller
from terpadu.exchange.services.foreign import foreign_announce
from terpadu.exchange.services.submissions import Submission, submission_take
from terpadu.exchange.web.fsc import hosted_peer, manager_caller, refused
from terpadu.exchange.web.messages import TooLarge, problem, read_body
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

MAX_SUBMISSION = 2 * 1024 * 1024
ADDRESS_HEADER = "Fsc-Manager-Address"
KINDS: dict[str, Kind] = {"accept": "accept", "reject": "reject", "revoke": "revoke"}


@csrf_exempt
@require_http_methods(["PUT"])
def announce(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Note where a peer's manager is (FSC core, "Announce")."""
    try:
        hosted_peer(peer_id)
        caller = manager_caller(request, read_body(request, limit=MAX_SUBMISSION), manager=peer_id)
        _note(request, caller)
    except TooLarge:
        return refused(ContractInvalid(reason="contract.too_large"))
    except (PeerUnknown, ContractInvalid) as error:
        return refused(error)
    except CallerUnknown as error:
        return _unknown(error)
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["POST"])
def submit(request: HttpRequest, peer_id: str) -> HttpResponse:
    """Take a contract with its submitter's accept signature: 201."""
    return _take(request, peer_id, kind="accept", named_hash="")


@csrf_exempt
@require_http_methods(["PUT"])
def sign(request: HttpRequest, peer_id: str, content_hash: str, kind: str) -> HttpResponse:
    """Take a peer's accept, reject or revoke signature on a contract: 201."""
    return _take(request, peer_id, kind=KINDS[kind], named_hash=content_hash)


def _take(request: HttpRequest, peer_id: str, *, kind: Kind, named_hash: str) -> HttpResponse:
    try:
        hosted_peer(peer_id)
        body = read_body(request, limit=MAX_SUBMISSION)
        caller = manager_caller(request, body, manager=peer_id)
        content, signature = _members(body)
        _note(request, caller)
        submission = Submission(content, signature, kind, receiver=peer_id, named_hash=named_hash)
        submission_take(submission, sender=caller)
    except TooLarge:
        return refused(ContractInvalid(reason="contract.too_large"))
    except (PeerUnknown, ContractInvalid) as error:
        return refused(error)
    except CallerUnknown as error:
        return _unknown(error)
    return HttpResponse(status=201)


def _note(request: HttpRequest, caller: Caller) -> None:
    """Keep where a foreign peer's manager is: every POST and PUT between managers must say so."""
    if caller.certified is not None:
        foreign_announce(caller.certified, manager_url=request.headers.get(ADDRESS_HEADER, ""))


def _members(body: bytes) -> tuple[JsonValue, str]:
    try:
        value = parse_json(body)
    except JsonError as error:
        raise ContractInvalid(reason=error.code) from error
    members = value if isinstance(value, dict) else {}
    signature = members.get("signature")
    if "contract_content" not in members or not isinstance(signature, str):
        raise ContractInvalid(reason="contract.invalid", place="contract_content and signature are required")
    return members["contract_content"], signature


def _unknown(error: CallerUnknown) -> HttpResponse:
    return refused(error) if error.reason.startswith("certificate.") else problem(error)
