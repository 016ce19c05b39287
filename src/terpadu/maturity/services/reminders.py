"""Reminders: who still has to answer, told a week before the self-assessment ends."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.outbox import emit
from terpadu.maturity.enums import LocusState, Role
from terpadu.maturity.events import AnswersDue
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Task
from terpadu.maturity.policies import OF_THE_AGENCY
from terpadu.maturity.services.assessments import locus_lock
from terpadu.maturity.services.submission import missing_answers


@transaction.atomic
def answers_remind(locus_id: UUID) -> int:
    """Emit AnswersDue for an agency that is still open; return how many indicators have no answer.

    Addressed are coordinator, person in charge, entry operator, and the respondents of the open indicators.
    """
    locus = locus_lock(locus_id)
    missing = missing_answers(locus, stage=instrument_get(locus.round.instrument_code).stages[0].key)
    if not missing or locus.state != LocusState.OPEN:
        return 0
    appointed = locus.appointments.filter(role__in=OF_THE_AGENCY).exclude(role=Role.RESPONDENT)
    handed = Task.objects.filter(locus=locus, indicator__in=missing, person_id__isnull=False)
    units = Task.objects.filter(locus=locus, indicator__in=missing, person_id__isnull=True).values("unit")
    members = locus.appointments.filter(role=Role.RESPONDENT, unit__in=units)
    persons: set[UUID] = set(appointed.values_list("person_id", flat=True))
    persons |= set(members.values_list("person_id", flat=True))
    persons |= {person for person in handed.values_list("person_id", flat=True) if person}
    emit(
        AnswersDue(
            locus_id=locus.id,
            agency_code=locus.agency_code,
            year=locus.round.year,
            missing=len(missing),
            persons=tuple(sorted(persons)),
        )
    )
    audit.record("maturity.reminded", by=Actor.system("worker"), about_kind="locus", about_id=locus.id)
    return len(missing)
