"""What every page's template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """Return whether the demo is on and which front door the page belongs to."""
    return {"demo": settings.DEMO, "actor": getattr(request, "actor", None)}
