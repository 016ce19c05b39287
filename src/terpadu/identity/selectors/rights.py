"""Reads of requests about one's data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.identity.enums import DataRequestState, DataRight
from terpadu.identity.models import DataRequest, Person
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import unseal


@dataclass(frozen=True)
class DataRequestView:
    """A request about a person's data. words: what the person wrote. lifted_at: end of a granted restriction."""

    id: UUID
    person_id: UUID
    person_name: str
    right: str
    right_label: str
    state: str
    state_label: str
    section: str
    agency_code: str
    words: str
    made_at: datetime
    due_at: datetime
    is_late: bool
    decided_at: datetime | None
    answer: str
    lifted_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state == DataRequestState.OPEN

    @property
    def tone(self) -> str:
        """How the page marks it: ok, wait, late or info."""
        if self.is_open:
            return "late" if self.is_late else "wait"
        return "ok" if self.state == DataRequestState.DONE else "info"


def context_of(request_id: UUID) -> str:
    """Return the context under which a request's words are sealed."""
    return f"identity.data_request:{request_id}"


def data_requests_of(person_id: UUID) -> list[DataRequestView]:
    """Return a person's requests, newest first, at most 50. Two queries."""
    return _views(DataRequest.objects.filter(person_id=person_id).order_by("-made_at", "-id")[:50])


def data_requests_open(agency_code: str) -> list[DataRequestView]:
    """Return what waits for an answer of an agency, the most urgent first. Two queries."""
    rows = DataRequest.objects.filter(agency_code=agency_code, state=DataRequestState.OPEN)
    return _views(rows.exclude(right=DataRight.DELETION).order_by("due_at")[:100])


def data_request_find(request_id: UUID) -> DataRequestView | None:
    """Return one request, None when there is none. Two queries."""
    return next(iter(_views(DataRequest.objects.filter(pk=request_id))), None)


def restrictions_of(person_id: UUID) -> frozenset[str]:
    """Return the bodies of data (section keys) whose use a person has had limited. One query."""
    rows = DataRequest.objects.filter(
        person_id=person_id,
        right=DataRight.RESTRICTION,
        state=DataRequestState.DONE,
        lifted_at__isnull=True,
    )
    return frozenset(rows.values_list("section", flat=True))


def _views(rows: Iterable[DataRequest]) -> list[DataRequestView]:
    found, moment = list(rows), now()
    wanted = {row.person_id for row in found}
    names = dict(Person.objects.filter(pk__in=wanted).values_list("id", "name"))
    return [_view(row, names.get(row.person_id, ""), moment) for row in found]


def _view(row: DataRequest, name: str, moment: datetime) -> DataRequestView:
    words = unseal(bytes(row.sealed), context=context_of(row.id)).decode() if row.sealed else ""
    return DataRequestView(
        id=row.id,
        person_id=row.person_id,
        person_name=name,
        right=row.right,
        right_label=str(DataRight(row.right).label),
        state=row.state,
        state_label=str(DataRequestState(row.state).label),
        section=row.section,
        agency_code=row.agency_code,
        words=words,
        made_at=row.made_at,
        due_at=row.due_at,
        is_late=row.is_late or (row.state == DataRequestState.OPEN and row.due_at < moment),
        decided_at=row.decided_at,
        answer=row.answer,
        lifted_at=row.lifted_at,
    )
