"""Beginning and ending to act for somebody, in the session of the one who acts."""

from __future__ import annotations

from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from terpadu.identity.errors import MandateUnknown
from terpadu.identity.models import Mandate
from terpadu.identity.policies.acting import ACTING
from terpadu.identity.services.families import family_confirm
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now


def acting_start(session: SessionBase, *, mandate_id: UUID, by: Actor) -> None:
    """Let a signed-in person act for another in this session.

    Raises MandateUnknown for a mandate that is not theirs or not in force, FamilyUnavailable for a parent whose child
    the registry has not confirmed for a week.
    """
    row = Mandate.objects.in_force(now()).filter(pk=mandate_id, actor_id=by.person_id).first()
    if row is None:
        raise MandateUnknown()
    family_confirm(row, by=Actor.person(row.actor_id) if row.actor_id else by)
    session[ACTING] = {"mandate": str(row.id), "actor": str(row.actor_id)}
    audit.record("identity.acting_started", by=by, about_kind="mandate", about_id=row.id)


def acting_stop(session: SessionBase, *, by: Actor) -> None:
    """Let a person act for themselves again."""
    kept = session.pop(ACTING, None)
    if kept:
        audit.record("identity.acting_stopped", by=by, about_kind="mandate", about_id=kept["mandate"])
