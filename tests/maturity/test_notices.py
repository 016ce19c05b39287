"""The people of a round are told in their own inbox what waits for them, once for each reason, in both languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from terpadu.kernel import timers
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, freeze
from terpadu.maturity.enums import Role
from terpadu.maturity.services.appointments import appointment_create, tasks_assign
from terpadu.maturity.services.assessments import assessment_save
from terpadu.messaging.public import MessageView, inbox_for
from tests.maturity.conftest import DUE, Scene, deliver, person, person_id

DUE_ON = date(2025, 6, 20)


def inbox(actor: Actor, *, lang: str = "en") -> list[MessageView]:
    """Return a person's messages, without that of the appointment."""
    with translation.override(lang):
        return [one for one in inbox_for(person_id(actor)) if one.template != "maturity_appointed"]


def hand_out(scene: Scene, *indicators: str) -> None:
    tasks_assign(
        scene.locus, indicators=indicators, unit="Dinas Kominfo", due_on=DUE_ON, by=scene.coordinator
    )
    deliver()


def fire(at: datetime) -> None:
    """Let the worker do everything that is due at a moment."""
    with freeze(at):
        timers.fire_due()
        deliver()


def test_respondent_is_told_of_what_was_handed_out_and_a_stranger_is_not(scene: Scene) -> None:
    hand_out(scene, "11", "12")

    (message,) = inbox(scene.respondent)
    assert message.subject == "Indicators of the 2025 index for Dinas Kominfo"
    assert "2. Please answer them by 20 June 2025" in message.body
    assert message.link == f"/maturitas/{scene.locus.id}/"
    assert inbox(scene.respondent, lang="id")[0].subject == "Indikator indeks 2025 untuk Dinas Kominfo"
    assert not any(inbox(one) for one in (scene.stranger, scene.assessor, scene.coordinator))


def test_unit_is_reminded_two_mornings_before_of_its_own_open_indicators_only(scene: Scene) -> None:
    hand_out(scene, "11", "12")
    assessment_save(
        scene.locus.id, indicator="11", stage="mandiri", level="3", explanation="Ada", by=scene.respondent
    )
    morning = datetime(2025, 6, 18, 8, tzinfo=JAKARTA)

    fire(morning - timedelta(minutes=1))
    before = len(inbox(scene.respondent))
    fire(morning)

    assert before == 1
    assert "without an answer: 1." in inbox(scene.respondent)[0].body


def test_reminder_of_a_task_handed_to_one_person_reaches_that_person_alone(scene: Scene) -> None:
    chosen = person()
    appointment_create(
        scene.round,
        role=Role.RESPONDENT,
        person_id=person_id(chosen),
        agency_code="kota.99.01",
        locus=scene.locus,
        unit="Dinas Kominfo",
        by=scene.coordinator,
    )
    tasks_assign(
        scene.locus,
        indicators=["11"],
        unit="Dinas Kominfo",
        due_on=DUE_ON,
        person_id=person_id(chosen),
        by=scene.coordinator,
    )
    deliver()
    fire(datetime(2025, 6, 18, 8, tzinfo=JAKARTA))

    assert [len(inbox(one)) for one in (chosen, scene.respondent)] == [2, 0]


def test_reminder_of_a_unit_that_has_answered_everything_is_not_sent(scene: Scene) -> None:
    hand_out(scene, "11")
    scene.submit()
    deliver()

    fire(datetime(2025, 6, 18, 8, tzinfo=JAKARTA))

    assert len(inbox(scene.respondent)) == 1


def test_reminder_a_week_before_the_end_reaches_the_inbox_once(scene: Scene) -> None:
    hand_out(scene, "11")

    fire(DUE - timedelta(days=7))
    fire(DUE - timedelta(days=6))

    for actor in (scene.coordinator, scene.operator, scene.respondent):
        newest = inbox(actor)[0]
        assert newest.subject == "Reminder: the self-assessment of Kota Contoh"
        assert "without an answer: 47." in newest.body
    assert "ditutup" in inbox(scene.coordinator, lang="id")[0].body
    assert len(inbox(scene.coordinator)) == 1


def test_assessors_are_told_of_a_submission_and_the_agency_of_the_levels(scene: Scene) -> None:
    scene.announce()
    deliver()

    assert [one.subject for one in inbox(scene.assessor)] == [
        "The self-assessment of Kota Contoh waits for you"
    ]
    (told,) = inbox(scene.coordinator)
    assert told.subject == "The assessors' levels for Kota Contoh are there"
    assert "You may object until 9 June 2025" in told.body


@pytest.mark.parametrize("late", [date(2025, 6, 3), date(2025, 5, 1)])
def test_task_due_too_soon_for_a_reminder_sets_none(scene: Scene, late: date) -> None:
    tasks_assign(scene.locus, indicators=["11"], unit="X", due_on=late, by=scene.coordinator)

    fire(datetime(2025, 6, 4, tzinfo=JAKARTA))

    assert inbox(scene.respondent) == []
