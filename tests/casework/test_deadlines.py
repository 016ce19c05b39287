"""The promise in working minutes: over holidays, standing still, warned of, missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.casework import public as casework
from terpadu.casework.enums import PublicState
from terpadu.casework.events import CaseClosed, DeadlineMissed, DeadlineNear
from terpadu.casework.models import Case, CaseEvent
from terpadu.casework.services.deadlines import MINUTES_PER_DAY
from terpadu.exchange.models import ClosedCase
from terpadu.kernel import clock, outbox, timers
from terpadu.kernel.calendar import add_working_minutes, national_calendar, working_minutes_between
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.models import OutboxEvent
from terpadu.messaging.public import inbox_for
from tests.casework.conftest import MONDAY, Draft, World, person_of

WORDS = "Foto akta tidak terbaca. Unggah lagi."


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.django_db
def test_promise_over_idul_fitri_skips_holidays_and_collective_leave(
    world: World, ready_draft: Draft
) -> None:
    case_id = ready_draft()

    with clock.freeze(at(17, 9, month=3)):
        view = casework.case_submit(case_id, by=world.siti, submit_key="k")

    # Nyepi 18-19 March, Idul Fitri 20-24 March 2026 with collective leave; work goes on on 25 March.
    assert view.due_on is not None
    assert view.due_on.isoformat() == "2026-03-27"
    assert (
        working_minutes_between(
            at(17, 9, month=3), Case.objects.get().due_at or MONDAY, calendar=national_calendar()
        )
        == 3 * MINUTES_PER_DAY
    )


@pytest.mark.django_db
def test_clock_stands_still_while_the_applicant_has_the_ball(world: World, sent_case: UUID) -> None:
    with clock.freeze(at(23, 11)):
        casework.case_act(sent_case, "send_back", message=WORDS, marked={"cara": "?"}, by=world.budi)
    case = Case.objects.get()
    assert (case.due_at, case.remaining_minutes) == (None, 3 * MINUTES_PER_DAY - 120)
    with clock.freeze(at(30, 10)):
        casework.page_save(sent_case, "penerimaan", {"cara": "keliling"}, by=world.siti)
        casework.case_submit(sent_case, by=world.siti, submit_key="k2")

    case.refresh_from_db()
    assert case.remaining_minutes is None
    assert case.due_at == add_working_minutes(
        at(30, 10), 3 * MINUTES_PER_DAY - 120, calendar=national_calendar()
    )


@pytest.mark.django_db
def test_warnings_at_half_and_four_fifths_then_missed_once(world: World, sent_case: UUID) -> None:
    for moment in (at(24, 13, 14), at(24, 13, 16), at(25, 12), at(26, 8), at(26, 10), at(27, 10)):
        with clock.freeze(moment):
            timers.fire_due()
            timers.fire_due()

    near = OutboxEvent.objects.filter(name=DeadlineNear.name).values_list("payload__percent", flat=True)
    assert sorted(near) == [50, 80]
    assert OutboxEvent.objects.filter(name=DeadlineMissed.name).count() == 1
    with clock.freeze(at(27, 10)):
        while outbox.deliver_due():
            pass
        view = casework.case_get(sent_case, by=world.siti)
    assert view.is_late
    assert "case_late" in {message.template for message in inbox_for(person_of(world.siti))}


@pytest.mark.django_db
def test_paused_case_is_neither_warned_of_nor_missed(world: World, sent_case: UUID) -> None:
    casework.case_act(sent_case, "send_back", message=WORDS, marked={"cara": "?"}, by=world.budi)

    with clock.freeze(at(4, 10, month=12)):
        timers.fire_due()

    assert not OutboxEvent.objects.filter(name__in=[DeadlineNear.name, DeadlineMissed.name]).exists()


@pytest.mark.django_db
def test_applicant_who_does_not_answer_is_reminded_then_the_case_lapses(
    world: World, sent_case: UUID
) -> None:
    casework.case_act(sent_case, "send_back", message=WORDS, marked={"cara": "?"}, by=world.budi)
    with clock.freeze(MONDAY + timedelta(days=8)):
        timers.fire_due()
    assert "correction_reminder" in {message.template for message in inbox_for(person_of(world.siti))}

    with clock.freeze(MONDAY + timedelta(days=14, minutes=1)):
        timers.fire_due()
        while outbox.deliver_due():
            pass

    view = casework.case_get(sent_case, by=world.siti)
    assert view.state is PublicState.LAPSED
    assert CaseEvent.objects.filter(kind="lapsed").count() == 1
    assert "case_lapsed" in {message.template for message in inbox_for(person_of(world.siti))}
    assert ClosedCase.objects.get().reference == view.number


@pytest.mark.django_db
def test_case_that_is_withdrawn_ends_for_the_exchange_too(world: World, sent_case: UUID) -> None:
    casework.case_cancel(sent_case, by=world.siti)

    [event] = OutboxEvent.objects.filter(name=CaseClosed.name)
    view = casework.case_get(sent_case, by=world.siti)
    assert (event.payload["case_number"], event.payload["agency_code"]) == (view.number, "disdukcapil.36.71")


moments = st.integers(0, 60 * 24 * 200).map(lambda minute: at(2, 0, month=1) + timedelta(minutes=minute))
pauses = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 20000)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(start=moments, promise=st.integers(1, 5000), parts=pauses)
def test_promise_in_pieces_is_exactly_the_promise(
    start: datetime, promise: int, parts: list[tuple[int, int]]
) -> None:
    calendar, left, spent, moment = national_calendar(), promise, 0, start
    for worked, waited in parts:
        due = add_working_minutes(moment, left, calendar=calendar)
        paused_at = min(moment + timedelta(minutes=worked), due)
        spent += working_minutes_between(moment, paused_at, calendar=calendar)
        left = working_minutes_between(paused_at, due, calendar=calendar)
        moment = paused_at + timedelta(minutes=waited)

    assert spent + left == promise
