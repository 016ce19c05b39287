"""Applications for somebody else: only under a mandate, only for its services, and both names on every step."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from terpadu.casework import public as casework
from terpadu.casework.errors import OwnCase
from terpadu.identity.enums import MandateKind
from terpadu.identity.models import Mandate, MandateUse
from terpadu.kernel import clock, outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.models import AuditEvent
from terpadu.messaging.public import inbox_for
from tests.casework.conftest import Draft, FakeExchange, World, choice_of, person_of, save
from tests.casework.test_acting import deliver_all

pytestmark = pytest.mark.django_db

KIA = "dukcapil.kia.baru"


def acting(actor: Actor, subject: Actor, *services: str) -> Actor:
    """Return somebody as the one who acts for another under a mandate for some services."""
    row = Mandate.objects.create(
        kind=MandateKind.GIVEN,
        subject_id=subject.person_id,
        actor_id=actor.person_id,
        services=list(services),
        started_at=clock.now(),
        valid_until=clock.now() + timedelta(days=30),
    )
    return actor.acting_for(person_of(subject), mandate_id=row.id, services=services)


def send(by: Actor, subject: Actor) -> UUID:
    """Fill in and send an application for Raka's card as somebody."""
    case = casework.case_start(KIA, applicant=person_of(subject), by=by)
    page = casework.page_get(case.case_id, by=by)
    save(case.case_id, "anak", {"anak": choice_of(page, "RAKA PRATAMA")}, by=by)
    casework.page_get(case.case_id, by=by)
    save(case.case_id, "penerimaan", {"cara": "digital"}, by=by)
    casework.case_submit(case.case_id, by=by, submit_key="k1")
    return case.case_id


def test_representative_sends_a_case_that_belongs_to_the_represented(
    world: World, toll_road: FakeExchange
) -> None:
    wulan = acting(world.wulan, world.siti, KIA)

    case_id = send(wulan, world.siti)

    case = casework.case_get(case_id, by=world.siti)
    assert case.person_id == person_of(world.siti)
    assert [entry.who for entry in case.timeline if entry.at] == ["Wulan Sari", "Wulan Sari"]
    assert [use.action for use in MandateUse.objects.order_by("at")] == ["case_started", "case_submitted"]
    audited = AuditEvent.objects.get(event="casework.case_submitted")
    assert (audited.actor_person_id, audited.represented_person_id) == (
        person_of(world.wulan),
        person_of(world.siti),
    )
    assert {call.on_behalf_of for call in toll_road.calls} == {"person:representative"}
    while outbox.deliver_due():
        pass
    told = [message.template for message in inbox_for(person_of(world.siti))]
    assert sorted(told) == ["acted_for_you", "acted_for_you", "case_received"]


def test_mandate_covers_its_services_only(world: World) -> None:
    other = acting(world.wulan, world.siti, "kecamatan.domisili")

    with pytest.raises(NotAllowed):
        casework.case_start(KIA, applicant=person_of(world.siti), by=other)


def test_representative_neither_starts_nor_reads_their_own_cases_meanwhile(
    world: World, ready_draft: Draft
) -> None:
    siti_for_wulan = acting(world.siti, world.wulan, "*")
    own = ready_draft()

    with pytest.raises(NotAllowed):
        casework.case_get(own, by=siti_for_wulan)
    with pytest.raises(NotAllowed):
        casework.case_start(KIA, applicant=person_of(world.siti), by=siti_for_wulan)


def test_others_cases_stay_closed_without_a_mandate(world: World, sent_case: UUID) -> None:
    with pytest.raises(NotAllowed):
        casework.case_get(sent_case, by=world.wulan)
    assert casework.case_get(sent_case, by=acting(world.wulan, world.siti, KIA)).case_id == sent_case


def test_officer_who_helped_to_apply_does_not_decide(world: World) -> None:
    helper = Actor.person(person_of(world.budi))
    case_id = send(acting(helper, world.siti, KIA), world.siti)

    with pytest.raises(OwnCase):
        casework.case_act(case_id, "approve", by=world.budi)
    casework.case_act(case_id, "approve", by=world.rina)
    deliver_all()


def test_definition_without_assurance_asks_for_none_and_with_it_says_so(world: World) -> None:
    assert casework.service_get(KIA).authentication == "loa1"
    assert casework.service_get(KIA).proofing == "declared"
