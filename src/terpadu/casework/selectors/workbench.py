"""The queue of an officer: what waits, what is due, what is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q

from terpadu.casework.models import Task
from terpadu.casework.models.task import TaskQuerySet
from terpadu.casework.read_models import Texts
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.identity import public as identity
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now

PER_PAGE = 20
Filter = Literal["all", "today", "returned", "mine"]
FILTERS: tuple[Filter, ...] = ("all", "today", "returned", "mine")


@dataclass(frozen=True)
class QueueRow:
    """One case in the queue. urgency: "late", "today" or "later". holder: colleague who has it, "" for nobody."""

    case_id: UUID
    number: str
    service_name: Texts
    step_name: Texts
    subject_name: str
    due_at: datetime
    urgency: Literal["late", "today", "later"]
    is_returned: bool
    is_mine: bool
    holder: str
    uploads: int


@dataclass(frozen=True)
class Queue:
    """A page of the queue with the counts of its filters. services: (id, name) of those with open cases."""

    rows: tuple[QueueRow, ...]
    page: Page[Task]
    counts: dict[str, int]
    late: int
    chosen: Filter
    service_id: str
    services: tuple[tuple[str, Texts], ...]


def tasks_for(*, by: Actor, position_kind: str) -> TaskQuerySet:
    """Return the open tasks an officer may handle, the most urgent first; own cases and four-eyes cases are left out."""
    mine = Task.objects.filter(case=OuterRef("case"), finished_by=by.person_id).exclude(
        step_id=OuterRef("step_id")
    )
    rows = Task.objects.open().for_position(agency_code=by.agency, kind=position_kind)
    own = Q(person_id=by.person_id) | Q(case__subject_person_id=by.person_id)
    return rows.exclude(own).filter(~Exists(mine) | Q(is_four_eyes=False)).order_by("due_at", "id")


def queue_get(*, by: Actor, position_kind: str, chosen: Filter, service_id: str, number: int) -> Queue:
    """Return one page of an officer's queue. Five queries, however long it is."""
    rows = tasks_for(by=by, position_kind=position_kind)
    day_end = _end_of_today()
    counts = rows.aggregate(
        all=Count("pk"),
        today=Count("pk", filter=Q(due_at__lt=day_end)),
        late=Count("pk", filter=Q(due_at__lt=now())),
        returned=Count("pk", filter=Q(is_returned=True)),
        mine=Count("pk", filter=Q(taken_by=by.person_id)),
    )
    services = list(rows.order_by("service_id").values_list("service_id", "case__definition_id").distinct())
    page = Paginator(_filtered(rows, chosen, service_id, by=by), PER_PAGE).get_page(number)
    return Queue(
        rows=rows_of(list(page.object_list), by=by),
        page=page,
        counts=counts,
        late=counts["late"],
        chosen=chosen,
        service_id=service_id,
        services=tuple(
            dict((key, compiled_of(pk).definition.name.as_dict()) for key, pk in services).items()
        ),
    )


def _filtered(rows: TaskQuerySet, chosen: Filter, service_id: str, *, by: Actor) -> TaskQuerySet:
    conditions: dict[Filter, Q] = {
        "all": Q(),
        "today": Q(due_at__lt=_end_of_today()),
        "returned": Q(is_returned=True),
        "mine": Q(taken_by=by.person_id),
    }
    rows = rows.filter(conditions[chosen])
    rows = rows.filter(service_id=service_id) if service_id else rows
    uploads = Count("case__attachments", filter=Q(case__attachments__removed_at__isnull=True))
    return rows.select_related("case").annotate(uploads=uploads)


def _end_of_today() -> datetime:
    local = now().astimezone(JAKARTA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def rows_of(tasks: Sequence[Task], *, by: Actor) -> tuple[QueueRow, ...]:
    """Return tasks as rows. One query for the names of those who hold them."""
    names = identity.person_many(task.taken_by for task in tasks if task.taken_by)
    return tuple(_row(task, names, by=by) for task in tasks)


def _row(task: Task, names: dict[UUID, identity.PersonView], *, by: Actor) -> QueueRow:
    definition = compiled_of(task.case.definition_id).definition
    holder = names.get(task.taken_by) if task.taken_by else None
    return QueueRow(
        case_id=task.case_id,
        number=task.case.number,
        service_name=definition.name.as_dict(),
        step_name=definition.steps_by_id[task.step_id].name.as_dict(),
        subject_name=task.case.subject_name,
        due_at=task.due_at,
        urgency=urgency_of(task.due_at),
        is_returned=task.is_returned,
        is_mine=task.taken_by == by.person_id,
        holder=holder.name if holder and task.taken_by != by.person_id else "",
        uploads=getattr(task, "uploads", 0),
    )


def urgency_of(due_at: datetime) -> Literal["late", "today", "later"]:
    """Say how a limit stands to this moment."""
    if due_at < now():
        return "late"
    return "today" if due_at < _end_of_today() else "later"


def next_candidates(*, by: Actor, position_kind: str, limit: int = 10) -> list[UUID]:
    """Return the cases an officer could work on next: those they hold, then the free ones, most urgent first. One query."""
    rows = tasks_for(by=by, position_kind=position_kind).filter(Q(taken_by=None) | Q(taken_by=by.person_id))
    mine = list(rows.filter(taken_by=by.person_id).values_list("case_id", flat=True)[:limit])
    return mine or list(rows.values_list("case_id", flat=True)[:limit])


def neighbours(task: Task | None, *, by: Actor, position_kind: str) -> tuple[UUID | None, UUID | None]:
    """Return the cases before and after a task in the officer's queue, None at its ends. Two queries."""
    ids = tasks_for(by=by, position_kind=position_kind).values_list("case_id", flat=True)
    if task is None:
        return None, ids.first()
    before = Q(due_at__lt=task.due_at) | Q(due_at=task.due_at, id__lt=task.id)
    after = Q(due_at__gt=task.due_at) | Q(due_at=task.due_at, id__gt=task.id)
    return ids.filter(before).order_by("-due_at", "-id").first(), ids.filter(after).first()


def batch_rows(*, by: Actor, position_kind: str) -> tuple[QueueRow, ...]:
    """Return what an officer can sign at once, the most urgent first, at most fifty. Two queries."""
    uploads = Count("case__attachments", filter=Q(case__attachments__removed_at__isnull=True))
    rows = tasks_for(by=by, position_kind=position_kind).filter(is_batch=True).select_related("case")
    return rows_of(list(rows.annotate(uploads=uploads)[:50]), by=by)
