"""A handled step becomes one credit of the officer who acted, and of nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from terpadu.civil_service.enums import CreditState
from terpadu.civil_service.errors import EmployeeTaken, EmployeeUnknown, NipInvalid
from terpadu.civil_service.models import Credit
from terpadu.civil_service.public import Month, credit_list_for, employee_get, employee_register
from terpadu.civil_service.services import credit_record
from terpadu.kernel import clock, outbox
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent, Delivery
from tests.civil_service.conftest import NIP, SYSTEM, Handle, Officer

pytestmark = pytest.mark.django_db
NOVEMBER = Month(2026, 11)


def test_step_handled_in_the_outbox_becomes_one_credit(officer: Officer, handled: Handle) -> None:
    event = handled()
    with transaction.atomic():
        outbox.emit(event)

    outbox.deliver_due()

    (credit,) = credit_list_for(officer.person_id, NOVEMBER)
    assert (credit.case_number, credit.effort_minutes, credit.on_time) == (event.case_number, 6, True)
    assert credit.held_until == event.finished_at + timedelta(days=14)


def test_step_handled_told_again_is_still_one_credit(officer: Officer, handled: Handle) -> None:
    event = handled()
    with transaction.atomic():
        outbox.emit(event)
    outbox.deliver_due()
    Delivery.objects.update(done_at=None)  # as if the mark had been lost

    outbox.deliver_due()

    assert Credit.objects.count() == 1
    assert credit_record(event) is False


def test_same_step_handled_a_second_time_after_a_return_is_a_second_credit(handled: Handle) -> None:
    case_id = uuid7()

    assert credit_record(handled(case_id=case_id))
    assert credit_record(handled(case_id=case_id, finished_at=datetime(2026, 11, 21, 2, tzinfo=UTC)))


@pytest.mark.parametrize(
    "changes",
    [
        {"position_id": ""},
        {"position_id": "00000000-0000-0000-0000-000000000000"},
        {"actor_person_id": uuid7()},
        {
            "finished_at": datetime(2023, 12, 31, 2, tzinfo=UTC),
            "started_at": datetime(2023, 12, 31, 1, tzinfo=UTC),
        },
        {"started_at": datetime(2026, 11, 21, tzinfo=UTC)},
    ],
    ids=["no position", "another position", "no officer", "before the appointment", "time runs backwards"],
)
def test_credit_record_without_an_officer_in_office_earns_nothing(
    handled: Handle, changes: dict[str, Any]
) -> None:
    assert credit_record(handled(**changes)) is False
    assert not Credit.objects.exists()


@pytest.mark.parametrize(("effort", "kept"), [(-5, 0), (0, 0), (100_000, 480)])
def test_credit_record_keeps_effort_within_a_working_day(handled: Handle, effort: int, kept: int) -> None:
    credit_record(handled(effort_minutes=effort))

    assert Credit.objects.get().effort_minutes == kept


def test_credit_list_for_counts_months_in_jakarta_time(officer: Officer, handled: Handle) -> None:
    late = datetime(2026, 10, 31, 17, 30, tzinfo=UTC)  # 00.30 on 1 November in Jakarta
    credit_record(handled(started_at=late, finished_at=late))

    assert len(credit_list_for(officer.person_id, NOVEMBER)) == 1
    assert credit_list_for(officer.person_id, Month(2026, 10)) == []
    assert credit_list_for(uuid7(), NOVEMBER) == []


def test_credit_list_for_is_newest_first_in_one_query(
    officer: Officer, handled: Handle, django_assert_num_queries: Any
) -> None:
    for day in (3, 20, 12):
        at = datetime(2026, 11, day, 3, tzinfo=UTC)
        credit_record(handled(started_at=at, finished_at=at))

    with django_assert_num_queries(1):
        found = credit_list_for(officer.person_id, NOVEMBER)

    assert [credit.finished_at.day for credit in found] == [20, 12, 3]


def test_credit_is_final_after_its_hold(officer: Officer, handled: Handle) -> None:
    credit_record(handled())

    with clock.freeze(datetime(2026, 12, 4, 2, 5, tzinfo=UTC)):
        assert credit_list_for(officer.person_id, NOVEMBER)[0].state == CreditState.HELD
    with clock.freeze(datetime(2026, 12, 4, 2, 6, tzinfo=UTC)):
        assert credit_list_for(officer.person_id, NOVEMBER)[0].state == CreditState.FINAL


def register(person_id: Any, nip: str = NIP) -> Any:
    return employee_register(
        person_id=person_id, nip=nip, agency_code="disdukcapil.36.71", title="Operator SIAK", by=SYSTEM
    )


def test_employee_register_is_found_and_audited_without_the_number(officer: Officer) -> None:
    made = register(officer.person_id, "19900617 201505 2 001")

    assert employee_get(officer.person_id) == made
    assert made.nip == NIP
    entry = AuditEvent.objects.get(event="civil_service.employee_registered")
    assert entry.facts == {"agency": "disdukcapil.36.71", "differs": ""}


def test_employee_register_notes_what_differs_from_the_person(officer: Officer) -> None:
    register(officer.person_id, "199006182015051001")

    assert AuditEvent.objects.get(event="civil_service.employee_registered").facts["differs"] == "birth,sex"


def test_employee_register_twice_or_with_a_faulty_number_is_refused(officer: Officer) -> None:
    register(officer.person_id)

    with pytest.raises(EmployeeTaken):
        register(officer.person_id)
    with pytest.raises(NipInvalid) as refused:
        register(officer.person_id, "123")
    assert refused.value.facts == {"reason": "format"}
    assert date(1990, 6, 17).isoformat() not in str(refused.value.facts)


def test_employee_get_unknown_is_refused() -> None:
    with pytest.raises(EmployeeUnknown):
        employee_get(uuid7())
