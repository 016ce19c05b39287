"""For whom somebody acts now: kept in the session, and checked against the mandate at each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from terpadu.identity.models import Mandate
from terpadu.kernel.clock import now

ACTING = "identity.acting"
F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class Representation:
    """A person acts for another. services: what the mandate covers, ("*",) for all."""

    subject_person_id: UUID
    actor_person_id: UUID
    mandate_id: UUID
    services: tuple[str, ...]


def representation_of(session: SessionBase) -> Representation | None:
    """Return for whom the owner of a session acts now, None when for themselves or the mandate has ended.

    One query while somebody acts for another, none otherwise.
    """
    kept = session.get(ACTING)
    if not kept:
        return None
    rows = Mandate.objects.in_force(now())
    row = rows.filter(pk=kept["mandate"], actor_id=kept["actor"]).first()
    if row is None or row.subject_id is None or row.actor_id is None:
        return None
    return Representation(row.subject_id, row.actor_id, row.id, tuple(row.services))


def acting_allowed(view: F) -> F:
    """Mark a page as one on which somebody may act for another; put it directly under `signed_in_required`.

    All other pages are about one's own affairs and stay closed meanwhile: access is never wider than the mandate.
    """
    view.allows_acting = True  # type: ignore[attr-defined]  # a mark on the function, read by `signed_in_required`
    return view
