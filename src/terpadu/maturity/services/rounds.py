"""Rounds and the agencies measured in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotFound
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_set, timers_cancel, timers_set
from terpadu.maturity.enums import LocusState, Role, RoundState
from terpadu.maturity.errors import NoAgencies, NotFinal, RoundExists, WrongState, YearOutside
from terpadu.maturity.events import RoundPublished
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Appointment, Locus, Round
from terpadu.maturity.policies import check_national_team

REMINDER = "maturity.reminder"
REMIND_BEFORE = timedelta(days=7)


@transaction.atomic
def round_open(year: int, *, name: str, instrument_code: str, self_due_at: datetime, by: Actor) -> Round:
    """Open the measurement of a year; who opens it is in its national team.

    self_due_at: end of the self-assessment. Raises InstrumentUnknown, YearOutside, RoundExists, NotAllowed.
    """
    check_national_team(by)
    form = instrument_get(instrument_code)
    if not form.covers_year(year):
        raise YearOutside(year=year, instrument=instrument_code)
    row = Round(year=year, name=name, instrument_code=form.code, self_due_at=self_due_at)
    row.instrument_sha256 = form.sha256
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise RoundExists(year=year, instrument=instrument_code) from None
    audit.record("maturity.round_opened", by=by, about_kind="round", about_id=row.id, facts={"year": year})
    if by.person_id is not None:
        Appointment.objects.create(
            round=row, role=Role.NATIONAL_TEAM, person_id=by.person_id, agency_code=by.agency
        )
    return row


@transaction.atomic
def locus_add(
    measured: Round,
    *,
    agency_code: str,
    agency_name: str,
    group: str,
    kind: str,
    region_code: str = "",
    by: Actor,
) -> Locus:
    """Add an agency to a round, once: with monitoring or evaluation, never both. Raises WrongState, NotAllowed."""
    check_national_team(by, measured=measured)
    if measured.state == RoundState.PUBLISHED:
        raise WrongState(round_state=measured.state)
    row, is_new = Locus.objects.get_or_create(
        round=measured,
        agency_code=agency_code,
        defaults={"agency_name": agency_name, "group": group, "kind": kind, "region_code": region_code},
    )
    if not is_new and row.kind != kind:
        raise WrongState(agency=agency_code, kind=row.kind)
    if is_new and measured.state == RoundState.RUNNING:
        timer_set(REMINDER, key=str(row.id), due_at=measured.self_due_at - REMIND_BEFORE)
    if is_new:
        audit.record("maturity.locus_added", by=by, about_kind="locus", about_id=row.id)
    return row


@transaction.atomic
def round_start(measured: Round, *, by: Actor) -> Round:
    """Start the self-assessment and set a reminder for each agency, a week before it ends. Raises WrongState, NoAgencies."""
    check_national_team(by, measured=measured)
    row = _locked(measured.id)
    if row.state != RoundState.PREPARATION:
        raise WrongState(round_state=row.state)
    if not row.loci.exists():
        raise NoAgencies()
    row.state = RoundState.RUNNING
    row.save(update_fields=["state"])
    timers_set(REMINDER, keys=_reminder_keys(row), due_at=row.self_due_at - REMIND_BEFORE)
    audit.record("maturity.round_started", by=by, about_kind="round", about_id=row.id)
    return row


@transaction.atomic
def round_publish(measured: Round, *, by: Actor) -> Round:
    """Publish the results of a year: those of agencies that agreed become public at once.

    Raises NotFinal naming up to ten agencies that are not final, WrongState, NotAllowed.
    """
    check_national_team(by, measured=measured)
    row = _locked(measured.id)
    if row.state != RoundState.RUNNING:
        raise WrongState(round_state=row.state)
    waiting = row.loci.exclude(state=LocusState.FINAL).order_by("agency_name")
    if names := list(waiting.values_list("agency_name", flat=True)[:10]):
        raise NotFinal(agencies=", ".join(names), count=waiting.count())
    row.state = RoundState.PUBLISHED
    row.published_at = now()
    row.save(update_fields=["state", "published_at"])
    timers_cancel(REMINDER, keys=_reminder_keys(row))
    audit.record("maturity.round_published", by=by, about_kind="round", about_id=row.id)
    emit(RoundPublished(round_id=row.id, year=row.year))
    return row


def _reminder_keys(measured: Round) -> list[str]:
    return [str(locus_id) for locus_id in measured.loci.values_list("id", flat=True)]


def _locked(round_id: UUID) -> Round:
    row = Round.objects.select_for_update().filter(pk=round_id).first()
    if row is None:
        raise NotFound()
    return row
