"""Messages to the people of a round, each into the person's own inbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.utils import translation

from terpadu.maturity import events
from terpadu.maturity.enums import LocusState, Role
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Locus, Round, Task
from terpadu.maturity.policies import ANSWERING
from terpadu.maturity.selectors.work import locus_get
from terpadu.maturity.services.submission import missing_answers
from terpadu.messaging import public as messaging

HANDED, TASKS_DUE, ANSWERS_DUE = "maturity_handed", "maturity_tasks_due", "maturity_answers_due"
SUBMITTED, ANNOUNCED = "maturity_submitted", "maturity_announced"
APPOINTED, AGENCIES = "maturity_appointed", "maturity_agencies_handed"


def appointed(event: events.Appointed) -> None:
    """Tell somebody what they were appointed to."""
    measured = Round.objects.get(pk=event.round_id)
    locus = locus_get(event.locus_id) if event.locus_id else None
    words = {
        "role": _both(Role(event.role).label),
        "place": locus.agency_name if locus else measured.name,
        "year": str(measured.year),
    }
    link = f"/maturitas/{locus.id}/" if locus else f"/maturitas/putaran/{measured.id}/"
    _send_to(event.person_id, APPOINTED, words=words, reason=str(event.appointment_id), link=link)


def agencies_handed(event: events.AgenciesHanded) -> None:
    """Tell an assessor how many agencies they were handed."""
    words = {"count": event.count, "year": str(event.year)}
    _send_to(event.person_id, AGENCIES, words=words, reason=str(event.handed_id), link="/maturitas/")


def handed(event: events.TasksHanded) -> None:
    """Tell the respondents of a unit what they were handed, and until when."""
    locus = locus_get(event.locus_id)
    persons = [event.person_id] if event.person_id else respondents_of(locus, unit=event.unit)
    words = {"unit": event.unit, "count": event.count, "due_on": event.due_on, "year": str(event.year)}
    _send(HANDED, persons, locus=locus, words=words, reason=str(event.handed_id))


def tasks_due(locus_id: UUID, *, due_on: date) -> int:
    """Remind each unit of what is due on a day and has no answer; return of how many indicators."""
    locus = locus_get(locus_id)
    if locus.state != LocusState.OPEN:
        return 0
    missing = missing_answers(locus, stage=instrument_get(locus.round.instrument_code).stages[0].key)
    tasks = Task.objects.filter(locus=locus, due_on=due_on, indicator__in=missing)
    counts = Counter(tasks.values_list("unit", "person_id"))
    for (unit, person_id), count in counts.items():
        persons = [person_id] if person_id else respondents_of(locus, unit=unit)
        words = {"unit": unit, "missing": count, "due_on": due_on, "year": str(locus.round.year)}
        _send(TASKS_DUE, persons, locus=locus, words=words, reason=f"{due_on}:{unit[:30]}")
    return counts.total()


def answers_due(event: events.AnswersDue) -> None:
    """Tell everybody who still works on it that the self-assessment ends soon."""
    locus = locus_get(event.locus_id)
    due_at = locus.round.self_due_at
    words = {"agency": locus.agency_name, "missing": event.missing, "due_at": due_at}
    _send(ANSWERS_DUE, event.persons, locus=locus, words=words, reason=due_at.isoformat())


def submitted(event: events.LocusSubmitted) -> None:
    """Tell the assessors that an agency waits for them."""
    locus = locus_get(event.locus_id)
    _send(SUBMITTED, _appointed(locus, [Role.ASSESSOR]), locus=locus, words={"agency": locus.agency_name})


def announced(event: events.LocusAnnounced) -> None:
    """Tell the people of an agency that the assessors' levels are there, and until when they may object."""
    locus = locus_get(event.locus_id)
    words = {"agency": locus.agency_name, "due_at": event.objection_due_at}
    _send(ANNOUNCED, _appointed(locus, ANSWERING), locus=locus, words=words)


def respondents_of(locus: Locus, *, unit: str) -> list[UUID]:
    """Return the respondents of a unit of an agency. One query."""
    rows = locus.appointments.filter(role=Role.RESPONDENT, unit=unit)
    return list(rows.values_list("person_id", flat=True))


def _appointed(locus: Locus, roles: Iterable[Role]) -> list[UUID]:
    return list(locus.appointments.filter(role__in=list(roles)).values_list("person_id", flat=True))


def _send(
    template: str, persons: Iterable[UUID], *, locus: Locus, words: Mapping[str, object], reason: str = ""
) -> None:
    for person_id in sorted(set(persons)):
        _send_to(
            person_id, template, words=words, reason=f"{locus.id}:{reason}", link=f"/maturitas/{locus.id}/"
        )


def _send_to(person_id: UUID, template: str, *, words: Mapping[str, object], reason: str, link: str) -> None:
    key = f"{template}:{reason}"
    messaging.message_send(person_id=person_id, template=template, context=words, dedup_key=key, link=link)


def _both(label: object) -> dict[str, str]:
    """Write a lazy label in both languages."""
    found = {}
    for lang in ("id", "en"):
        with translation.override(lang):
            found[lang] = str(label).lower()
    return found
