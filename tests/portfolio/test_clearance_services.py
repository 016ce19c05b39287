"""A request on the real database: every road through the procedure, late desks, two at once, ends with dependents."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from terpadu.documents.public import document_get
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze
from terpadu.kernel.errors import NotAllowed
from terpadu.messaging.public import inbox_for
from terpadu.portfolio.enums import DecisionKind, Desk, Opinion, RequestKind
from terpadu.portfolio.errors import (
    AppealTooLate,
    ChangedMeanwhile,
    DecisionRefused,
    DocumentRefused,
    RequestIncomplete,
    ReviewDone,
    SamePerson,
    StepRefused,
)
from terpadu.portfolio.models import Application, Change, RequestReport
from terpadu.portfolio.services.clearance.appeals import (
    appeal_dismiss,
    appeal_file,
    appeal_retract,
    appeal_uphold,
)
from terpadu.portfolio.services.clearance.decisions import DecisionValues, decision_take
from terpadu.portfolio.services.clearance.delivery import delivery_check
from terpadu.portfolio.services.clearance.documents import document_add
from terpadu.portfolio.services.clearance.drafts import draft_save, draft_start
from terpadu.portfolio.services.clearance.reviews import (
    comment_add,
    review_delegate,
    review_give,
    review_take,
)
from terpadu.portfolio.services.clearance.screening import digest_of
from terpadu.portfolio.services.clearance.submission import (
    request_accept,
    request_return,
    request_submit,
    request_withdraw,
)
from tests.portfolio.clearance import (
    NEW,
    PDF,
    REASON,
    START,
    People,
    at_decision,
    at_desks,
    decided,
    draft,
    fresh,
    give_position,
    later,
    make_application,
    make_people,
    small,
    work,
)
from tests.portfolio.conftest import CITY, MINISTRY, SYSTEM, Country, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(country: Country) -> Iterator[People]:
    """Make the people on a Monday morning."""
    with freeze(START):
        yield make_people()


def subjects(by: Actor) -> list[str]:
    assert by.person_id is not None
    return [one.subject for one in inbox_for(by.person_id)]


def test_submit_large_request_waits_for_secretariat_with_its_limit(people: People) -> None:
    row = draft(people.proposer)

    row = request_submit(row.id, by=people.proposer)

    assert (row.state, row.path, row.procedure) == ("submitted", "full", "national")
    assert row.number == f"IZN-2026-{int(row.number[-6:]):06}"
    assert row.due_at == START.replace(day=4)


def test_submit_small_request_takes_short_path_to_one_desk(people: People) -> None:
    row = draft(people.proposer, values=small())

    request_submit(row.id, by=people.proposer)
    work()

    row = fresh(row)
    assert (row.state, row.path) == ("review", "short")
    assert list(row.reviews.values_list("desk", flat=True)) == ["architecture"]


def test_submit_split_contracts_counts_them_together(people: People) -> None:
    first = draft(people.proposer, values=small())
    request_submit(first.id, by=people.proposer)
    second = draft(people.proposer, values=replace(small(), rupiah=60_000_000, title="Antrean Uji tahap 2"))

    row = request_submit(second.id, by=people.proposer)

    assert row.path == "full"


def test_submit_incomplete_names_everything_and_keeps_the_draft(people: People) -> None:
    values = replace(NEW, function="", rab_codes=(), rupiah=None)
    row = draft_start(agency_code=MINISTRY, values=values, by=people.proposer)

    with pytest.raises(RequestIncomplete) as caught:
        request_submit(row.id, by=people.proposer)

    columns = {getattr(fault, "column") for fault in caught.value.faults}  # noqa: B009 - faults are plain objects here
    assert columns == {"function", "rab_codes", "rupiah"}
    assert fresh(row).state == "draft"


def test_submit_strong_overlap_needs_the_proposers_reason(people: People) -> None:
    make_application(NEW.title, function=NEW.function)
    row = draft(people.proposer)

    with pytest.raises(RequestIncomplete):
        request_submit(row.id, by=people.proposer)
    draft_save(row.id, values=replace(NEW, why_not_existing=REASON), version=1, by=people.proposer)

    assert request_submit(row.id, by=people.proposer).state == "submitted"


def test_draft_save_of_an_old_version_overwrites_nothing(people: People) -> None:
    row = draft(people.proposer)
    draft_save(row.id, values=replace(NEW, title="Judul kedua"), version=1, by=people.proposer)

    with pytest.raises(ChangedMeanwhile):
        draft_save(row.id, values=replace(NEW, title="Judul lama"), version=1, by=people.proposer)

    assert fresh(row).title == "Judul kedua"


def test_draft_of_another_agency_does_not_exist_for_strangers(people: People, country: Country) -> None:
    row = draft(people.proposer)

    for stranger in (people.city, people.decider, country.stranger):
        with pytest.raises(NotAllowed):
            request_submit(row.id, by=stranger)
    with pytest.raises(NotAllowed):
        draft_start(agency_code=CITY, values=NEW, by=people.proposer)


def test_return_and_correction_goes_back_to_the_secretariat(people: People) -> None:
    row = draft(people.proposer)
    request_submit(row.id, by=people.proposer)

    request_return(row.id, reason="Lampirkan rincian biaya.", by=people.secretariat)
    work()

    assert fresh(row).state == "returned"
    assert f"Perlu dilengkapi: {NEW.title}" in subjects(people.proposer)
    assert request_submit(row.id, by=people.proposer).state == "submitted"


def test_returned_request_lapses_when_nothing_comes(people: People) -> None:
    row = draft(people.proposer)
    request_submit(row.id, by=people.proposer)
    request_return(row.id, reason="Lampirkan rincian biaya.", by=people.secretariat)

    with later(days=20):
        work()

        assert fresh(row).state == "lapsed"


def test_slow_secretariat_does_not_hold_the_request(people: People) -> None:
    row = draft(people.proposer)
    request_submit(row.id, by=people.proposer)

    with later(days=3):
        work()

        assert fresh(row).state == "review"


def test_report_is_frozen_with_versions_and_digest(people: People) -> None:
    make_application(NEW.title, function=NEW.function)
    row = at_desks(people, values=replace(NEW, why_not_existing=REASON))

    report = RequestReport.objects.get(request=row)

    content = {
        name: getattr(report, name)
        for name in ("engine", "versions", "records", "proposal", "candidates", "dependents")
    }
    assert report.sha256 == digest_of(content)
    assert report.candidates[0]["name"] == NEW.title
    with pytest.raises(DatabaseError), transaction.atomic():
        RequestReport.objects.update(records=0)


def test_desks_work_side_by_side_and_the_last_one_hands_over(people: People) -> None:
    row = at_desks(people)
    desks = list(people.desks)

    for desk in desks[:-1]:
        review_give(row.id, desk=desk, opinion=Opinion.SUPPORT, text="", by=people.desks[desk])
        assert fresh(row).state == "review"
    review_give(row.id, desk=desks[-1], opinion=Opinion.SUPPORT, text="", by=people.desks[desks[-1]])

    assert fresh(row).state == "decision"


def test_second_colleague_of_a_desk_is_told_that_it_is_done(people: People) -> None:
    row = at_desks(people)
    colleague = make_person("3671015705930001", "Rekan", kind="penelaah_arsitektur", agency="panrb")
    review_take(row.id, desk=Desk.ARCHITECTURE, by=colleague)
    review_give(
        row.id, desk=Desk.ARCHITECTURE, opinion=Opinion.SUPPORT, text="", by=people.desks[Desk.ARCHITECTURE]
    )

    with pytest.raises(ReviewDone):
        review_give(row.id, desk=Desk.ARCHITECTURE, opinion=Opinion.OBJECT, text=REASON, by=colleague)


def test_review_of_another_desk_is_not_allowed(people: People) -> None:
    row = at_desks(people)

    with pytest.raises(NotAllowed):
        review_give(
            row.id, desk=Desk.BUDGET, opinion=Opinion.SUPPORT, text="", by=people.desks[Desk.SECURITY]
        )


def test_review_handed_to_a_colleague_counts_as_the_desks(people: People) -> None:
    row = at_desks(people)
    colleague = make_person("3671015705930002", "Staf", kind="staf", agency="bssn")
    stranger = make_person("3671015705930003", "Orang", kind="staf", agency=CITY)
    by = people.desks[Desk.SECURITY]
    assert colleague.person_id and stranger.person_id

    with pytest.raises(NotAllowed):
        review_delegate(row.id, desk=Desk.SECURITY, to=stranger.person_id, by=by)
    review_delegate(row.id, desk=Desk.SECURITY, to=colleague.person_id, by=by)
    review = review_give(
        row.id, desk=Desk.SECURITY, opinion=Opinion.CONDITIONS, text="", conditions=REASON, by=colleague
    )

    assert review.given_by == colleague.person_id


def test_missed_review_does_not_hold_and_may_come_late_until_the_decision(people: People) -> None:
    row = at_desks(people)

    with later(days=8):
        work()
        assert fresh(row).state == "decision"
        review = review_give(
            row.id, desk=Desk.BUDGET, opinion=Opinion.OBJECT, text=REASON, by=people.desks[Desk.BUDGET]
        )
        assert review.is_late
        decided(people, DecisionKind.REFUSE, row=fresh(row))
        with pytest.raises(StepRefused):
            review_give(
                row.id, desk=Desk.SECURITY, opinion=Opinion.SUPPORT, text="", by=people.desks[Desk.SECURITY]
            )


def test_late_decision_is_told_and_decides_nothing(people: People) -> None:
    row = at_decision(people)

    with later(days=14):
        work()

        row = fresh(row)
        assert (row.state, row.is_late) == ("decision", True)
        assert sum(NEW.title in subject for subject in subjects(people.decider)) == 2


def test_reuse_names_the_application_and_is_told_with_a_signed_letter(people: People) -> None:
    existing = make_application()

    row = decided(people, DecisionKind.REUSE, target=existing.code)
    work()

    decision = row.decisions.get()
    assert row.state == "refused"
    assert decision.letter is not None
    letter = document_get(decision.letter)
    assert letter.number == f"{row.number}/K"
    assert letter.signer_title == "pemutus_izin"
    assert f"Sudah diputuskan: {NEW.title}" in subjects(people.proposer)


def test_new_without_answering_the_strong_candidate_is_refused(people: People) -> None:
    make_application(NEW.title, function=NEW.function)
    row = at_decision(people, values=replace(NEW, why_not_existing=REASON))
    values = DecisionValues(kind=DecisionKind.NEW, reason=REASON, expires_on=date(2027, 6, 1))

    with pytest.raises(DecisionRefused):
        decision_take(row.id, values=values, version=row.version, by=people.decider)

    assert not row.decisions.exists()


def test_two_deciders_at_once_the_second_is_refused(people: People) -> None:
    other = make_person("3671015705930004", "Pemutus Dua", kind="pemutus_izin", agency="panrb")
    row = at_decision(people)
    decided(people, DecisionKind.REFUSE, row=row)
    values = DecisionValues(kind=DecisionKind.NEW, reason=REASON, expires_on=date(2027, 6, 1))

    with pytest.raises(StepRefused):
        decision_take(row.id, values=values, version=row.version, by=other)


def test_who_proposed_decides_nothing(people: People) -> None:
    give_position(people.proposer, kind="pemutus_izin", agency="panrb")
    row = at_decision(people)
    values = DecisionValues(kind=DecisionKind.REFUSE, reason=REASON)

    with pytest.raises(NotAllowed):
        decision_take(row.id, values=values, version=row.version, by=people.proposer)


def test_new_by_exception_makes_the_inventory_record(people: People) -> None:
    row = decided(people, DecisionKind.NEW)

    assert row.record is not None
    assert (row.record.name, row.record.state, row.record.agency.code) == (NEW.title, "planned", MINISTRY)
    assert Change.objects.filter(application=row.record, source="clearance", origin=row.number).exists()
    assert delivery_check(row.id, by=people.proposer) == ["interface"]


def test_extension_enriches_the_named_record(people: People) -> None:
    existing = make_application()

    decided(people, DecisionKind.EXTEND, target=existing.code)

    assert NEW.title in Application.objects.get(pk=existing.pk).services


def test_approval_lapses_after_its_last_day(people: People) -> None:
    row = decided(people, DecisionKind.NEW)
    work()

    with later(days=500):
        work()

        assert fresh(row).state == "lapsed"


def test_appeal_dismissed_by_another_person_leaves_the_refusal(people: People) -> None:
    existing = make_application(NEW.title, function=NEW.function)
    row = at_decision(people, values=replace(NEW, why_not_existing=REASON))
    row = decided(people, DecisionKind.REUSE, target=existing.code, row=row)
    give_position(people.decider, kind="pemutus_banding_izin", agency="panrb")

    appeal = appeal_file(row.id, grounds=REASON, contested=(existing.code,), by=people.proposer)
    with pytest.raises(SamePerson):
        appeal_dismiss(row.id, reason=REASON, by=people.decider)
    appeal_dismiss(row.id, reason=REASON, by=people.appeal)

    assert appeal.contested == [existing.code]
    assert fresh(row).state == "refused"
    with pytest.raises(AppealTooLate):
        appeal_file(row.id, grounds=REASON, by=people.proposer)


def test_appeal_upheld_is_a_new_decision_with_its_own_letter(people: People) -> None:
    existing = make_application()
    row = decided(people, DecisionKind.REFUSE)
    appeal_file(row.id, grounds=REASON, by=people.proposer)
    values = DecisionValues(
        kind=DecisionKind.INTEGRATE, reason=REASON, target=existing.code, expires_on=date(2027, 6, 1)
    )

    appeal_uphold(row.id, values=values, by=people.appeal)
    work()

    row = fresh(row)
    assert (row.state, row.record) == ("approved", existing)
    assert row.decisions.get(instance="appeal").letter is not None
    assert delivery_check(row.id, by=people.proposer) == ["interface", "contract"]


def test_appeal_after_the_limit_is_refused(people: People) -> None:
    row = decided(people, DecisionKind.REFUSE)

    with later(days=60), pytest.raises(AppealTooLate):
        appeal_file(row.id, grounds=REASON, by=people.proposer)


def test_appeal_taken_back_leaves_the_decision(people: People) -> None:
    row = decided(people, DecisionKind.REFUSE)
    appeal_file(row.id, grounds=REASON, by=people.proposer)

    assert appeal_retract(row.id, by=people.proposer).state == "refused"


def test_withdrawn_request_stops_the_desks(people: People) -> None:
    row = at_desks(people)

    request_withdraw(row.id, reason="Anggaran dialihkan.", by=people.proposer)

    with pytest.raises(StepRefused):
        review_give(row.id, desk=Desk.BUDGET, opinion=Opinion.SUPPORT, text="", by=people.desks[Desk.BUDGET])
    with later(days=30):
        work()
        assert fresh(row).state == "withdrawn"


def test_end_with_dependents_takes_the_full_path_and_waits_for_them(people: People) -> None:
    subject = make_application(agency=MINISTRY, dependents=("Layanan Cuti",))
    values = replace(NEW, kind=RequestKind.END, subject=subject.code, rupiah=None, ends_on=date(2026, 12, 1))
    row = at_desks(people, values=values)
    assert (row.path, row.reviews.count()) == ("full", 2)
    for desk in (Desk.ARCHITECTURE, Desk.TECHNICAL):
        review_give(row.id, desk=desk, opinion=Opinion.SUPPORT, text="", by=people.desks[desk])
    row = decided(people, DecisionKind.AGREE, row=fresh(row))
    assert row.record is not None and row.record.state == "retiring"

    with later(days=40):
        assert delivery_check(row.id, by=people.proposer) == ["dependents"]
        Application.objects.filter(pk=subject.pk).update(dependents=[])
        assert delivery_check(row.id, by=people.proposer) == []

        assert fresh(row).state == "delivered"
        assert Application.objects.get(pk=subject.pk).state == "ended"


def test_take_into_use_is_delivered_when_the_record_says_so(people: People) -> None:
    subject = make_application(agency=MINISTRY, state="building")
    values = replace(small(), kind=RequestKind.TAKE_INTO_USE, subject=subject.code)
    row = decided(people, DecisionKind.AGREE, row=at_decision(people, values=values))

    assert delivery_check(row.id, by=people.proposer) == ["live"]


def test_comment_for_desks_only_is_not_the_proposers(people: People) -> None:
    row = at_desks(people)

    internal = comment_add(
        row.id, text="Lihat juga SIMCUTI.", is_internal=True, by=people.desks[Desk.TECHNICAL]
    )
    own = comment_add(row.id, text="Terima kasih.", is_internal=True, by=people.proposer)

    assert (internal.is_internal, own.is_internal) == (True, False)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("kak.pdf", b"", "file_empty"),
        ("kak.pdf", b"MZ not a pdf", "file_kind"),
        ("kak.exe", PDF, "file_ending"),
        ("kak.pdf", PDF + b"0" * (5 * 1024 * 1024), "file_large"),
    ],
)
def test_document_that_cannot_be_taken_names_why(
    people: People, name: str, content: bytes, fault: str
) -> None:
    row = draft_start(agency_code=MINISTRY, values=NEW, by=people.proposer)

    with pytest.raises(DocumentRefused) as caught:
        document_add(row.id, kind="terms", name=name, content=io.BytesIO(content), by=people.proposer)

    assert caught.value.facts["fault"] == fault


def test_regional_request_is_judged_in_its_own_region(people: People) -> None:
    reviewer = make_person("3671015705930005", "Kominfo", kind="penelaah_arsitektur_daerah", agency=CITY)
    decider = make_person("3671015705930006", "Sekda", kind="pemutus_izin_daerah", agency=CITY)
    row = draft(people.city, values=small(), agency=CITY)
    row = request_submit(row.id, by=people.city)
    work()

    with pytest.raises(NotAllowed):
        review_give(
            row.id,
            desk=Desk.ARCHITECTURE,
            opinion=Opinion.SUPPORT,
            text="",
            by=people.desks[Desk.ARCHITECTURE],
        )
    review_give(row.id, desk=Desk.ARCHITECTURE, opinion=Opinion.SUPPORT, text="", by=reviewer)
    values = DecisionValues(kind=DecisionKind.REFUSE, reason=REASON)
    decision_take(row.id, values=values, version=fresh(row).version, by=decider)

    assert (fresh(row).procedure, fresh(row).state) == ("regional", "refused")


def test_accept_by_the_system_alone_is_for_system(people: People) -> None:
    row = draft(people.proposer)
    request_submit(row.id, by=people.proposer)

    with pytest.raises(NotAllowed):
        request_accept(row.id, by=SYSTEM)
