"""The wallet: documents that agencies have issued to a person, to show, to fetch and to let others verify."""

from __future__ import annotations

from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from terpadu.documents.public import DocumentView, document_bytes, document_get, document_list_for
from terpadu.identity.public import current_actor, current_person, person_many, signed_in_required
from terpadu.kernel.errors import NotAllowed


@require_safe
@signed_in_required
def wallet(request: HttpRequest) -> HttpResponse:
    """Show all documents, newest first."""
    documents = with_names(document_list_for(current_person(request)))
    return render(request, "portal/wallet.html", {"documents": documents})


@require_safe
@signed_in_required
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Show one document with the QR code that others scan to verify it."""
    found = _own(request, document_id)
    [(_, name)] = with_names([found])
    context = {"document": found, "name": name, "qr": qr_drawing(found.verify_url)}
    return render(request, "portal/document.html", context)


@require_safe
@signed_in_required
def document_file(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Give the signed PDF."""
    found = _own(request, document_id)
    response = HttpResponse(
        document_bytes(found.id, by=current_actor(request)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{found.kind}-{found.token[:8]}.pdf"'
    return response


def _own(request: HttpRequest, document_id: UUID) -> DocumentView:
    """Return a document of the signed-in person. Raises NotAllowed for anybody else's."""
    found = document_get(document_id)
    if found.person_id != current_person(request):
        raise NotAllowed
    return found


def with_names(documents: list[DocumentView]) -> list[tuple[DocumentView, str]]:
    """Put beside each document the full name of the person it is about, for its holder's eyes. One query."""
    about = {document.id: document.about_id or document.person_id for document in documents}
    persons = person_many(about.values()) if about else {}
    names = {person_id: person.name for person_id, person in persons.items()}
    return [(document, names.get(about[document.id], document.masked_name)) for document in documents]


def qr_drawing(address: str) -> SafeString:
    """Draw an address as a QR code: an SVG without styles, black on white."""
    return SafeString(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=1))
