"""Writing planned records: the rows, their costs and the history of every field, by COPY in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.portfolio.enums import ChangeSource
from terpadu.portfolio.models import Application, Change, Cost
from terpadu.portfolio.reference import completeness_parts
from terpadu.portfolio.rules.completeness import completeness
from terpadu.portfolio.rules.records import Costs, FieldChange, code_paths, hosts_of
from terpadu.portfolio.rules.stems import stems
from terpadu.portfolio.services.bulk import copy_rows, next_codes, update_rows, upsert_rows
from terpadu.portfolio.services.planning import STORED, Outcome, Planned

DERIVED = ["hosts", "completeness", "code_paths", "cost_total", "name_stems", "text_stems"]
ON_CREATE = ["id", "code", "agency", *STORED, *DERIVED, "version", "created_at", "changed_at"]
ON_CHANGE = [*STORED, *DERIVED, "version", "changed_at"]
CHANGE_FIELDS = ["application", "at", "field", "before", "after", "source", "origin", "by_person", "by_label"]


@dataclass(frozen=True)
class Road:
    """The road by which a change comes. origin: what the source names itself, such as an import's file."""

    source: ChangeSource
    origin: str
    by: Actor


def write_planned(block: Sequence[Planned], *, road: Road) -> None:
    """Write the created and changed rows of a block; a fixed number of statements, whatever its size."""
    created = [one for one in block if one.outcome is Outcome.CREATED]
    changed = [one for one in block if one.outcome is Outcome.CHANGED]
    if created:
        codes = next_codes(len(created))
        rows = [_new_row(one, code=code) for one, code in zip(created, codes, strict=True)]
        copy_rows(Application, rows, fields=ON_CREATE)
    if changed:
        update_rows(Application, [_row(one) for one in changed], fields=ON_CHANGE)
    upsert_rows(
        Cost, _cost_rows([*created, *changed]), key=["application", "year", "kind"], fields=["rupiah"]
    )
    write_history(
        ((_id(one), _birth(one) or one.changes) for one in (*created, *changed)),
        road=road,
    )


def write_history(changes: Iterable[tuple[UUID, Sequence[FieldChange]]], *, road: Road) -> None:
    """Add what was changed to the history of each application."""
    at = now()
    rows = (
        {
            "application": application_id,
            "at": at,
            "field": one.field,
            "before": one.before,
            "after": one.after,
            "source": road.source.value,
            "origin": road.origin[:120],
            "by_person": road.by.person_id,
            "by_label": road.by.label[:120],
        }
        for application_id, fields in changes
        for one in fields
    )
    copy_rows(Change, rows, fields=CHANGE_FIELDS)


def derived(record: Mapping[str, Any], *, costs: Costs) -> dict[str, Any]:
    """Return the fields of DERIVED, which follow from the others. costs: all that the record has."""
    said = {**record, "costs": costs}
    return {
        "hosts": hosts_of(record),
        "completeness": completeness(said, parts=completeness_parts()),
        "code_paths": code_paths(record),
        "cost_total": sum(costs.values()) if costs else None,
        "name_stems": stems(f"{record['name']} {record['short_name']}"),
        "text_stems": stems(f"{record['function']} {record['description']}"),
    }


def _new_row(one: Planned, *, code: str) -> dict[str, Any]:
    assert one.agency is not None  # noqa: S101 - a planned row that is written has its owner
    return {**_row(one), "code": code, "agency": one.agency.id, "created_at": now()}


def _row(one: Planned) -> dict[str, Any]:
    costs = {**one.known_costs, **one.read.costs}
    record = {**one.record, **({"successor": True} if one.read.values.get("successor") else {})}
    return {
        **one.record,
        **derived(record, costs=costs),
        "id": _id(one),
        "version": one.record["version"] + 1,
        "changed_at": now(),
    }


def _birth(one: Planned) -> list[FieldChange]:
    """Return the first line of a record's history; what it was born with needs no line for each field."""
    return [FieldChange("", "", one.name)] if one.outcome is Outcome.CREATED else []


def _cost_rows(planned: Iterable[Planned]) -> Iterable[dict[str, Any]]:
    for one in planned:
        for (year, kind), rupiah in one.read.costs.items():
            yield {"application": _id(one), "year": year, "kind": kind, "rupiah": rupiah}


def _id(one: Planned) -> UUID:
    assert one.application_id is not None  # noqa: S101 - as above
    return one.application_id
