"""Documents of a request: looked at before they are taken, kept under their digest outside the web root."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.text import get_valid_filename

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.portfolio.enums import Part
from terpadu.portfolio.errors import DocumentRefused, StepRefused
from terpadu.portfolio.models import RequestDocument
from terpadu.portfolio.rules.clearance.uploads import HEAD_BYTES, LARGEST_BYTES, media_type_of, upload_fault
from terpadu.portfolio.selectors.clearance.parts import check_sees, positions_of
from terpadu.portfolio.services.clearance.drafts import WRITABLE
from terpadu.portfolio.services.clearance.flow import request_for

DOCUMENT_KINDS = ("terms", "cost_benefit", "security_test", "data_plan", "other")
MOST_DOCUMENTS = 20


@transaction.atomic
def document_add(request_id: UUID, *, kind: str, name: str, content: IO[bytes], by: Actor) -> RequestDocument:
    """Take a file into a request that is being written; one of the same kind replaces it, "other" adds to them.

    Raises RequestUnknown, NotAllowed, StepRefused, DocumentRefused with the reason in its facts.
    """
    row = request_for(request_id, part=Part.PROPOSER, by=by)
    if by.person_id is None:
        raise NotAllowed()
    if row.state not in WRITABLE:
        raise StepRefused(state=row.state, action="document")
    here = row.documents.filter(removed_at__isnull=True)
    if kind not in DOCUMENT_KINDS or here.count() >= MOST_DOCUMENTS:
        raise DocumentRefused(fault="file_kind" if kind not in DOCUMENT_KINDS else "file_many")
    body = content.read(LARGEST_BYTES + 1)
    if fault := upload_fault(name, size=len(body), head=body[:HEAD_BYTES]):
        raise DocumentRefused(fault=fault)
    sha256 = _keep(body)
    if kind != "other":
        here.filter(kind=kind).update(removed_at=now())
    document = RequestDocument.objects.create(
        request=row,
        kind=kind,
        file_name=get_valid_filename(Path(name.replace("\\", "/")).name)[-120:],
        media_type=media_type_of(body[:HEAD_BYTES]),
        size_bytes=len(body),
        sha256=sha256,
        added_by=by.person_id,
        added_at=now(),
    )
    facts: dict[str, audit.Fact] = {"kind": kind, "bytes": len(body)}
    audit.record("portfolio.clearance_document", by=by, about_kind="clearance", about_id=row.id, facts=facts)
    return document


@transaction.atomic
def document_remove(document_id: UUID, *, by: Actor) -> UUID:
    """Take a file out of a request that is being written; return the request. Raises NotFound, and as adding does."""
    document = RequestDocument.objects.filter(pk=document_id, removed_at__isnull=True).first()
    if document is None:
        raise NotFound()
    row = request_for(document.request_id, part=Part.PROPOSER, by=by)
    if row.state not in WRITABLE:
        raise StepRefused(state=row.state, action="document")
    document.removed_at = now()
    document.save(update_fields=["removed_at"])
    return row.id


def document_open(document_id: UUID, *, by: Actor) -> tuple[RequestDocument, bytes]:
    """Return a file to who has a part in its request. Raises NotFound, NotAllowed."""
    rows = RequestDocument.objects.select_related("request__agency", "request__subject")
    document = rows.filter(pk=document_id, removed_at__isnull=True).first()
    if document is None:
        raise NotFound()
    check_sees(positions_of(by), document.request)
    return document, path_of(document.sha256).read_bytes()


def path_of(sha256: str) -> Path:
    """Return where the bytes of a digest lie."""
    return Path(settings.UPLOADS_DIR) / "portfolio" / sha256[:2] / sha256


def _keep(body: bytes) -> str:
    sha256 = hashlib.sha256(body).hexdigest()
    path = path_of(sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return sha256
