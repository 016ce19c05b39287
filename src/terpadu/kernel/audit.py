"""The audit trail: one call in each service that changes something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent

Fact = str | int | bool | None


def record(
    event: str, *, by: Actor, about_kind: str, about_id: UUID | str, facts: Mapping[str, Fact] | None = None
) -> None:
    """Write one audit event in the current transaction.

    event: past-tense name with its domain, such as "casework.case_submitted". facts: values without personal data.
    """
    AuditEvent.objects.create(
        event=event,
        actor_kind=by.kind,
        actor_person_id=by.person_id,
        actor_agency=by.agency,
        actor_position=by.position,
        represented_person_id=by.represented_id,
        about_kind=about_kind,
        about_id=str(about_id),
        facts=dict(facts or {}),
    )


@dataclass(frozen=True)
class AuditQuestion:
    """What to look for; what is empty does not narrow.

    since, until: moments, the second exclusive. event: how its name begins. actor: identifier of a person, or of a position or
    process. about_kind, about_id: the object. before: only entries older than this one, to turn pages.
    """

    since: datetime
    until: datetime
    event: str = ""
    actor: str = ""
    about_kind: str = ""
    about_id: str = ""
    before: UUID | None = None


def search(question: AuditQuestion, *, limit: int) -> Iterator[AuditEvent]:
    """Return the entries that answer a question, newest first, at most `limit`. One query, two with `before`."""
    rows = AuditEvent.objects.filter(at__gte=question.since, at__lt=question.until)
    if question.event:
        rows = rows.filter(event__startswith=question.event)
    if question.about_kind:
        rows = rows.filter(about_kind=question.about_kind)
    if question.about_id:
        rows = rows.filter(about_id=question.about_id)
    if question.before:
        rows = _older(rows, question.before)
    return _by_actor(rows, question.actor).order_by("-at", "-pk")[:limit].iterator(chunk_size=500)


def _older(rows: QuerySet[AuditEvent], before: UUID) -> QuerySet[AuditEvent]:
    """Keep what was written before an entry; nothing when there is no such entry."""
    at = AuditEvent.objects.filter(pk=before).values_list("at", flat=True).first()
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=before)) if at else rows.none()


def _by_actor(rows: QuerySet[AuditEvent], actor: str) -> QuerySet[AuditEvent]:
    """Keep what somebody did, for themselves or in whose name it was done."""
    if not actor:
        return rows
    try:
        code = UUID(actor)
    except ValueError:
        return rows.filter(Q(actor_position=actor) | Q(actor_agency=actor))
    own = Q(actor_person_id=code) | Q(represented_person_id=code) | Q(actor_position=str(code))
    return rows.filter(own)
