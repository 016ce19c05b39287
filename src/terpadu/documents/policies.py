"""Who may do what with a document."""

from __future__ import annotations

from terpadu.documents.errors import DocumentNotAllowed
from terpadu.documents.models import Document
from terpadu.kernel.actors import Actor


def can_fetch(document: Document, *, by: Actor) -> bool:
    """Tell whether the actor may see the file: its holder, the person it is about, an officer of its agency."""
    if by.kind == "officer":
        return by.agency == document.agency_code
    return by.kind == "person" and by.person_id in (document.person_id, document.about_id)


def check_fetch(document: Document, *, by: Actor) -> None:
    """Raise DocumentNotAllowed unless the actor may see the file."""
    if not can_fetch(document, by=by):
        raise DocumentNotAllowed(document=str(document.id))


def check_speaks_for(agency_code: str, *, by: Actor) -> None:
    """Raise DocumentNotAllowed unless the actor may issue and revoke for an agency: its officers, the system."""
    if by.kind != "system" and not (by.kind == "officer" and by.agency == agency_code):
        raise DocumentNotAllowed(agency=agency_code)
