"""The year of an agency, from the first answer to the published result, and everything that must not happen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest

from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_create, position_list
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.models import AuditEvent, OutboxEvent, Timer
from terpadu.maturity.enums import Consent, FindingKind, LocusState, Role, RoundState
from terpadu.maturity.errors import (
    AnswersMissing,
    AnswerTooLate,
    ChangedMeanwhile,
    ExplanationMissing,
    IndicatorUnknown,
    LevelRefused,
    MinutesMissing,
    NotFinal,
    ObjectionsOpen,
    OwnAgency,
    RoleTaken,
    RoundExists,
    ServiceNameMissing,
    WrongState,
    YearOutside,
)
from terpadu.maturity.models import Assessment, Finding, Locus
from terpadu.maturity.services.appointments import (
    appointment_create,
    appointment_end,
    assessors_distribute,
    tasks_assign,
)
from terpadu.maturity.services.assessments import assessment_save, rating_give
from terpadu.maturity.services.reminders import answers_remind
from terpadu.maturity.services.results import PastResult, locus_finalise, results_take_over
from terpadu.maturity.services.rounds import REMINDER, locus_add, round_open, round_publish, round_start
from terpadu.maturity.services.submission import (
    consent_change,
    finding_write,
    locus_announce,
    locus_submit,
    objection_answer,
    objection_raise,
)
from tests.maturity.conftest import DUE, PDF, SYSTEM, Scene, person, person_id

LATER = timedelta(days=20)


def save(scene: Scene, **changed: object) -> Assessment:
    values: dict[str, object] = {
        "indicator": "11",
        "stage": "mandiri",
        "level": "3",
        "explanation": "Perwal 1/2025",
        "by": scene.coordinator,
    }
    return assessment_save(scene.locus.id, **(values | changed))  # type: ignore[arg-type]  # keywords by table


def test_year_of_an_agency_ends_in_a_published_result(scene: Scene) -> None:
    scene.announce()
    with freeze(now() + LATER):
        result = locus_finalise(scene.locus.id, by=scene.assessor)
        measured = round_publish(scene.round, by=scene.national)

    assert (result.index, result.band, result.index_exact) == (Decimal("3.00"), "baik", "3")
    assert measured.state == RoundState.PUBLISHED
    names = {"maturity.locus_submitted", "maturity.locus_finalised", "maturity.round_published"}
    assert names <= set(OutboxEvent.objects.values_list("name", flat=True))
    assert AuditEvent.objects.filter(event="maturity.assessed").count() == 3 * 47


@pytest.mark.parametrize("level", ["0", "6", "3.5", "", "tiga"])
def test_answer_with_a_bad_level_is_refused(scene: Scene, level: str) -> None:
    with pytest.raises(LevelRefused):
        save(scene, level=level)

    assert not Assessment.objects.exists()


def test_answer_to_indicator_48_is_refused(scene: Scene) -> None:
    with pytest.raises(IndicatorUnknown):
        save(scene, indicator="48")


def test_answer_without_explanation_is_refused(scene: Scene) -> None:
    with pytest.raises(ExplanationMissing):
        save(scene, explanation="  ")


def test_answer_about_a_chosen_service_must_name_it(scene: Scene) -> None:
    with pytest.raises(ServiceNameMissing):
        save(scene, indicator="45")

    assert save(scene, indicator="45", service_name="Perizinan").service_name == "Perizinan"


def test_answer_after_the_deadline_is_refused(scene: Scene) -> None:
    with freeze(DUE + timedelta(seconds=1)), pytest.raises(AnswerTooLate):
        save(scene)


def test_answer_of_a_respondent_needs_the_indicator_handed_to_the_unit(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        save(scene, by=scene.respondent)

    tasks_assign(
        scene.locus, indicators=["11"], unit="Dinas Kominfo", due_on=date(2025, 6, 20), by=scene.operator
    )

    assert save(scene, by=scene.respondent).level == 3


def test_answer_of_a_respondent_when_handed_to_another_by_name_is_refused(scene: Scene) -> None:
    tasks_assign(
        scene.locus,
        indicators=["11"],
        unit="Dinas Kominfo",
        person_id=person_id(scene.stranger),
        due_on=date(2025, 6, 20),
        by=scene.operator,
    )

    with pytest.raises(NotAllowed):
        save(scene, by=scene.respondent)


@pytest.mark.parametrize("who", ["stranger", "assessor", "national"])
def test_answer_of_somebody_outside_the_agency_is_refused(scene: Scene, who: str) -> None:
    with pytest.raises(NotAllowed):
        save(scene, by=getattr(scene, who))


def test_two_assessors_saving_at_once_second_is_told_and_nothing_is_lost(scene: Scene) -> None:
    scene.submit()
    save(scene, stage="dokumen", level="2", explanation="Dokumen belum lengkap", by=scene.assessor)

    with pytest.raises(ChangedMeanwhile) as caught:
        save(scene, stage="dokumen", level="4", explanation="Lengkap", by=scene.second)

    assert caught.value.version == 1
    row = Assessment.objects.get(stage="dokumen")
    assert (row.level, row.explanation) == (Decimal(2), "Dokumen belum lengkap")
    assert save(scene, stage="dokumen", level="4", version=1, by=scene.second).version == 2


def test_assessor_of_the_own_agency_cannot_be_appointed(scene: Scene) -> None:
    with pytest.raises(OwnAgency):
        appointment_create(
            scene.round,
            role=Role.ASSESSOR,
            person_id=person_id(person()),
            agency_code="kota.99.01",
            locus=scene.locus,
            by=scene.national,
        )


def test_assessor_from_an_office_of_the_city_cannot_be_appointed(scene: Scene) -> None:
    agency_create(
        "dinas.99.01",
        peer_id="99010001",
        name="Dinas Contoh",
        short_name="Dinas",
        kind="regional_office",
        region_code="36.71",
        by=SYSTEM,
    )
    scene.locus.region_code = "36.71"
    scene.locus.save()

    with pytest.raises(OwnAgency):
        appointment_create(
            scene.round,
            role=Role.ASSESSOR,
            person_id=person_id(person()),
            agency_code="dinas.99.01",
            locus=scene.locus,
            by=scene.national,
        )


def test_assessor_who_moved_to_the_agency_cannot_assess_it(scene: Scene) -> None:
    scene.submit()
    moved = type(scene.assessor).officer(person_id(scene.assessor), agency="kota.99.01", position="x")

    with pytest.raises(OwnAgency):
        save(scene, stage="dokumen", by=moved)


def test_assessor_who_holds_a_position_in_an_office_of_the_agency_cannot_assess_it(scene: Scene) -> None:
    directory_demo.seed()
    Locus.objects.update(region_code="36.71")
    scene.submit()
    assessor = person_ensure(
        nik="3671011203780001", name="Asesor", birth_on=date(1978, 3, 12), sex="L", by=SYSTEM
    )
    scene.locus.appointments.filter(role=Role.ASSESSOR, agency_code="univ.1").update(person_id=assessor)
    save(scene, stage="dokumen", by=Actor.person(assessor))
    assignment_create(
        person_id=assessor,
        position_id=position_list("disdukcapil.36.71")[0].id,
        valid_from=date(2025, 1, 1),
        by=SYSTEM,
    )

    with pytest.raises(OwnAgency):
        save(scene, stage="dokumen", version=1, by=Actor.person(assessor))


def test_assessor_before_submission_cannot_assess(scene: Scene) -> None:
    with pytest.raises(WrongState):
        save(scene, stage="dokumen", by=scene.assessor)


def test_stage_that_a_monitoring_does_not_have_is_refused(scene: Scene) -> None:
    scene.submit()
    Locus.objects.update(kind="monitoring")

    with pytest.raises(WrongState):
        save(scene, stage="interviu", by=scene.assessor)


def test_submission_with_answers_missing_names_them(scene: Scene) -> None:
    save(scene)

    with pytest.raises(AnswersMissing) as caught:
        locus_submit(scene.locus.id, minutes=BytesIO(PDF), consent=True, by=scene.coordinator)

    assert len(caught.value.missing) == 46
    assert "11" not in caught.value.missing


@pytest.mark.parametrize("minutes", [None, BytesIO(b"\x89PNG\r\n\x1a\n...")])
def test_submission_without_signed_minutes_is_refused(scene: Scene, minutes: BytesIO | None) -> None:
    scene.answer()

    with pytest.raises(MinutesMissing):
        locus_submit(scene.locus.id, minutes=minutes, consent=True, by=scene.coordinator)

    scene.locus.refresh_from_db()
    assert scene.locus.state == LocusState.OPEN


def test_submission_by_the_entry_operator_is_refused(scene: Scene) -> None:
    scene.answer()

    with pytest.raises(NotAllowed):
        locus_submit(scene.locus.id, minutes=BytesIO(PDF), consent=True, by=scene.operator)


def test_submission_twice_is_refused(scene: Scene) -> None:
    scene.submit()

    with pytest.raises(WrongState):
        locus_submit(scene.locus.id, minutes=BytesIO(PDF), consent=True, by=scene.coordinator)


def test_answer_after_submission_is_refused(scene: Scene) -> None:
    scene.submit()

    with pytest.raises(WrongState):
        save(scene, version=1)


def test_consent_can_be_taken_back_before_publication(scene: Scene) -> None:
    scene.submit(consent=True)

    assert consent_change(scene.locus.id, consent=False, by=scene.coordinator).consent == Consent.REFUSED


def test_announcement_before_the_interview_is_complete_names_what_is_missing(scene: Scene) -> None:
    scene.submit()
    scene.answer(stage="dokumen")
    save(scene, stage="interviu", by=scene.assessor)

    with pytest.raises(AnswersMissing) as caught:
        locus_announce(scene.locus.id, by=scene.assessor)

    assert len(caught.value.missing) == 46


def test_objection_that_is_accepted_changes_the_level_by_the_assessors_own_save(scene: Scene) -> None:
    scene.announce()
    row = objection_raise(scene.locus.id, indicator="42", reason="Sudah terintegrasi", by=scene.coordinator)
    objection_answer(row.id, accepted=True, answer="Bukti diterima", by=scene.assessor)
    save(scene, indicator="42", stage="interviu", level="4", version=1, by=scene.assessor)

    with freeze(now() + LATER):
        result = locus_finalise(scene.locus.id, by=scene.assessor)

    assert (result.levels["42"], result.index_exact) == ("4", "3.03")


def test_objection_twice_or_without_reason_or_by_an_assessor_is_refused(scene: Scene) -> None:
    scene.announce()
    with pytest.raises(ExplanationMissing):
        objection_raise(scene.locus.id, indicator="1", reason=" ", by=scene.coordinator)
    with pytest.raises(NotAllowed):
        objection_raise(scene.locus.id, indicator="1", reason="x", by=scene.assessor)
    objection_raise(scene.locus.id, indicator="1", reason="x", by=scene.coordinator)

    with pytest.raises(WrongState):
        objection_raise(scene.locus.id, indicator="1", reason="y", by=scene.coordinator)


def test_objection_after_its_time_is_refused(scene: Scene) -> None:
    scene.announce()

    with freeze(now() + LATER), pytest.raises(WrongState):
        objection_raise(scene.locus.id, indicator="1", reason="x", by=scene.coordinator)


def test_finalisation_with_an_open_objection_or_before_its_time_is_refused(scene: Scene) -> None:
    scene.announce()
    with pytest.raises(ObjectionsOpen):
        locus_finalise(scene.locus.id, by=scene.assessor)
    objection_raise(scene.locus.id, indicator="1", reason="x", by=scene.coordinator)

    with freeze(now() + LATER), pytest.raises(ObjectionsOpen):
        locus_finalise(scene.locus.id, by=scene.assessor)


def test_publication_with_an_agency_not_final_names_it(scene: Scene) -> None:
    with pytest.raises(NotFinal) as caught:
        round_publish(scene.round, by=scene.national)

    assert caught.value.facts == {"agencies": "Kota Contoh", "count": 1}


def test_publication_by_a_coordinator_is_refused(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        round_publish(scene.round, by=scene.coordinator)


def test_round_in_a_year_the_instrument_does_not_cover_is_refused(scene: Scene) -> None:
    with pytest.raises(YearOutside):
        round_open(2026, name="x", instrument_code="permenpanrb-59-2020", self_due_at=DUE, by=SYSTEM)


def test_round_twice_is_refused(scene: Scene) -> None:
    with pytest.raises(RoundExists):
        round_open(2025, name="x", instrument_code="permenpanrb-59-2020", self_due_at=DUE, by=scene.national)


def test_agency_cannot_have_both_kinds_of_measurement_in_a_round(scene: Scene) -> None:
    with pytest.raises(WrongState):
        locus_add(
            scene.round,
            agency_code="kota.99.01",
            agency_name="Kota Contoh",
            group="city",
            kind="monitoring",
            by=SYSTEM,
        )


def test_second_entry_operator_is_refused_until_the_first_one_ends(scene: Scene) -> None:
    new = {"role": Role.ENTRY_OPERATOR, "person_id": person_id(scene.stranger), "agency_code": "kota.99.01"}
    with pytest.raises(RoleTaken):
        appointment_create(scene.round, locus=scene.locus, by=scene.coordinator, **new)  # type: ignore[arg-type]  # by table
    first = scene.locus.appointments.get(role=Role.ENTRY_OPERATOR)
    appointment_end(first, by=scene.coordinator)

    row = appointment_create(scene.round, locus=scene.locus, by=scene.coordinator, **new)  # type: ignore[arg-type]  # by table

    assert row.role == Role.ENTRY_OPERATOR


def test_appointment_of_an_assessor_by_a_coordinator_is_refused(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        appointment_create(
            scene.round,
            role=Role.ASSESSOR,
            person_id=person_id(scene.stranger),
            agency_code="univ.9",
            locus=scene.locus,
            by=scene.coordinator,
        )


def test_tasks_with_an_unknown_indicator_are_refused(scene: Scene) -> None:
    with pytest.raises(IndicatorUnknown):
        tasks_assign(scene.locus, indicators=["48"], unit="x", due_on=date(2025, 6, 20), by=scene.operator)


def test_assessors_are_distributed_evenly_and_never_to_their_own_agency(scene: Scene) -> None:
    for number in range(10):
        locus_add(
            scene.round,
            agency_code=f"kota.99.{number + 10}",
            agency_name=f"Kota {number}",
            group="city",
            kind="evaluation",
            by=SYSTEM,
        )
    team = {person_id(person()): f"kota.99.{number + 10}" for number in range(5)}

    assert assessors_distribute(scene.round, assessors=team, by=scene.national) == 10

    rows = [row for row in scene.round.appointments.select_related("locus") if row.person_id in team]
    loads = [sum(row.person_id == one for row in rows) for one in team]
    assert sum(loads) == 20
    assert max(loads) - min(loads) <= 1
    assert all(row.locus and row.locus.agency_code != row.agency_code for row in rows)


def test_reminder_counts_open_indicators_and_names_people_of_the_agency_only(scene: Scene) -> None:
    save(scene)

    assert answers_remind(scene.locus.id) == 46

    payload = OutboxEvent.objects.get(name="maturity.answers_due").payload
    assert set(payload["persons"]) == {str(scene.coordinator.person_id), str(scene.operator.person_id)}


def test_reminder_is_set_for_agencies_of_the_start_and_for_later_ones(scene: Scene) -> None:
    late = locus_add(
        scene.round,
        agency_code="kota.99.03",
        agency_name="Kota Tiga",
        group="city",
        kind="monitoring",
        by=SYSTEM,
    )

    keys = set(Timer.objects.filter(kind=REMINDER).values_list("key", flat=True))

    assert keys == {str(scene.locus.id), str(late.id)}


def test_reminder_after_submission_stays_silent(scene: Scene) -> None:
    scene.submit()

    assert answers_remind(scene.locus.id) == 0


def test_rating_is_kept_for_each_assessor_apart(scene: Scene) -> None:
    scene.submit()
    rating_give(scene.locus.id, indicator="1", level="3", by=scene.assessor)
    rating_give(scene.locus.id, indicator="1", level="2", by=scene.second)
    rating_give(scene.locus.id, indicator="1", level="4", by=scene.second)

    assert sorted(scene.locus.ratings.values_list("level", flat=True)) == [3, 4]


def test_finding_is_written_changed_and_removed(scene: Scene) -> None:
    scene.submit()
    for text in ("Kuat", "Sangat kuat"):
        finding_write(scene.locus.id, aspect="1", kind=FindingKind.STRENGTH, text=text, by=scene.assessor)
    assert Finding.objects.get().text == "Sangat kuat"

    finding_write(scene.locus.id, aspect="1", kind=FindingKind.STRENGTH, text="", by=scene.assessor)

    assert not Finding.objects.exists()


def test_past_results_are_taken_over_with_their_levels_and_published(scene: Scene) -> None:
    measured = round_open(
        2024, name="2024", instrument_code="permenpanrb-59-2020", self_due_at=DUE, by=SYSTEM
    )
    levels = {str(number): 3 for number in range(1, 48)}
    past = [PastResult(f"kota.{n}", f"Kota {n}", "city", "", "evaluation", n > 0, levels) for n in range(3)]

    assert results_take_over(measured, results=past, source_sha256="a" * 64, by=SYSTEM) == 3

    assert sorted(measured.loci.values_list("consent", flat=True)) == ["granted", "granted", "refused"]
    with pytest.raises(AnswersMissing):
        results_take_over(
            measured,
            results=[PastResult("kota.9", "Kota 9", "city", "", "evaluation", True, {"1": 3})],
            source_sha256="a" * 64,
            by=SYSTEM,
        )
    assert measured.loci.count() == 3


def test_round_published_reminds_nobody_any_more(scene: Scene) -> None:
    measured = round_open(
        2024, name="2024", instrument_code="permenpanrb-59-2020", self_due_at=DUE, by=SYSTEM
    )
    levels = {str(number): 3 for number in range(1, 48)}
    past = [PastResult("kota.1", "Kota 1", "city", "", "evaluation", True, levels)]
    results_take_over(measured, results=past, source_sha256="a" * 64, by=SYSTEM)
    reminders = Timer.objects.filter(key__in=[str(one.id) for one in measured.loci.all()])

    started = round_start(measured, by=SYSTEM)
    assert reminders.count() == 1
    round_publish(started, by=SYSTEM)
    assert not reminders.exists()
