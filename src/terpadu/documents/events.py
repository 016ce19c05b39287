"""What others learn from documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from terpadu.kernel.outbox import Event


@dataclass(frozen=True)
class DocumentIssued(Event):
    """A document was signed, checked and stored; person_id is its holder."""

    name: ClassVar[str] = "documents.document_issued"
    document_id: UUID
    kind: str
    title: dict[str, str]
    number: str
    person_id: UUID
    about_id: UUID | None
    agency_code: str
    case_id: UUID | None
    issued_at: datetime


@dataclass(frozen=True)
class DocumentRevoked(Event):
    """The issuing agency took a document back."""

    name: ClassVar[str] = "documents.document_revoked"
    document_id: UUID
    kind: str
    title: dict[str, str]
    number: str
    person_id: UUID
    reason: str
