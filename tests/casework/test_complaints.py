"""Complaints about a case: who answers, who sees whom, the limits, and what is left of the words."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from demo.population.personas import persona
from terpadu.casework import public as casework
from terpadu.casework import reference
from terpadu.casework.demo_complaints import complaints_seed
from terpadu.casework.errors import (
    ComplaintAboutYou,
    ComplaintClosed,
    ComplaintNotPossible,
    ComplaintOpen,
    ReasonMissing,
)
from terpadu.casework.models import Case, CaseEvent, Complaint
from terpadu.casework.rules.complaints import handlers_of
from terpadu.casework.services.complaint_views import complaint_list, complaint_open
from terpadu.casework.services.complaints import complaint_answer, complaint_take
from terpadu.casework.services.data_copy import SECTION
from terpadu.casework.services.history import first_broken
from terpadu.exchange.errors import ExchangeUnavailable
from terpadu.kernel import clock
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.kernel.outbox import deliver_due
from terpadu.kernel.timers import fire_due
from terpadu.messaging.public import inbox_for
from tests.casework.conftest import MONDAY, Draft, FakeExchange, World, citizen, person_of

WORDS = "Sudah tiga hari tidak ada kabar, petugas tidak menjawab."
ANSWER = "Kami mohon maaf. Berkas Anda selesai diperiksa hari ini."
KINDS = {"hendra": "kepala_dinas", "budi": "operator_siak", "rina": "operator_siak"}


@pytest.fixture
def complaint(sent_case: UUID, world: World) -> UUID:
    """Siti's complaint about her case, which Budi has taken."""
    casework.case_take(sent_case, by=world.budi)
    return casework.complaint_make(sent_case, text=WORDS, by=world.siti)


def titles_of(person: UUID) -> list[str]:
    return [message.subject for message in inbox_for(person)]


def test_handlers_are_heads_then_others_and_never_one_who_took_part_while_anybody_else_is_there() -> None:
    head, one, other = uuid4(), uuid4(), uuid4()

    assert handlers_of(heads={head}, others={one}, involved={one}) == {head}
    assert handlers_of(heads={head}, others={one, other}, involved={head, one}) == {other}
    assert handlers_of(heads={head}, others={one}, involved={head, one}) == {head}
    assert handlers_of(heads=set(), others={one}, involved={one}) == {one}


def test_complaint_goes_to_the_head_and_not_to_the_officer_of_the_case(complaint: UUID, world: World) -> None:
    seen = {
        name: complaint_list(by=getattr(world, name), position_kind=kind)[0] for name, kind in KINDS.items()
    }

    assert [len(rows) for rows in seen.values()] == [1, 0, 0]
    with pytest.raises(ComplaintAboutYou):
        complaint_answer(complaint, text=ANSWER, by=world.budi)
    with pytest.raises(NotAllowed):
        complaint_open(complaint, by=world.budi, position_kind="operator_siak")
    with pytest.raises(NotAllowed):
        complaint_answer(complaint, text=ANSWER, by=world.agus)


def test_complaint_about_a_case_that_the_head_signed_goes_to_a_colleague_and_the_head_looks_on(
    sent_case: UUID, world: World
) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)
    casework.case_act(sent_case, "sign", by=world.hendra)

    found = casework.complaint_make(sent_case, text=WORDS, by=world.siti)

    desk = complaint_open(found, by=world.hendra, position_kind="kepala_dinas")
    assert desk.blocked.startswith("Pengaduan ini tentang permohonan yang ikut Anda tangani.")
    complaint_answer(found, text=ANSWER, by=world.rina)


def test_complaint_hides_the_person_and_the_number_until_it_is_answered(
    complaint: UUID, world: World
) -> None:
    number = Case.objects.get().number
    before = complaint_open(complaint, by=world.hendra, position_kind="kepala_dinas")

    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    after = complaint_open(complaint, by=world.hendra, position_kind="kepala_dinas")
    assert (before.number, before.applicant_name, before.text) == ("", "", WORDS)
    assert [step.title["en"] for step in before.steps] == ["Draft started", "Sent"]
    assert {step.who + step.note for step in before.steps} == {""}
    assert (after.number, after.applicant_name) == (number, "Siti Rahmawati")


def test_case_says_nothing_of_a_complaint_until_it_is_answered(
    sent_case: UUID, complaint: UUID, world: World
) -> None:
    assert not CaseEvent.objects.filter(kind__contains="complaint").exists()

    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    last = casework.case_get(sent_case, by=world.siti).timeline
    told = [entry for entry in last if entry.title["en"] == "Your complaint was answered"]
    assert [entry.note for entry in told] == [ANSWER]
    assert first_broken(Case.objects.get()) is None


def test_complaint_tells_the_head_at_once_and_the_applicant_the_answer(complaint: UUID, world: World) -> None:
    deliver_due()
    assert titles_of(person_of(world.hendra))[0].startswith("Pengaduan menunggu Anda")
    assert not [title for title in titles_of(person_of(world.budi)) if title.startswith("Pengaduan")]

    complaint_answer(complaint, text=ANSWER, by=world.hendra)
    deliver_due()

    assert titles_of(person_of(world.siti))[0].startswith("Pengaduan Anda dijawab")


def test_complaint_limits_are_working_days_and_overdue_is_told_once(complaint: UUID, world: World) -> None:
    row = Complaint.objects.get()
    assert row.take_by == datetime(2026, 11, 26, 9, 0, tzinfo=clock.JAKARTA)
    assert row.due_at == datetime(2026, 11, 30, 9, 0, tzinfo=clock.JAKARTA)

    with clock.freeze(row.due_at + timedelta(minutes=1)):
        fire_due()
        fire_due()
        deliver_due()
        seen = complaint_list(by=world.hendra, position_kind="kepala_dinas")[0][0]
        told = titles_of(person_of(world.siti))

    assert (seen.urgency, seen.is_untaken_late) == ("late", True)
    assert casework.complaints_of_case(row.case_id, by=world.siti)[0].is_late
    assert sum(title.startswith("Jawaban pengaduan Anda terlambat") for title in told) == 1
    assert any(title.startswith("Pengaduan terlambat") for title in titles_of(person_of(world.hendra)))


def test_complaint_answered_in_time_is_never_overdue(complaint: UUID, world: World) -> None:
    complaint_take(complaint, by=world.hendra)
    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    with clock.freeze(MONDAY + timedelta(days=30)):
        fire_due()

    assert not Complaint.objects.get().is_late


def test_second_answer_to_a_complaint_is_told_that_it_is_closed(complaint: UUID, world: World) -> None:
    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    with pytest.raises(ComplaintClosed):
        complaint_answer(complaint, text="Jawaban lain yang terlambat.", by=world.hendra)

    assert Complaint.objects.get().answer == ANSWER


@pytest.mark.parametrize("text", ["", "   ", "singkat"])
def test_complaint_without_words_is_refused(sent_case: UUID, world: World, text: str) -> None:
    with pytest.raises(ReasonMissing):
        casework.complaint_make(sent_case, text=text, by=world.siti)


def test_complaint_is_made_once_at_a_time_by_the_applicant_about_a_case_that_was_sent(
    ready_draft: Draft, complaint: UUID, sent_case: UUID, world: World
) -> None:
    with pytest.raises(ComplaintOpen):
        casework.complaint_make(sent_case, text=WORDS, by=world.siti)
    with pytest.raises(NotAllowed):
        casework.complaint_make(sent_case, text=WORDS, by=world.wulan)
    with pytest.raises(ComplaintNotPossible):
        casework.complaint_make(ready_draft(), text=WORDS, by=world.siti)
    with pytest.raises(NotFound):
        casework.complaint_make(uuid4(), text=WORDS, by=world.siti)


def test_complaint_that_was_withdrawn_leaves_the_list_and_another_can_be_made(
    complaint: UUID, sent_case: UUID, world: World
) -> None:
    casework.complaint_withdraw(complaint, by=world.siti)

    assert complaint_list(by=world.hendra, position_kind="kepala_dinas") == ([], [])
    with pytest.raises(ComplaintClosed):
        complaint_answer(complaint, text=ANSWER, by=world.hendra)
    assert casework.complaint_make(sent_case, text=WORDS, by=world.siti) != complaint


def test_words_of_a_complaint_are_forgotten_two_years_after_its_end(complaint: UUID, world: World) -> None:
    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    with clock.freeze(MONDAY + timedelta(days=729)):
        fire_due()
        assert Complaint.objects.get().text == WORDS
    with clock.freeze(MONDAY + timedelta(days=731)):
        fire_due()

    row = Complaint.objects.get()
    assert (row.text, row.answer) == ("", ANSWER)
    assert row.forgotten_at is not None


def test_record_counts_complaints_that_were_due_and_of_these_the_answered_in_time(
    complaint: UUID, world: World
) -> None:
    def record() -> casework.ComplaintRecord:
        return casework.complaint_record(
            ["disdukcapil.36.71"], since=MONDAY - timedelta(days=365), until=MONDAY + timedelta(days=30)
        )

    assert record() == casework.ComplaintRecord(due=0, answered=0, on_time=0)
    with clock.freeze(MONDAY + timedelta(days=20)):
        assert record() == casework.ComplaintRecord(due=1, answered=0, on_time=0)

    complaint_answer(complaint, text=ANSWER, by=world.hendra)

    assert record() == casework.ComplaintRecord(due=1, answered=1, on_time=1)


def test_complaint_file_that_takes_longer_than_it_answers_is_refused() -> None:
    content = {
        "legal_basis": "UU 25/2009",
        "valid_from": clock.today(),
        "take": {"working_days": 6, "source": "s"},
        "answer": {"working_days": 5, "source": "s"},
        "heads": {"positions": ["kepala_dinas"], "source": "s"},
        "retain": {"years": 2, "source": "s"},
    }

    with pytest.raises(ValidationError, match="take: is later than answer"):
        reference.complaint_parse(content)


def test_copy_of_a_persons_data_holds_their_complaints_and_that_they_rated(
    complaint: UUID, sent_case: UUID, world: World
) -> None:
    complaint_answer(complaint, text=ANSWER, by=world.hendra)
    casework.case_act(sent_case, "reject", by=world.budi, message="Anak sudah memiliki kartu yang berlaku.")
    casework.survey_answer(sent_case, scores={"u1": 2}, by=world.siti)

    [case] = SECTION.read(person_of(world.siti))

    assert [(one["words"], one["answer"]) for one in case["complaints"]] == [(WORDS, ANSWER)]
    assert case["rated_on"] == "2026-11-23"


def test_demo_complaints_are_made_without_asking_registers_whose_gateways_do_not_run_yet(
    world: World, toll_road: FakeExchange
) -> None:
    mother = persona("lestari")
    citizen(mother.nik, mother.name, mother.birth_on, mother.sex)

    complaints_seed()

    assert toll_road.calls == []
    assert sorted(Complaint.objects.values_list("state", flat=True)) == ["answered", "received"]
    outages = [one.answers.outages for one in Case.objects.select_related("answers")]
    assert [one["keluarga"]["code"] for one in outages] == [ExchangeUnavailable.code] * 2
