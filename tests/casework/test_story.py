"""The whole way of a child identity card: two questions, one declaration, two officers, one document."""

from __future__ import annotations

import inspect
from uuid import UUID

import pytest

from terpadu.casework import public as casework
from terpadu.casework.enums import AnswerStatus, PublicState
from terpadu.casework.events import StepHandled
from terpadu.casework.models import Case
from terpadu.casework.services.history import first_broken
from terpadu.documents.public import document_list_for
from terpadu.exchange.services.calls import exchange_call
from terpadu.kernel import outbox
from terpadu.kernel.models import OutboxEvent
from terpadu.messaging.public import inbox_for
from tests.casework.conftest import RAKA, Draft, FakeExchange, World, choice_of, person_of, save

pytestmark = pytest.mark.django_db


def test_kia_prefilled_asks_at_most_three_questions_and_no_upload(world: World) -> None:
    case = casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.siti)
    asked: list[str] = []
    page = casework.page_get(case.case_id, by=world.siti)
    asked += page.form.fields
    answer = choice_of(page, "RAKA PRATAMA")
    save(case.case_id, page.page_id, {"anak": answer}, by=world.siti)
    page = casework.page_get(case.case_id, by=world.siti)
    asked += page.form.fields

    outcome = save(case.case_id, page.page_id, {"cara": "digital"}, by=world.siti)

    check = casework.check_get(case.case_id, by=world.siti)
    asked += [name for name, field in check.form.fields.items() if not field.widget.is_hidden]
    assert outcome.kind == "check"
    assert asked == ["anak", "cara", "declaration"]
    assert check.steps == 3
    assert not any(field.widget.needs_multipart_form for field in page.form.fields.values())


def test_page_prefilled_facts_carry_register_and_transaction(world: World, toll_road: FakeExchange) -> None:
    case = casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.siti)
    page = casework.page_get(case.case_id, by=world.siti)
    save(case.case_id, "anak", {"anak": choice_of(page, "RAKA PRATAMA")}, by=world.siti)

    page = casework.page_get(case.case_id, by=world.siti)

    facts = {fact.field_id: fact for fact in page.facts}
    assert facts["nama"].value == "Raka Pratama"
    assert facts["tgl_lahir"].value == "4 Maret 2022"
    assert facts["nama"].status is AnswerStatus.REGISTRY
    assert facts["nama"].source is not None
    assert facts["nama"].source.name["id"] == "Register Akta Kelahiran"
    assert facts["nama"].source.transaction_id
    assert {(call.operation, call.purpose, call.evidence) for call in toll_road.calls} == {
        ("cariKeluarga", "kia.verifikasi", case.number),
        ("aktaKelahiran", "kia.verifikasi", case.number),
    }
    assert toll_road.calls[1].body == {"nik_anak": RAKA}


def test_story_from_draft_to_document(world: World, ready_draft: Draft, toll_road: FakeExchange) -> None:
    case_id = ready_draft()
    view = casework.case_submit(case_id, by=world.siti, submit_key="k1")
    assert view.state is PublicState.WAITING
    assert view.number == "KIA-3671-2026-000001"
    assert str(view.due_on) == "2026-11-26"

    casework.case_act(case_id, "approve", by=world.budi)
    assert casework.case_get(case_id, by=world.siti).state is PublicState.APPROVED
    casework.case_act(case_id, "sign", by=world.hendra)
    assert casework.case_get(case_id, by=world.siti).state is PublicState.PROCESSING
    while outbox.deliver_due():
        pass

    view = casework.case_get(case_id, by=world.siti)
    documents = document_list_for(person_of(world.siti))
    assert view.state is PublicState.DONE
    assert [document.id for document in documents] == list(view.document_ids)
    assert documents[0].signer_name == "Hendra Gunawan"
    assert documents[0].about_id == Case.objects.get(pk=case_id).subject_person_id
    assert str(documents[0].valid_until) == "2027-03-04"
    told = toll_road.calls[-1]
    assert (told.operation, told.body["berlaku_hingga"]) == ("catatKia", "04-03-2027")
    assert {message.template for message in inbox_for(person_of(world.siti))} >= {
        "case_received",
        "document_issued",
    }
    assert first_broken(Case.objects.get(pk=case_id)) is None


def test_story_each_officer_step_is_evidence_for_its_officer(world: World, sent_case: UUID) -> None:
    casework.case_act(sent_case, "approve", by=world.budi)
    casework.case_act(sent_case, "sign", by=world.hendra)

    rows = OutboxEvent.objects.filter(name=StepHandled.name).order_by("id").values_list("payload", flat=True)

    handled = [
        (row["step_id"], row["actor_person_id"], row["effort_minutes"], row["on_time"]) for row in rows
    ]
    assert handled == [
        ("verifikasi", str(world.budi.person_id), 6, True),
        ("ttd", str(world.hendra.person_id), 1, True),
    ]


def test_fake_exchange_is_called_like_the_real_one() -> None:
    real, fake = inspect.signature(exchange_call), inspect.signature(FakeExchange())

    assert real.parameters == fake.parameters
    assert real.return_annotation == fake.return_annotation
