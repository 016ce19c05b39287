"""Pages that only explain: help, accessibility, protection of personal data, the service standard."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Answer the usual questions and say where people help."""
    return render(request, "portal/help.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Say what was tested, what is known to be missing, and how to report a barrier."""
    return render(request, "portal/accessibility.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say which data is kept where, why, for how long, and which rights a person has."""
    return render(request, "portal/privacy.html")
