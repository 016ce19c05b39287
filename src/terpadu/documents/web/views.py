"""Verification without a login: by the code on a document, or by the file itself."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.documents.enums import Verdict
from terpadu.documents.errors import DocumentNotFound
from terpadu.documents.public import FileCheck, document_by_token, file_check
from terpadu.documents.web.forms import MAX_BYTES, FileForm
from terpadu.documents.web.limits import check_rate
from terpadu.documents.web.presenters import STANDINGS, UNKNOWN, VERDICTS

LOOKUPS_A_MINUTE = 60
FILES_A_MINUTE = 12
FORM_OVERHEAD_BYTES = 64 * 1024
SHOWN_FOR = frozenset({Verdict.UNCHANGED, Verdict.CHANGED})


@require_safe
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Say what holds of the document with this code: never its NIK, its names only masked."""
    check_rate(request, what="code", limit=LOOKUPS_A_MINUTE)
    try:
        document = document_by_token(token)
    except DocumentNotFound:
        return render(request, "documents/unknown.html", {"words": UNKNOWN}, status=404)
    context = {"document": document, "words": STANDINGS[document.status]}
    return _unlisted(render(request, "documents/verify.html", context))


@csrf_exempt  # changes nothing and needs no session; the size is looked at before the body is read
@require_http_methods(["GET", "HEAD", "POST"])
def check_file(request: HttpRequest) -> HttpResponse:
    """Ask for a file, or judge the one that was sent."""
    if request.method != "POST":
        return render(request, "documents/check.html", {"form": FileForm()})
    check_rate(request, what="file", limit=FILES_A_MINUTE)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + FORM_OVERHEAD_BYTES:
        return _too_large(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "documents/check.html", {"form": form}, status=422)
    return _verdict_page(request, file_check(form.cleaned_data["file"].read()))


def _too_large(request: HttpRequest) -> HttpResponse:
    """Say so without reading the body."""
    form = FileForm({})
    form.is_valid()
    form.errors["file"] = form.error_class(
        [_("The file is larger than 10 MB. Our documents are much smaller.")]
    )
    return render(request, "documents/check.html", {"form": form}, status=413)


def _verdict_page(request: HttpRequest, check: FileCheck) -> HttpResponse:
    signed_at = check.signature.signed_at if check.signature else ""
    context = {
        "words": VERDICTS[check.verdict],
        "document": check.document if check.verdict in SHOWN_FOR else None,
        "is_changed": check.verdict is Verdict.CHANGED,
        "standing": STANDINGS[check.document.status] if check.document else None,
        "signature": check.signature,
        "signed_at": datetime.fromisoformat(signed_at) if signed_at else None,
        "form": FileForm(),
    }
    return _unlisted(render(request, "documents/verdict.html", context))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a page out of search engines and shared caches."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    return response
