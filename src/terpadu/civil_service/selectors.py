"""Reads of the civil service, as frozen views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from terpadu.civil_service.enums import CreditState, EmploymentKind
from terpadu.civil_service.errors import EmployeeUnknown
from terpadu.civil_service.models import Credit, Employee
from terpadu.civil_service.rules import Month, Tally, state_of, tally
from terpadu.kernel.clock import JAKARTA, now


@dataclass(frozen=True)
class EmployeeView:
    """A civil servant. title: of the position, as on letters. nip: 18 digits."""

    person_id: UUID
    nip: str
    kind: EmploymentKind
    agency_code: str
    title: str


@dataclass(frozen=True)
class CreditView:
    """One handled step. service_name, step_name: by language. state: whether it can still be questioned."""

    id: UUID
    case_id: UUID
    case_number: str
    service_id: str
    service_name: Mapping[str, str]
    step_name: Mapping[str, str]
    action: str
    effort_minutes: int
    started_at: datetime
    finished_at: datetime
    on_time: bool
    held_until: datetime
    state: CreditState

    @property
    def held_until_on(self) -> date:
        """The day in Asia/Jakarta on which the hold ends."""
        return self.held_until.astimezone(JAKARTA).date()


def employee_get(person_id: UUID) -> EmployeeView:
    """Return the employee a person is. Raises EmployeeUnknown. One query."""
    row = Employee.objects.filter(person_id=person_id).first()
    if row is None:
        raise EmployeeUnknown
    return employee_view(row)


def employee_find(person_id: UUID) -> EmployeeView | None:
    """Return the employee a person is, None when not registered. One query."""
    row = Employee.objects.filter(person_id=person_id).first()
    return employee_view(row) if row else None


def employee_view(row: Employee) -> EmployeeView:
    """Make the view of a row."""
    return EmployeeView(
        person_id=row.person_id,
        nip=row.nip,
        kind=EmploymentKind(row.kind),
        agency_code=row.agency_code,
        title=row.title,
    )


def credit_list_for(person_id: UUID, month: Month) -> list[CreditView]:
    """Return a person's credits of a month (Asia/Jakarta), newest first. One query."""
    begin, end = (datetime.combine(day, time(), JAKARTA) for day in (month.first, month.after))
    rows = Credit.objects.filter(person_id=person_id, finished_at__gte=begin, finished_at__lt=end)
    return [_credit_view(row) for row in rows.order_by("-finished_at", "-id")]


def tally_of(handled: list[CreditView], *, month: Month) -> Tally:
    """Add up credits of a month. No query."""
    rows = [(c.finished_at.astimezone(JAKARTA).date(), c.on_time, c.effort_minutes) for c in handled]
    return tally(rows, month=month)


def _credit_view(row: Credit) -> CreditView:
    return CreditView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case_number,
        service_id=row.service_id,
        service_name=row.service_name,
        step_name=row.step_name,
        action=row.action,
        effort_minutes=row.effort_minutes,
        started_at=row.started_at,
        finished_at=row.finished_at,
        on_time=row.on_time,
        held_until=row.held_until,
        state=state_of(row.held_until, at=now()),
    )
