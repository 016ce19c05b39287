"""Contracts and signatures that other peers hand to our managers (FSC core, "Contracts", "Signatures")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from pydantic import JsonValue

from terpadu.directory.public import certificate_by_key
from terpadu.exchange.errors import ContractClosed, ContractInvalid
from terpadu.exchange.models import Contract, Peer, Signature
from terpadu.exchange.rules.contracts import Kind
from terpadu.exchange.rules.fsc import CONTENT_HASH_PREFIX, objection_to_submission
from terpadu.exchange.selectors.foreign import foreign_peer
from terpadu.exchange.services.callers import Caller
from terpadu.exchange.services.certificates import certificate_find
from terpadu.exchange.services.contracts import (
    check_may_sign,
    content_parse,
    contract_store,
    signature_keep,
)
from terpadu.exchange.services.proposals import check_grants
from terpadu.exchange.services.snapshots import snapshot_publish
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.canonical import b64url_decode
from terpadu_wire.contracts import (
    ContractContent,
    content_hash,
    content_to_json,
    required_signers,
    verify_contract_signature,
)
from terpadu_wire.errors import ContractError, JsonError, WireError
from terpadu_wire.jose import ALGORITHMS, peek_header
from terpadu_wire.keys import ContractKey, load_contract_key
from terpadu_wire.strict_json import parse_json

BY = Actor.system("exchange.manager")


@dataclass(frozen=True)
class Submission:
    """What a peer hands in: a contract's content and its own signature of a kind on it.

    receiver: the peer whose manager was asked. named_hash: hash in the address, "" for a new contract.
    """

    content: JsonValue
    signature: str
    kind: Kind
    receiver: str
    named_hash: str = ""


def submission_take(submission: Submission, *, sender: Caller) -> str:
    """Take a contract with its sender's signature, or a signature on a contract; return the content's hash.

    The same again changes nothing. Raises ContractInvalid with the stable code of the rule that it breaks.
    """
    content = _content(submission)
    signers = required_signers(content)
    if sender.peer_id not in signers:
        raise ContractInvalid(reason="contract.submitter_no_party")
    if submission.receiver not in signers:
        raise ContractInvalid(reason="contract.receiver_no_party")
    hash_of_content = content_hash(content)
    if submission.named_hash not in ("", hash_of_content):
        raise ContractInvalid(reason="contract.path_other_content")
    _check_signature(submission, sender, hash_of_content)
    with transaction.atomic():
        _keep(submission, content, sender, hash_of_content)
    return hash_of_content


def _content(submission: Submission) -> ContractContent:
    objection = objection_to_submission(submission.content)
    if objection:
        raise ContractInvalid(reason=objection)
    content = content_parse(submission.content)
    if content_to_json(content) != submission.content:
        # What is hashed is what was sent; a member that we would add or leave out changes the hash.
        raise ContractInvalid(reason="contract.invalid", place="a member with a default value is left out")
    return content


def _check_signature(submission: Submission, sender: Caller, hash_of_content: str) -> None:
    text = submission.signature
    try:
        header = peek_header(text, error=ContractError, code="contract.signature_invalid")
        payload = _peek_payload(text)
    except WireError as error:
        raise ContractInvalid(reason="contract.signature_invalid") from error
    if header.get("alg") not in ALGORITHMS:
        raise ContractInvalid(reason="contract.signature_algorithm")
    named = payload.get("contract_content_hash")
    if not isinstance(named, str) or not named.startswith(CONTENT_HASH_PREFIX):
        raise ContractInvalid(reason="contract.hash_algorithm")
    if named != hash_of_content:
        raise ContractInvalid(reason="contract.signature_other_content")
    key = _key_of(header, sender, asking=submission.receiver)
    try:
        verify_contract_signature(text, expected_hash=hash_of_content, kind=submission.kind, key=key)
    except ContractError as error:
        raise ContractInvalid(reason=error.code) from error


def _key_of(header: Mapping[str, JsonValue], sender: Caller, *, asking: str) -> ContractKey:
    """Return the key that the header names, of those that are the sender's."""
    foreign = foreign_peer(sender.peer_id)
    if foreign is None:
        certificate = certificate_by_key(str(header.get("kid", "")))
        if certificate is None:
            raise ContractInvalid(reason="contract.signature_invalid")
        if certificate.peer_id != sender.peer_id:
            raise ContractInvalid(reason="contract.signature_other_peer")
        return load_contract_key(certificate.spki)
    found = certificate_find(foreign, str(header.get("x5t#S256", ""))[:64], asking=asking)
    if found is None:
        raise ContractInvalid(reason=_why_not_found(str(header.get("x5t#S256", "")), sender))
    return load_contract_key(found.spki)


def _why_not_found(thumbprint: str, sender: Caller) -> str:
    from terpadu.exchange.models import ContractCertificate

    others = ContractCertificate.objects.filter(thumbprint=thumbprint[:64])
    is_other = others.exclude(peer__agency__peer_id=sender.peer_id).exists()
    return "contract.signature_other_peer" if is_other else "contract.signature_invalid"


def _keep(submission: Submission, content: ContractContent, sender: Caller, hash_of_content: str) -> None:
    row = Contract.objects.select_for_update().filter(content_hash=hash_of_content).first()
    if row is None:
        if submission.kind == "revoke":
            raise ContractInvalid(reason="contract.unknown")
        row = _store(content)
    peer = Peer.objects.select_related("agency").get(agency__peer_id=sender.peer_id)
    known = Signature.objects.filter(contract=row, peer=peer, kind=submission.kind).first()
    if known is not None:
        _renew(known, submission.signature)
        return
    try:
        check_may_sign(row, peer, submission.kind)
    except ContractClosed as error:
        raise ContractInvalid(reason="contract.closed") from error
    signature_keep(row, peer, submission.kind, jws=submission.signature, by=BY)


def _renew(known: Signature, jws: str) -> None:
    """Keep a signature anew that was made with a renewed certificate (FSC core, "Certificate renewal")."""
    if known.jws != jws:
        known.jws, known.signed_at = jws, now()
        known.save(update_fields=["jws", "signed_at"])
        snapshot_publish()


def _store(content: ContractContent) -> Contract:
    signers = required_signers(content)
    if Peer.objects.filter(agency__peer_id__in=signers).count() < len(signers):
        raise ContractInvalid(reason="peer.unknown")
    check_grants(content)
    return contract_store(content, by=BY)


def _peek_payload(text: str) -> dict[str, JsonValue]:
    """Return the payload of a compact JWS without believing it, to say precisely what is wrong with it."""
    parts = text.split(".")
    if len(parts) != 3:
        raise ContractError("contract.signature_invalid", "this is not a compact JWS")
    value = parse_json(b64url_decode(parts[1]))
    if not isinstance(value, dict):
        raise JsonError("json.invalid", "the payload is no object")
    return value
