"""Who sees the operator's pages, and what they share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from terpadu.identity.policies.access import P, View, officer_required, own_session_required
from terpadu.identity.policies.provider import OPERATORS


def operator_required(view: View[P]) -> View[P]:
    """Let only operators see a page, signed in with their own account rather than by an agency's login."""
    return officer_required(*OPERATORS)(own_session_required(view))


def operator_page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render one of the operator's pages. name: of its template, and of its place in the menu."""
    context = {**context, "here": name.partition("_")[0], "area": "officer"}
    return render(request, f"identity/operator/{name}.html", context, status=status)
