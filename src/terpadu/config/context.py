"""What every page's template may use. Values that cost a query are functions: a page that does not draw them pays nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from terpadu.directory.public import agency_get
from terpadu.identity.public import acting_names
from terpadu.messaging.public import unread_count

AREAS = {
    "/petugas/": "officer",
    "/kinerja/": "officer",
    "/maturitas/": "officer",
    "/pertukaran/": "officer",
    "/v/": "public",
}


def page(request: HttpRequest) -> dict[str, object]:
    """Return what the frame around every page shows.

    demo: whether the demo country is on. area: which front door the page belongs to (citizen, officer, public), which
    a view may override. actor: who acts, or None. acting_for: names while a person acts for another. signed_in, unread, agency_name,
    acting_for: functions, asked only when drawn.
    """
    return {
        "demo": settings.DEMO,
        "area": area_of(request.path),
        "actor": getattr(request, "actor", None),
        "signed_in": lambda: bool(getattr(request, "person_id", None)),
        "unread": _unread(request),
        "agency_name": _agency_name(request),
        "acting_for": _acting_for(request),
    }


def area_of(path: str) -> str:
    """Return the front door that an address belongs to: "officer", "public" or "citizen"."""
    return next((area for prefix, area in AREAS.items() if path.startswith(prefix)), "citizen")


def _unread(request: HttpRequest) -> Callable[[], int]:
    @cache
    def count() -> int:
        person_id = getattr(request, "person_id", None)
        return unread_count(person_id) if person_id else 0

    return count


def _agency_name(request: HttpRequest) -> Callable[[], str]:
    @cache
    def name() -> str:
        actor = getattr(request, "actor", None)
        return agency_get(actor.agency).short_name if actor and actor.agency else ""

    return name


def _acting_for(request: HttpRequest) -> Callable[[], dict[str, str] | None]:
    @cache
    def names() -> dict[str, str] | None:
        actor = getattr(request, "actor", None)
        return acting_names(actor) if actor and actor.represented_id else None

    return names
