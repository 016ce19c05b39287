"""The agency sends its self-assessment, contests what the assessors found, and the assessors answer."""

from __future__ import annotations

from datetime import datetime
from typing import IO
from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.calendar import add_working_days, national_calendar
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotFound
from terpadu.kernel.outbox import emit
from terpadu.maturity.enums import Consent, FindingKind, LocusState
from terpadu.maturity.errors import (
    AnswersMissing,
    AnswerTooLate,
    ExplanationMissing,
    IndicatorUnknown,
    MinutesMissing,
    WrongState,
)
from terpadu.maturity.events import LocusAnnounced, LocusSubmitted
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Finding, Locus, Objection
from terpadu.maturity.policies import (
    ANSWERING,
    SUBMITTING,
    check_can_assess,
    check_role,
    check_state,
)
from terpadu.maturity.selectors.work import kind_of
from terpadu.maturity.services.assessments import indicator_of, locus_lock
from terpadu.maturity.services.evidence import file_keep

OBJECTION_WORKING_DAYS = 5  # assumed: PermenPANRB 8/2026 names an objection; its length was not to be read
PDF = "application/pdf"


@transaction.atomic
def locus_submit(locus_id: UUID, *, minutes: IO[bytes] | None, consent: bool, by: Actor) -> Locus:
    """Send the self-assessment, with the minutes that the coordinator signed and the word on publication.

    minutes: the signed Berita Acara as PDF. consent: whether the result may be published (Pernyataan Persetujuan
    Publikasi). Coordinator or person in charge. Raises AnswersMissing, MinutesMissing, AnswerTooLate, WrongState,
    NotAllowed, and as evidence does.
    """
    locus = locus_lock(locus_id)
    check_role(by, locus=locus, roles=SUBMITTING)
    check_state(locus, LocusState.OPEN)
    if now() > locus.round.self_due_at:
        raise AnswerTooLate()
    if missing := missing_answers(locus, stage=_own_stage(locus)):
        raise AnswersMissing(missing=missing)
    if minutes is None:
        raise MinutesMissing()
    locus.minutes_sha256, _, media_type = file_keep(minutes)
    if media_type != PDF:
        raise MinutesMissing(media_type=media_type)
    locus.consent = Consent.GRANTED if consent else Consent.REFUSED
    locus.state = LocusState.SUBMITTED
    locus.submitted_at, locus.submitted_by = now(), by.person_id
    locus.save()
    _record("maturity.locus_submitted", locus, by=by, consent=consent)
    emit(LocusSubmitted(locus_id=locus.id, agency_code=locus.agency_code, year=locus.round.year))
    return locus


@transaction.atomic
def consent_change(locus_id: UUID, *, consent: bool, by: Actor) -> Locus:
    """Agree to publication, or take the agreement back, until the round is published. Raises WrongState, NotAllowed."""
    locus = locus_lock(locus_id)
    check_role(by, locus=locus, roles=SUBMITTING)
    check_state(locus, LocusState.SUBMITTED, LocusState.ANNOUNCED, LocusState.FINAL)
    locus.consent = Consent.GRANTED if consent else Consent.REFUSED
    locus.save(update_fields=["consent"])
    _record("maturity.consent_changed", locus, by=by, consent=consent)
    return locus


@transaction.atomic
def locus_announce(locus_id: UUID, *, by: Actor) -> Locus:
    """Show the agency the assessors' levels; from now it has some working days to object.

    Every stage that is not optional must be complete. Raises AnswersMissing, WrongState, NotAllowed, OwnAgency.
    """
    locus = locus_lock(locus_id)
    check_can_assess(by, locus=locus)
    check_state(locus, LocusState.SUBMITTED)
    form = instrument_get(locus.round.instrument_code)
    for stage in form.stages_of(kind_of(locus)):
        if not stage.is_optional and (missing := missing_answers(locus, stage=stage.key)):
            raise AnswersMissing(missing=missing)
    locus.state = LocusState.ANNOUNCED
    locus.objection_due_at = add_working_days(now(), OBJECTION_WORKING_DAYS, calendar=national_calendar())
    locus.save(update_fields=["state", "objection_due_at"])
    _record("maturity.locus_announced", locus, by=by)
    emit(LocusAnnounced(locus.id, locus.agency_code, locus.round.year, locus.objection_due_at))
    return locus


@transaction.atomic
def objection_raise(locus_id: UUID, *, indicator: str, reason: str, by: Actor) -> Objection:
    """Contest the level of an indicator, once, while objections are possible.

    Raises ExplanationMissing, WrongState (also after the time for objections), NotAllowed.
    """
    locus = locus_lock(locus_id)
    check_role(by, locus=locus, roles=ANSWERING)
    check_state(locus, LocusState.ANNOUNCED)
    indicator_of(instrument_get(locus.round.instrument_code), indicator)
    if objections_ended(locus, at=now()):
        raise WrongState(reason="objection time over")
    if not reason.strip():
        raise ExplanationMissing(indicator=indicator)
    if Objection.objects.filter(locus=locus, indicator=indicator).exists():
        raise WrongState(reason="contested already")
    row = Objection.objects.create(
        locus=locus, indicator=indicator, reason=reason.strip(), raised_by=by.person_id, raised_at=now()
    )
    _record("maturity.objection_raised", locus, by=by, indicator=indicator)
    return row


@transaction.atomic
def objection_answer(objection_id: UUID, *, accepted: bool, answer: str, by: Actor) -> Objection:
    """Accept an objection (then change the level with its own save) or refuse it, with the reason.

    Raises ExplanationMissing, WrongState when answered already, NotAllowed, OwnAgency.
    """
    row = Objection.objects.select_for_update().filter(pk=objection_id).first()
    if row is None:
        raise NotFound()
    locus = locus_lock(row.locus_id)
    check_can_assess(by, locus=locus)
    if row.answered_at is not None:
        raise WrongState(reason="answered already")
    if not answer.strip():
        raise ExplanationMissing(indicator=row.indicator)
    row.is_accepted, row.answer = accepted, answer.strip()
    row.answered_by, row.answered_at = by.person_id, now()
    row.save()
    _record("maturity.objection_answered", locus, by=by, indicator=row.indicator, accepted=accepted)
    return row


@transaction.atomic
def finding_write(locus_id: UUID, *, aspect: str, kind: FindingKind, text: str, by: Actor) -> None:
    """Write, change or (with an empty text) remove what the report says about an aspect.

    Raises IndicatorUnknown for an unknown aspect, NotAllowed, OwnAgency, WrongState.
    """
    locus = locus_lock(locus_id)
    check_can_assess(by, locus=locus)
    form = instrument_get(locus.round.instrument_code)
    if aspect not in {one.number for one in form.aspects}:
        raise IndicatorUnknown(aspect=aspect[:10])
    if text.strip():
        Finding.objects.update_or_create(
            locus=locus, aspect=aspect, kind=kind, defaults={"text": text.strip()}
        )
    else:
        Finding.objects.filter(locus=locus, aspect=aspect, kind=kind).delete()
    _record("maturity.finding_written", locus, by=by, aspect=aspect, kind=str(kind))


def missing_answers(locus: Locus, *, stage: str) -> list[str]:
    """Return the numbers of indicators that have no level at a stage, in the order of the instrument. One query."""
    given = set(locus.assessments.filter(stage=stage).values_list("indicator", flat=True))
    return [
        number for number in instrument_get(locus.round.instrument_code).indicators if number not in given
    ]


def objections_ended(locus: Locus, *, at: datetime) -> bool:
    """Tell whether the time for objections is over."""
    return locus.objection_due_at is not None and at > locus.objection_due_at


def _own_stage(locus: Locus) -> str:
    return instrument_get(locus.round.instrument_code).stages[0].key


def _record(event: str, locus: Locus, *, by: Actor, **facts: audit.Fact) -> None:
    audit.record(event, by=by, about_kind="locus", about_id=locus.id, facts=facts)
