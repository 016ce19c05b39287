"""Officers: who may, who is first, what is told, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.datastructures import MultiValueDict

from terpadu.casework import public as casework
from terpadu.casework.enums import PublicState
from terpadu.casework.errors import (
    ActionNotPossible,
    CaseMoved,
    CaseTaken,
    FourEyes,
    NothingMarked,
    OwnCase,
    ReasonMissing,
)
from terpadu.casework.models import Case, CaseAnswers, CaseEvent, Task
from terpadu.casework.services import acting
from terpadu.casework.services.history import first_broken
from terpadu.directory import public as directory
from terpadu.documents import public as documents
from terpadu.exchange.errors import ExchangeUnavailable
from terpadu.identity import public as identity
from terpadu.kernel import clock, outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.models import Delivery
from terpadu.messaging.public import inbox_for
from tests.casework.conftest import BY, MONDAY, Draft, FakeExchange, World, officer, person_of

pytestmark = pytest.mark.django_db

WORDS = "Foto akta tidak terbaca. Unggah lagi."


def deliver_all() -> None:
    while outbox.deliver_due():
        pass


def test_case_take_second_officer_sees_who_and_since_when(world: World, sent_case: UUID) -> None:
    casework.case_take(sent_case, by=world.budi)

    with pytest.raises(CaseTaken) as caught:
        casework.case_take(sent_case, by=world.rina)

    assert caught.value.holder == "Budi Santoso"
    assert caught.value.since == MONDAY
    assert "Budi Santoso" in str(caught.value.next_step)
    assert "23 November 2026" in str(caught.value.next_step)


def test_case_release_lets_the_next_one_take_it(world: World, sent_case: UUID) -> None:
    casework.case_take(sent_case, by=world.budi)
    casework.case_release(sent_case, by=world.budi)

    casework.case_take(sent_case, by=world.rina)

    assert Task.objects.get().taken_by == world.rina.person_id


def test_case_hand_over_only_to_a_colleague_with_the_role(world: World, sent_case: UUID) -> None:
    with pytest.raises(NotAllowed):
        casework.case_hand_over(sent_case, to=person_of(world.hendra), by=world.budi)

    casework.case_hand_over(sent_case, to=person_of(world.rina), by=world.budi)

    with pytest.raises(CaseTaken):
        casework.case_act(sent_case, "approve", by=world.budi)


def test_officer_of_another_agency_cannot_know_of_a_case(world: World, sent_case: UUID) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: casework.case_get(sent_case, by=world.agus),
        lambda: casework.case_take(sent_case, by=world.agus),
        lambda: casework.case_act(sent_case, "approve", by=world.agus),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed) as caught:
            attempt()
        assert caught.value.http_status == 404


def test_officer_claiming_another_agencys_position_is_refused(world: World, sent_case: UUID) -> None:
    forged = Actor.officer(person_of(world.agus), agency="disdukcapil.36.71", position=world.agus.position)

    with pytest.raises(NotAllowed):
        casework.case_act(sent_case, "approve", by=forged)


def test_verifier_cannot_sign_and_head_cannot_verify(world: World, sent_case: UUID) -> None:
    with pytest.raises(NotAllowed):
        casework.case_act(sent_case, "approve", by=world.hendra)
    casework.case_act(sent_case, "approve", by=world.budi)
    with pytest.raises(NotAllowed):
        casework.case_act(sent_case, "sign", by=world.budi)


def made_head_too(checker: Actor) -> Actor:
    """Give a checking officer the head's position as well; return them in that one."""
    position = directory.position_list("disdukcapil.36.71", kind="kepala_dinas")[0]
    identity.assignment_create(
        person_id=person_of(checker), position_id=position.id, valid_from=date(2026, 1, 1), by=BY
    )
    return Actor.officer(person_of(checker), agency="disdukcapil.36.71", position=str(position.id))


def test_same_officer_in_both_positions_meets_four_eyes(world: World, sent_case: UUID) -> None:
    both = made_head_too(world.budi)
    casework.case_act(sent_case, "approve", by=world.budi)

    with pytest.raises(FourEyes):
        casework.case_take(sent_case, by=both)
    with pytest.raises(FourEyes):
        casework.case_act(sent_case, "sign", by=both)
    with pytest.raises(NotAllowed):
        casework.case_hand_over(sent_case, to=person_of(world.budi), by=world.hendra)

    assert Task.objects.open().get().taken_by is None


def test_officer_who_holds_what_another_must_do_can_give_it_back(world: World, sent_case: UUID) -> None:
    both = made_head_too(world.budi)
    casework.case_act(sent_case, "approve", by=world.budi)
    Task.objects.open().update(taken_by=both.person_id, taken_at=clock.now())

    with pytest.raises(FourEyes):
        casework.case_take(sent_case, by=both)
    casework.case_release(sent_case, by=both)

    assert Task.objects.open().get().taken_by is None


def test_officer_cannot_handle_their_own_case(world: World, sent_case: UUID) -> None:
    position = directory.position_list("disdukcapil.36.71", kind="operator_siak")[0]
    siti = Actor.officer(person_of(world.siti), agency="disdukcapil.36.71", position=str(position.id))

    with pytest.raises(OwnCase):
        casework.case_act(sent_case, "approve", by=siti)


def test_action_of_another_step_is_refused(world: World, sent_case: UUID) -> None:
    for action in ("sign", "send", "ok", "delete"):
        with pytest.raises(ActionNotPossible):
            casework.case_act(sent_case, action, by=world.budi)


def test_action_on_an_outdated_page_is_refused(world: World, sent_case: UUID) -> None:
    seen = Case.objects.get().data_version
    casework.case_act(sent_case, "send_back", message=WORDS, marked={"cara": "?"}, by=world.budi)
    casework.page_save(sent_case, "penerimaan", {"cara": "keliling"}, by=world.siti)
    casework.case_submit(sent_case, by=world.siti, submit_key="k2")

    with pytest.raises(CaseMoved):
        casework.case_act(sent_case, "approve", by=world.budi, version=seen)


def test_decision_twice_counts_once(world: World, sent_case: UUID) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)

    with pytest.raises(NotAllowed):
        casework.case_act(sent_case, "approve", by=world.budi)

    assert CaseEvent.objects.filter(kind="approve").count() == 1


def test_reject_needs_a_reason_and_tells_how_to_object(world: World, sent_case: UUID) -> None:
    with pytest.raises(ReasonMissing):
        casework.case_act(sent_case, "reject", message="tidak", by=world.budi)

    casework.case_act(sent_case, "reject", message="Anak bukan penduduk Kota Tangerang.", by=world.budi)
    deliver_all()

    view = casework.case_get(sent_case, by=world.siti)
    assert view.state is PublicState.REJECTED
    assert view.reason == "Anak bukan penduduk Kota Tangerang."
    assert view.objection is not None
    assert "keberatan" in view.objection["id"]
    assert "case_rejected" in {message.template for message in inbox_for(person_of(world.siti))}


def test_send_back_asks_only_what_is_marked_and_comes_back(world: World, sent_case: UUID) -> None:
    with pytest.raises(NothingMarked):
        casework.case_act(sent_case, "send_back", message=WORDS, marked={"bukan_kolom": "?"}, by=world.budi)
    casework.case_act(sent_case, "send_back", message=WORDS, marked={"cara": "Pilih lagi."}, by=world.budi)
    deliver_all()

    view = casework.case_get(sent_case, by=world.siti)
    page = casework.page_get(sent_case, by=world.siti)
    assert view.state is PublicState.NEEDS_CHANGES
    assert (view.open_page, view.message, view.marked) == ("penerimaan", WORDS, {"cara": "Pilih lagi."})
    assert view.due_on is None
    assert (page.page_id, page.step, page.steps, page.marked) == ("penerimaan", 1, 2, {"cara": "Pilih lagi."})
    outcome = casework.page_save(
        sent_case, "penerimaan", {"cara": "keliling"}, MultiValueDict(), by=world.siti
    )
    assert outcome.kind == "check"
    view = casework.case_submit(sent_case, by=world.siti, submit_key="k2")

    assert view.state is PublicState.WAITING
    assert Task.objects.open().get().is_returned
    assert CaseAnswers.objects.get().answers["cara"]["value"] == "keliling"
    assert "case_returned" in {message.template for message in inbox_for(person_of(world.siti))}


def test_return_by_the_signer_goes_to_the_verifier_and_not_to_the_applicant(
    world: World, sent_case: UUID
) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)

    casework.case_act(sent_case, "return", message="Periksa lagi nama ayah.", by=world.hendra)

    view = casework.case_get(sent_case, by=world.siti)
    assert view.state is PublicState.WAITING
    assert "Periksa lagi" not in str(view)


def test_sign_batch_one_that_cannot_be_signed_does_not_hold_up_the_others(
    world: World, ready_draft: Draft
) -> None:
    ids = [ready_draft() for _ in range(3)]
    for number, case_id in enumerate(ids):
        casework.case_submit(case_id, by=world.siti, submit_key=f"k{number}")
    for case_id in ids[:2]:
        casework.case_act(case_id, "approve", by=world.budi)

    outcomes = casework.sign_batch(ids, by=world.hendra)

    assert [bool(outcome.error) for outcome in outcomes] == [False, False, True]
    assert Case.objects.filter(state=PublicState.PROCESSING).count() == 2


def test_numbers_are_unique_and_rise_in_an_agency(world: World, ready_draft: Draft) -> None:
    numbers = [casework.case_get(ready_draft(), by=world.siti).number for _ in range(3)]

    assert numbers == [f"KIA-3671-2026-00000{n}" for n in (1, 2, 3)]


def test_process_killed_between_sending_and_notice_delivers_later(world: World, sent_case: UUID) -> None:
    assert inbox_for(person_of(world.siti)) == []
    assert Delivery.objects.filter(subscriber="casework.notice_received", done_at__isnull=True).count() == 1

    deliver_all()
    deliver_all()

    assert [message.template for message in inbox_for(person_of(world.siti))] == ["case_received"]


def test_document_that_cannot_be_made_is_tried_again_and_the_case_waits(
    world: World, sent_case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)
    casework.case_act(sent_case, "sign", by=world.hendra)
    with monkeypatch.context() as broken:
        broken.setattr("terpadu.documents.public.document_issue", _fail)
        deliver_all()
    assert casework.case_get(sent_case, by=world.siti).state is PublicState.PROCESSING

    with clock.freeze(MONDAY + timedelta(minutes=5)):
        deliver_all()

    assert casework.case_get(sent_case, by=world.siti).state is PublicState.DONE


def _fail(**asked: object) -> None:
    raise OSError("no space left")


def test_register_out_does_not_lose_the_document_and_is_told_later(
    world: World, sent_case: UUID, toll_road: FakeExchange
) -> None:
    toll_road.faults["catatKia"] = ExchangeUnavailable(reason="outway.slow")
    casework.case_act(sent_case, "approve", by=world.budi)
    casework.case_act(sent_case, "sign", by=world.hendra)
    deliver_all()
    assert casework.case_get(sent_case, by=world.siti).state is PublicState.DONE
    assert len(documents.document_list_for(person_of(world.siti))) == 1
    del toll_road.faults["catatKia"]

    with clock.freeze(MONDAY + timedelta(minutes=5)):
        deliver_all()

    assert CaseEvent.objects.filter(kind="register_told").count() == 1


def test_events_cannot_be_changed_and_their_chain_tells_if_they_were(world: World, sent_case: UUID) -> None:
    case = Case.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseEvent.objects.filter(case=case, seq=1).update(kind="other")
    assert first_broken(case) is None

    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table casework_caseevent disable trigger casework_event_final")
        cursor.execute("update casework_caseevent set kind = 'other' where seq = 1")
        cursor.execute("alter table casework_caseevent enable trigger casework_event_final")

    assert first_broken(case) == 1


def test_applicant_who_is_colleague_is_not_offered_the_case(world: World, sent_case: UUID) -> None:
    second = officer("3671044104900002", "Dina Lestari", "verifikator")

    assert person_of(second) in acting.colleagues_for(Task.objects.get())
