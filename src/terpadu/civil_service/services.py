"""Writes of the civil service: register an employee, credit a handled step."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from terpadu.casework.events import StepHandled
from terpadu.civil_service.errors import EmployeeTaken, NipInvalid
from terpadu.civil_service.models import Credit, Employee
from terpadu.civil_service.rules import (
    HOLD,
    HandledStep,
    NipFault,
    credited_effort,
    earns_credit,
    nip_warnings,
    parse_nip,
)
from terpadu.civil_service.selectors import EmployeeView, employee_view
from terpadu.identity.public import assignments_of, person_get
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA

log = structlog.get_logger(__name__)


@transaction.atomic
def employee_register(*, person_id: UUID, nip: str, agency_code: str, title: str, by: Actor) -> EmployeeView:
    """Register a person as a civil servant of an agency.

    nip: 18 digits, spaces allowed. title: of the position, as on letters.
    A birth date or sex that differs from the person's is noted in the audit entry, not refused.
    Raises NipInvalid, EmployeeTaken, and identity's PersonUnknown.
    """
    parsed = parse_nip(nip)
    if isinstance(parsed, NipFault):
        raise NipInvalid(reason=parsed.reason)
    person = person_get(person_id)
    warnings = nip_warnings(parsed, birth_on=person.birth_on, sex=person.sex)
    try:
        with transaction.atomic():
            row = Employee.objects.create(
                person_id=person_id, nip=parsed.number, kind=parsed.kind, agency_code=agency_code, title=title
            )
    except IntegrityError:
        raise EmployeeTaken from None
    facts = {"agency": agency_code, "differs": ",".join(warnings)}
    audit.record(
        "civil_service.employee_registered", by=by, about_kind="employee", about_id=row.id, facts=facts
    )
    return employee_view(row)


def credit_record(event: StepHandled) -> bool:
    """Write down a handled step as a credit of the officer who acted; return whether it is a new one.

    Nothing is written for a step that no officer handled in a position held on that day, and nothing twice.
    """
    step = HandledStep(
        actor_person_id=event.actor_person_id,
        position_id=event.position_id,
        started_at=event.started_at,
        finished_at=event.finished_at,
        effort_minutes=event.effort_minutes,
    )
    day = event.finished_at.astimezone(JAKARTA).date()
    held = [str(view.position.id) for view in assignments_of(event.actor_person_id, on=day)]
    if not earns_credit(step, held_positions=held):
        log.warning("credit_refused", case_id=str(event.case_id), step=event.step_id)
        return False
    return _write(event)


def _write(event: StepHandled) -> bool:
    _credit, is_new = Credit.objects.get_or_create(
        person_id=event.actor_person_id,
        case_id=event.case_id,
        step_id=event.step_id,
        finished_at=event.finished_at,
        defaults={
            "position_id": event.position_id,
            "agency_code": event.agency_code,
            "case_number": event.case_number,
            "service_id": event.service_id,
            "service_name": event.service_name,
            "step_name": event.step_name,
            "action": event.action,
            "effort_minutes": credited_effort(event.effort_minutes),
            "started_at": event.started_at,
            "on_time": event.on_time,
            "held_until": event.finished_at + HOLD,
        },
    )
    return is_new
