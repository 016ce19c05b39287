"""Applications that agencies run themselves, opened with the same account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.identity.public import applications_to_launch


@require_safe
def launcher(request: HttpRequest) -> HttpResponse:
    """List the agencies' applications."""
    return render(request, "portal/launcher.html", {"launchable": applications_to_launch()})
