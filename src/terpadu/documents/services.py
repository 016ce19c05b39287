"""Writes of documents: issue, fetch a copy, revoke, and check a file that somebody brings."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from terpadu.directory.public import AgencyView
from terpadu.documents import policies
from terpadu.documents.adapters import inspection, vault
from terpadu.documents.adapters.chosen import signing_adapter
from terpadu.documents.catalogue import kind_get
from terpadu.documents.composition import Draft
from terpadu.documents.enums import Status, Verdict
from terpadu.documents.errors import (
    DocumentNotFound,
    FactsInvalid,
    IssueConflict,
    KindUnknown,
    NotInForce,
    NumberTaken,
)
from terpadu.documents.events import DocumentIssued, DocumentRevoked
from terpadu.documents.models import Document, DocumentCopy
from terpadu.documents.press import signed_pdf
from terpadu.documents.rules import (
    TOKEN_BYTES,
    Kind,
    SignatureFinding,
    SignerView,
    decide_verdict,
    fact_faults,
    tidy_facts,
    tokens_in,
)
from terpadu.documents.selectors import (
    DocumentView,
    document_by_any_token,
    document_by_digest,
    verify_url,
    view_of,
)
from terpadu.kernel import audit, crypto
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu.kernel.privacy import mask_name

LOCK_SPACE = 0x646F6373  # "docs": our part of PostgreSQL's advisory locks


@dataclass(frozen=True)
class Order:
    """Everything that one issue asks for."""

    kind: Kind
    facts: Mapping[str, str]
    holder: UUID
    about: UUID | None
    agency: AgencyView
    signer: SignerView
    number: str
    case_id: UUID | None
    valid_until: date | None
    replaces: UUID | None
    idempotency_key: str

    def mark(self) -> str:
        """Return a keyed hash of what is asked for; by it nobody can test guesses at the facts.

        The number is left out: a repeated order may carry a new one, and the first counts.
        """
        asked = [
            self.kind.kind,
            dict(self.facts),
            self.holder,
            self.about,
            self.agency.code,
            self.valid_until,
        ]
        text = json.dumps(asked, default=str, sort_keys=True, ensure_ascii=False)
        return crypto.keyed_hash(text, context="documents.order")


@transaction.atomic
def document_issue(
    *,
    template: str,
    facts: Mapping[str, str],
    holder: UUID,
    about: UUID | None,
    agency: AgencyView,
    signer: SignerView,
    kind: str,
    number: str,
    case_id: UUID | None,
    valid_until: date | None,
    idempotency_key: str,
    by: Actor,
    replaces: UUID | None = None,
) -> DocumentView:
    """Typeset, sign, check and store a document; once for each idempotency key, however often it is asked.

    template: the folder in `kinds/` that describes it. kind: its name in the register, the same as the folder's kind.
    facts: a text for each fact of the kind (dates ISO, choices by their value); line breaks and emoji become spaces
    and nothing. holder: in whose wallet it lies.
    about: the person it is about, when not the holder. number: unique for the kind and agency.
    valid_until: last valid day, None for ever. replaces: a valid document of the same agency that ends with this one.
    by: an officer of the agency, or the system.
    Returns the document, new or already issued. Raises KindUnknown, FactsInvalid, TypesettingFailed, SigningFailed
    (nothing was issued), NumberTaken, IssueConflict (the key was used for something else), NotInForce,
    DocumentNotAllowed.
    """
    policies.check_speaks_for(agency.code, by=by)
    order = Order(
        kind=_kind_of(template, kind=kind),
        facts=_checked(_kind_of(template, kind=kind), facts),
        holder=holder,
        about=about,
        agency=agency,
        signer=signer,
        number=number,
        case_id=case_id,
        valid_until=valid_until,
        replaces=replaces,
        idempotency_key=idempotency_key,
    )
    _wait_for_others(idempotency_key)
    issued = Document.objects.filter(idempotency_key=idempotency_key).first()
    return view_of(_same(issued, order=order) if issued else _issue(order, by=by))


def _kind_of(template: str, *, kind: str) -> Kind:
    found = kind_get(template)
    if found.kind != kind:
        raise KindUnknown(kind=kind, template=template)
    return found


def _checked(kind: Kind, facts: Mapping[str, object]) -> dict[str, str]:
    tidy = tidy_facts(facts)
    if faults := fact_faults(kind, tidy):
        raise FactsInvalid(kind=kind.kind, faults="; ".join(faults))
    return {name: str(value) for name, value in tidy.items()}


def _wait_for_others(idempotency_key: str) -> None:
    """Let one transaction at a time issue for a key, so that no two write the same file."""
    number = int.from_bytes(hashlib.sha256(idempotency_key.encode()).digest()[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, number])


def _same(issued: Document, *, order: Order) -> Document:
    if issued.request_mark != order.mark():
        raise IssueConflict(document=str(issued.id))
    return issued


def _issue(order: Order, *, by: Actor) -> Document:
    numbered = Document.objects.filter(
        agency_code=order.agency.code, kind=order.kind.kind, number=order.number
    )
    if numbered.exists():
        raise NumberTaken(kind=order.kind.kind)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    draft = _draft(order, token=token)
    pdf = signed_pdf(draft, adapter=signing_adapter())
    row = _row(order, draft=draft, token=token, sha256=hashlib.sha256(pdf).hexdigest())
    vault.write(row.path, pdf)
    row.save(force_insert=True)
    if order.replaces:
        _end(
            order.replaces, status=Status.REPLACED, reason="", agency_code=order.agency.code, replaced_by=row
        )
    audit.record(
        "documents.document_issued", by=by, about_kind="document", about_id=row.id, facts={"kind": row.kind}
    )
    emit(_issued_event(row))
    return row


def _draft(order: Order, *, token: str) -> Draft:
    return Draft(
        kind=order.kind,
        facts=order.facts,
        agency=order.agency,
        signer=order.signer,
        number=order.number,
        verify_url=verify_url(token),
        issued_at=now(),
        valid_until=order.valid_until,
        sample_mark=signing_adapter().sample_mark,
    )


def _row(order: Order, *, draft: Draft, token: str, sha256: str) -> Document:
    return Document(
        person_id=order.holder,
        about_id=order.about,
        kind=order.kind.kind,
        number=order.number,
        token=token,
        masked_name=mask_name(order.facts[order.kind.name_fact]),
        sha256=sha256,
        path=vault.path_for(order.idempotency_key),
        issued_at=draft.issued_at,
        valid_until=order.valid_until,
        agency_code=order.agency.code,
        agency_name=order.agency.name,
        signer_name=order.signer.name,
        signer_title=order.signer.title,
        is_sample=bool(draft.sample_mark),
        case_id=order.case_id,
        idempotency_key=order.idempotency_key,
        request_mark=order.mark(),
    )


def _issued_event(row: Document) -> DocumentIssued:
    return DocumentIssued(
        document_id=row.id,
        kind=row.kind,
        title=dict(kind_get(row.kind).title),
        number=row.number,
        person_id=row.person_id,
        about_id=row.about_id,
        agency_code=row.agency_code,
        case_id=row.case_id,
        issued_at=row.issued_at,
    )


@transaction.atomic
def document_revoke(document_id: UUID, *, reason: str, by: Actor) -> DocumentView:
    """Take a document back at once; its verification page says so from now on.

    reason: shown to the holder, at most 200 characters. by: an officer of the issuing agency, or the system.
    Raises DocumentNotFound, DocumentNotAllowed, NotInForce.
    """
    agency_code = Document.objects.filter(id=document_id).values_list("agency_code", flat=True).first()
    if agency_code is None:
        raise DocumentNotFound
    policies.check_speaks_for(agency_code, by=by)
    row = _end(document_id, status=Status.REVOKED, reason=reason, agency_code=agency_code, replaced_by=None)
    audit.record(
        "documents.document_revoked", by=by, about_kind="document", about_id=row.id, facts={"kind": row.kind}
    )
    emit(
        DocumentRevoked(
            document_id=row.id,
            kind=row.kind,
            title=dict(kind_get(row.kind).title),
            number=row.number,
            person_id=row.person_id,
            reason=row.end_reason,
        )
    )
    return view_of(row)


def _end(
    document_id: UUID, *, status: Status, reason: str, agency_code: str, replaced_by: Document | None
) -> Document:
    row = Document.objects.select_for_update().filter(id=document_id, agency_code=agency_code).first()
    if row is None:
        raise DocumentNotFound
    if row.status != Status.VALID:
        raise NotInForce(document=str(document_id))
    row.status, row.ended_at, row.end_reason, row.replaced_by = status, now(), reason[:200], replaced_by
    row.save(update_fields=["status", "ended_at", "end_reason", "replaced_by"])
    return row


@transaction.atomic
def document_bytes(document_id: UUID, *, by: Actor, reason: str = "download") -> bytes:
    """Return the signed PDF and note the copy: who took it, when, for what.

    by: the holder, the person it is about, or an officer of the issuing agency.
    Raises DocumentNotFound, DocumentNotAllowed, FileDamaged.
    """
    row = Document.objects.filter(id=document_id).first()
    if row is None:
        raise DocumentNotFound
    policies.check_fetch(row, by=by)
    content = vault.read(row.path, sha256=row.sha256)
    DocumentCopy.objects.create(
        document=row,
        actor_kind=by.kind,
        actor_person_id=by.person_id,
        actor_agency=by.agency,
        reason=reason[:80],
    )
    return content


@dataclass(frozen=True)
class FileCheck:
    """What an uploaded file turned out to be.

    document: the issued document it is or comes from, None when there is none. signature: the one that decided, or
    a stranger's; None for an unsigned or unreadable file.
    """

    verdict: Verdict
    document: DocumentView | None
    signature: SignatureFinding | None


def file_check(content: bytes) -> FileCheck:
    """Judge a file that somebody brings; any bytes will do, and nothing of them is kept.

    A file that is byte for byte one of ours is looked at here; any other is looked at in a process of its own.
    At most two queries.
    """
    anchor = signing_adapter().trust_anchor()
    registered = document_by_digest(hashlib.sha256(content).hexdigest())
    if registered:
        finding, named = inspection.inspect(content, trust_anchor=anchor), None
    else:
        tokens = tokens_in(content)
        named = document_by_any_token(tokens) if tokens else None
        finding = inspection.inspect_isolated(content, trust_anchor=anchor)
    verdict = decide_verdict(finding, is_registered=registered is not None, names_ours=named is not None)
    signature = next((s for s in finding.signatures if s.is_ours), next(iter(finding.signatures), None))
    return FileCheck(verdict=verdict, document=registered or named, signature=signature)
