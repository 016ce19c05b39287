"""Reads of the register of documents, as frozen views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from terpadu.documents.catalogue import kind_get
from terpadu.documents.enums import Standing, Status
from terpadu.documents.errors import DocumentNotFound
from terpadu.documents.models import Document, DocumentCopy
from terpadu.documents.rules import TOKEN, standing_of
from terpadu.kernel.clock import today


@dataclass(frozen=True)
class DocumentView:
    """One issued document.

    title: name of its kind by language. status: what holds of it today. valid_until: last valid day, None for ever.
    masked_name: the name it bears, fit for a public page. verify_url: the address in its QR code.
    is_sample: signed with a test certificate, so not an official document. sha256: of the signed file, in hex.
    """

    id: UUID
    token: str
    kind: str
    title: Mapping[str, str]
    number: str
    issued_at: datetime
    valid_until: date | None
    status: Standing
    ended_at: datetime | None
    person_id: UUID
    about_id: UUID | None
    masked_name: str
    agency_code: str
    agency_name: str
    signer_name: str
    signer_title: str
    case_id: UUID | None
    is_sample: bool
    sha256: str
    verify_url: str


@dataclass(frozen=True)
class CopyView:
    """One copy of a document that somebody fetched. agency: code of the officer's agency, "" for a person."""

    at: datetime
    actor_kind: str
    agency: str
    reason: str


def verify_url(token: str) -> str:
    """Return the public address at which a document is verified."""
    return f"{settings.PUBLIC_URL}/v/{token}"


def document_get(document_id: UUID) -> DocumentView:
    """Return a document. Raises DocumentNotFound. One query."""
    return view_of(_one(id=document_id))


def document_by_token(token: str) -> DocumentView:
    """Return the document of a token. Raises DocumentNotFound, also for text that cannot be a token. One query."""
    if not TOKEN.fullmatch(token):
        raise DocumentNotFound
    return view_of(_one(token=token))


def document_by_digest(sha256: str) -> DocumentView | None:
    """Return the document whose file has this digest, None when there is none. One query."""
    row = Document.objects.filter(sha256=sha256).first()
    return view_of(row) if row else None


def document_by_any_token(tokens: set[str]) -> DocumentView | None:
    """Return a document that one of the tokens belongs to, None when there is none. One query."""
    row = Document.objects.filter(token__in=sorted(tokens)[:20]).first()
    return view_of(row) if row else None


def document_list_for(person_id: UUID) -> list[DocumentView]:
    """Return the documents in a person's wallet, newest first. One query."""
    return [view_of(row) for row in Document.objects.filter(person_id=person_id).order_by("-id")]


def document_list_of_case(case_id: UUID) -> list[DocumentView]:
    """Return the documents that a case produced, oldest first. One query."""
    return [view_of(row) for row in Document.objects.filter(case_id=case_id).order_by("id")]


def document_copies(document_id: UUID) -> list[CopyView]:
    """Return each fetched copy of a document, newest first. One query."""
    rows = DocumentCopy.objects.filter(document_id=document_id).order_by("-at", "-id")
    return [
        CopyView(at=row.at, actor_kind=row.actor_kind, agency=row.actor_agency, reason=row.reason)
        for row in rows
    ]


def _one(**lookup: object) -> Document:
    row = Document.objects.filter(**lookup).first()
    if row is None:
        raise DocumentNotFound
    return row


def view_of(row: Document) -> DocumentView:
    """Make the view of a row as it stands today."""
    return DocumentView(
        id=row.id,
        token=row.token,
        kind=row.kind,
        title=kind_get(row.kind).title,
        number=row.number,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        status=standing_of(Status(row.status), valid_until=row.valid_until, on=today()),
        ended_at=row.ended_at,
        person_id=row.person_id,
        about_id=row.about_id,
        masked_name=row.masked_name,
        agency_code=row.agency_code,
        agency_name=row.agency_name,
        signer_name=row.signer_name,
        signer_title=row.signer_title,
        case_id=row.case_id,
        is_sample=row.is_sample,
        sha256=row.sha256,
        verify_url=verify_url(row.token),
    )
