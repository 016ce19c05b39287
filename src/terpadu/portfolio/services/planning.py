"""What a list would do to the inventory, row by row: the same plan is shown before and written after.

Rows are handled in blocks; what stays in memory of a row is its key alone. A blank cell says nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q

from terpadu.directory.public import AgencyView
from terpadu.kernel.ids import uuid7
from terpadu.portfolio.enums import AliasKind, LifeState
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, Cost
from terpadu.portfolio.reference import vocabulary
from terpadu.portfolio.rules.cells import plain
from terpadu.portfolio.rules.fields import AGENCY, FIELDS
from terpadu.portfolio.rules.records import (
    Column,
    Costs,
    FieldChange,
    RowRead,
    changes_between,
    cost_changes,
    read_row,
    record_faults,
)
from terpadu.portfolio.rules.successors import find_cycles
from terpadu.portfolio.rules.tables import Row
from terpadu.portfolio.selectors.agencies import AgencyIndex, Found

BLOCK = 2000
STORED = [name for name in FIELDS if name != "successor"]
Existing = dict[str, Any]
BLANK: Existing = {
    **{name: one.blank for name, one in FIELDS.items()},
    "state": LifeState.LIVE.value,
    "version": 0,
}


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"
    REJECTED = "rejected"


@dataclass
class Planned:
    """A row with its outcome. record: all fields after the change. notices: what was understood, and is not wrong."""

    read: RowRead
    outcome: Outcome
    application_id: UUID | None = None
    agency: AgencyView | None = None
    record: dict[str, Any] = field(default_factory=dict)
    changes: list[FieldChange] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    known_costs: Costs = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name to show for this row."""
        return str(self.record.get("name") or self.read.values.get("name") or "")


@dataclass(frozen=True)
class Link:
    """A successor that a row names. text: as written."""

    row: int
    application_id: UUID
    agency_code: str
    text: str


class Planner:
    """Plans the rows of one list. columns: what is read. held_back: rows to leave out."""

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        agency_code: str = "",
        writable: frozenset[str] | None = None,
        held_back: frozenset[int] = frozenset(),
    ) -> None:
        self.columns = columns
        self.agencies = AgencyIndex()
        self.owner = self.agencies.by_code.get(agency_code)
        self.keys = Keys(self.owner)
        self.writable = writable
        self.held_back = held_back
        self.links: list[Link] = []
        self._seen: dict[tuple[str, str], int] = {}
        self._ids: dict[tuple[str, str], UUID] = {}

    def blocks(self, rows: Iterable[Row]) -> Iterator[list[Planned]]:
        """Yield the plan of all rows, in blocks. Two queries each."""
        source = iter(rows)
        while block := list(islice(source, BLOCK)):
            yield self._plan(
                [
                    read_row(number, cells, columns=self.columns, words=vocabulary())
                    for number, cells in block
                    if number not in self.held_back
                ]
            )

    def _plan(self, reads: Sequence[RowRead]) -> list[Planned]:
        owners = [self._owner(read) for read in reads]
        keys = [self._key(read, agency) for read, (agency, _) in zip(reads, owners, strict=True)]
        existing = _Existing({key for key in keys if key})
        return [
            self._planned(read, agency, notices, key, existing)
            for read, (agency, notices), key in zip(reads, owners, keys, strict=True)
        ]

    def _key(self, read: RowRead, agency: AgencyView | None) -> UUID | None:
        """Return the record that a row means, None for a new one; what cannot be told is a fault of the row."""
        if agency is None:
            return None
        try:
            key = self.keys.find(read, agency)
        except Ambiguous:
            read.faults.append(
                Fault("name_many", row=read.row, values={"given": str(read.values["name"])[:80]})
            )
            return None
        if key is None and read.code:
            read.faults.append(Fault("code_not_found", row=read.row, values={"given": read.code}))
        local_id = str(read.values.get("local_id") or "")
        if key and self.keys.by_local.get((agency.id, local_id), key) != key:
            read.faults.append(Fault("local_id_taken", row=read.row, values={"given": local_id}))
        return key

    def _owner(self, read: RowRead) -> tuple[AgencyView | None, list[Fault]]:
        """Return whose record a row is, with a notice when that was a former name; faults go to the row."""
        heading = next((one.heading for one in self.columns if one.target == AGENCY), "")
        if not read.agency:
            if self.owner is None:
                read.faults.append(Fault("agency_missing", row=read.row, column=heading))
            return self.owner, []
        found = self.agencies.find(read.agency)
        names = {"given": read.agency[:80], "known": ", ".join(one.name for one in found.candidates)[:300]}
        if code := self._owner_fault(found):
            read.faults.append(Fault(code, row=read.row, column=heading, values=names))
            return None, []
        renamed = [Fault("agency_renamed", row=read.row, column=heading, values=names)]
        return found.agency, renamed if found.kind else []

    def _owner_fault(self, found: Found) -> str:
        if found.agency is None:
            if not found.candidates:
                return "agency_unknown"
            return "agency_split" if found.kind == AliasKind.SPLIT else "agency_many"
        if self.owner and found.agency != self.owner:
            return "agency_other"
        is_foreign = self.writable is not None and found.agency.code not in self.writable
        return "agency_not_yours" if is_foreign else ""

    def _planned(
        self,
        read: RowRead,
        agency: AgencyView | None,
        notices: list[Fault],
        key: UUID | None,
        existing: _Existing,
    ) -> Planned:
        known = existing.records.get(key) if key else None
        values = {name: value for name, value in read.values.items() if name != "successor"}
        record = {**(known or BLANK), **values}
        read.faults += record_faults(record, row=read.row)
        if agency:
            self._check_double(read, agency, key)
        if read.faults or agency is None:
            return Planned(read, Outcome.REJECTED, agency=agency, record=record)
        application_id = key or uuid7()
        self._remember(read, agency, record, application_id)
        costs = existing.costs.get(application_id, {})
        changes = changes_between(known, values) + cost_changes(costs, read.costs) if known else []
        outcome = Outcome.CREATED if known is None else Outcome.CHANGED if changes else Outcome.SAME
        return Planned(read, outcome, application_id, agency, record, changes, notices, known_costs=costs)

    def _check_double(self, read: RowRead, agency: AgencyView, key: UUID | None) -> None:
        for one in _identities(read, agency, key):
            first = self._seen.setdefault(one, read.row)
            if first != read.row:
                given = str(read.values.get("local_id") or read.values.get("name") or read.code)[:80]
                read.faults.append(
                    Fault("row_double", row=read.row, values={"first": str(first), "given": given})
                )
                return

    def _remember(self, read: RowRead, agency: AgencyView, record: Existing, application_id: UUID) -> None:
        if record["local_id"]:
            self._ids[(agency.code, f"id {record['local_id']}")] = application_id
        self._ids.setdefault((agency.code, f"name {plain(record['name'])}"), application_id)
        if text := read.values.get("successor"):
            self.links.append(Link(read.row, application_id, agency.code, str(text)))

    def successors(self) -> tuple[dict[UUID, UUID], list[Fault]]:
        """Return the successors that the list names, and a fault for each that is unknown or runs in a circle.

        Called after all blocks. Two queries when the list names any, else none.
        """
        if not self.links:
            return {}, []
        targets = self._link_targets()
        faults = [
            Fault("successor_unknown", row=link.row, column="successor", values={"given": link.text[:80]})
            for link in self.links
            if link.row not in targets
        ]
        chosen = {link.application_id: targets[link.row] for link in self.links if link.row in targets}
        stored = dict(Application.objects.filter(successor__isnull=False).values_list("id", "successor_id"))
        in_circle = {one for circle in find_cycles({**stored, **chosen}) for one in circle}
        faults += [
            Fault("successor_cycle", row=link.row, column="successor", values={"given": link.text[:80]})
            for link in self.links
            if link.application_id in in_circle and link.row in targets
        ]
        return {one: to for one, to in chosen.items() if one not in in_circle}, faults

    def _link_targets(self) -> dict[int, UUID]:
        found = {
            link.row: target
            for link in self.links
            if (target := self._ids.get((link.agency_code, f"id {link.text}")))
            or (target := self._ids.get((link.agency_code, f"name {plain(link.text)}")))
        }
        open_links = [link for link in self.links if link.row not in found]
        texts = [link.text for link in open_links]
        rows = Application.objects.filter(
            Q(code__in=texts) | Q(local_id__in=texts) | Q(name__in=texts)
        ).values_list("id", "code", "local_id", "name", "agency__code")
        by_text: dict[tuple[str, str], UUID] = {}
        for application_id, code, local_id, name, agency_code in rows:
            by_text[("", code)] = application_id
            by_text.setdefault((agency_code, local_id), application_id)
            by_text.setdefault((agency_code, name), application_id)
        for link in open_links:
            target = by_text.get(("", link.text)) or by_text.get((link.agency_code, link.text))
            if target:
                found[link.row] = target
        return found


class Keys:
    """What tells the records of the inventory apart: little enough to hold them all while a list is read."""

    def __init__(self, owner: AgencyView | None) -> None:
        """Read the keys of one agency's records, of all when none is given. One query."""
        rows = Application.objects.of_agency(owner.code) if owner else Application.objects.all()
        self.by_code: dict[tuple[UUID, str], UUID] = {}
        self.by_local: dict[tuple[UUID, str], UUID] = {}
        self.by_name: dict[tuple[UUID, str], list[tuple[UUID, bool]]] = {}
        for key, agency, code, local_id, name in rows.values_list(
            "id", "agency_id", "code", "local_id", "name"
        ).iterator(BLOCK):
            self.by_code[(agency, code)] = key
            self.by_name.setdefault((agency, plain(name)), []).append((key, bool(local_id)))
            if local_id:
                self.by_local[(agency, local_id)] = key

    def find(self, read: RowRead, agency: AgencyView) -> UUID | None:
        """Return the record a row means: by the platform's code, the agency's own, or its name.

        Raises Ambiguous when several records have that name and nothing else tells them apart.
        """
        if read.code:
            return self.by_code.get((agency.id, read.code))
        local_id = str(read.values.get("local_id") or "")
        if local_id and (known := self.by_local.get((agency.id, local_id))):
            return known
        named = self.by_name.get((agency.id, read.name_key), [])
        fitting = [key for key, has_local_id in named if not (local_id and has_local_id)]
        if len(fitting) > 1:
            raise Ambiguous()
        return fitting[0] if fitting else None


class Ambiguous(Exception):
    """A row without an identifier has the name of several records."""


class _Existing:
    """The records that a block of rows means, with their costs."""

    def __init__(self, found: Collection[UUID]) -> None:
        """Read the records. Two queries, none when there are no records to read."""
        rows = Application.objects.filter(id__in=found).values("id", "version", *STORED) if found else ()
        self.records: dict[UUID, Existing] = {row["id"]: row for row in rows}
        self.costs: dict[UUID, Costs] = {}
        costs = Cost.objects.filter(application__in=found).values_list(
            "application", "year", "kind", "rupiah"
        )
        for application_id, year, kind, rupiah in costs if found else ():
            self.costs.setdefault(application_id, {})[(year, kind)] = rupiah


def _identities(read: RowRead, agency: AgencyView, key: UUID | None) -> list[tuple[str, str]]:
    """Return under what a row counts as the same as an earlier one: the record, its own id, or its name without an id."""
    local_id = str(read.values.get("local_id") or "")
    found = [("record", str(key))] if key else []
    if local_id:
        return [*found, (agency.code, f"id {local_id}")]
    return [*found, (agency.code, f"name {read.name_key}")] if read.name_key else found
