"""One record at a time: made by a gate, mended on its page, ended with a successor. Every change leaves its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from terpadu.directory.public import agency_get
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu.portfolio.enums import ChangeSource, LifeState
from terpadu.portfolio.errors import (
    ApplicationKnown,
    ApplicationUnknown,
    ChangedMeanwhile,
    RecordInvalid,
    SuccessorCycle,
)
from terpadu.portfolio.events import ApplicationChanged, ApplicationRegistered
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, Cost
from terpadu.portfolio.policies import check_writes
from terpadu.portfolio.rules.fields import FIELDS, Value, written
from terpadu.portfolio.rules.records import (
    Costs,
    FieldChange,
    RowRead,
    as_value,
    changes_between,
    cost_changes,
    record_faults,
)
from terpadu.portfolio.rules.successors import would_cycle
from terpadu.portfolio.selectors.applications import ApplicationView, application_get
from terpadu.portfolio.services.bulk import next_codes
from terpadu.portfolio.services.imports import LOCK
from terpadu.portfolio.services.planning import BLANK, Ambiguous, Keys
from terpadu.portfolio.services.summaries import summary_due
from terpadu.portfolio.services.writing import Road, derived, write_history

Values = Mapping[str, Value]


@dataclass(frozen=True)
class Gate:
    """Where a change comes from. origin: what the source names itself, such as a clearance's number."""

    source: ChangeSource
    origin: str = ""


PAGE = Gate(ChangeSource.PAGE)


@transaction.atomic
def application_register(
    *, agency_code: str, values: Values, costs: Costs | None = None, gate: Gate, by: Actor
) -> ApplicationView:
    """Make a record.

    values: by field, `name` at least; lists as tuples, "successor" as a code. costs: rupiah by year and kind.
    Raises RecordInvalid, AgencyUnknown, ApplicationUnknown (successor), NotAllowed.
    """
    check_writes(by, agency_code=agency_code)
    agency = agency_get(agency_code)
    record = {**BLANK, **_known(values)}
    _check(record)
    row = Application(id=uuid7(), code=next_codes(1)[0], agency_id=agency.id)
    _fill(row, record, costs=costs or {})
    _save(row, is_new=True)
    _save_costs(row, costs or {})
    _tell(row, [FieldChange("", "", row.name)], gate=gate, by=by)
    emit(ApplicationRegistered(row.id, agency_code, gate.source.value))
    return application_get(row.id)


@transaction.atomic
def application_enter(
    *, agency_code: str, values: Values, costs: Costs | None = None, by: Actor
) -> ApplicationView:
    """Make a record by hand, unless the agency has it already: recognised as a row of a list would be.

    Raises ApplicationKnown with its code, and as `application_register`.
    """
    check_writes(by, agency_code=agency_code)
    agency = agency_get(agency_code)
    with connection.cursor() as cursor:  # two hands at once: the second sees what the first has made
        cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, agency_code])
    try:
        known = Keys(agency).find(RowRead(row=0, values=dict(values)), agency)
    except Ambiguous:
        known = None
    if known:
        raise ApplicationKnown(application_code=application_get(known).code)
    return application_register(agency_code=agency_code, values=values, costs=costs, gate=PAGE, by=by)


@transaction.atomic
def application_update(
    application_id: UUID,
    *,
    values: Values,
    costs: Costs | None = None,
    version: int | None = None,
    gate: Gate = PAGE,
    by: Actor,
) -> ApplicationView:
    """Write fields of a record; fields that are not named stay.

    version: of the record that was shown, None to write whatever stands there. Nothing happens when nothing differs.
    Raises ApplicationUnknown, ChangedMeanwhile, RecordInvalid, SuccessorCycle, NotAllowed.
    """
    row = _locked(application_id)
    check_writes(by, agency_code=row.agency.code)
    if version is not None and row.version != version:
        raise ChangedMeanwhile(version=row.version)
    before = _record(row)
    changes = changes_between(before, _known(values))
    known_costs = {(one.year, one.kind): one.rupiah for one in Cost.objects.filter(application=row)}
    changes += cost_changes(known_costs, costs or {})
    if not changes:
        return application_get(row.id)
    record = {**before, **_known(values)}
    _check(record)
    row.version += 1
    _fill(row, record, costs={**known_costs, **(costs or {})})
    _save(row)
    _save_costs(row, costs or {})
    _tell(row, changes, gate=gate, by=by)
    emit(ApplicationChanged(row.id, row.agency.code, tuple(one.field for one in changes)))
    return application_get(row.id)


def application_end(
    application_id: UUID, *, on: date, successor: str = "", gate: Gate = PAGE, by: Actor
) -> ApplicationView:
    """End an application on a day, with the code of the one that follows it, "" for none. Raises as an update does."""
    values: dict[str, Value] = {"state": LifeState.ENDED.value, "ended_on": on}
    if successor:
        values["successor"] = successor
    return application_update(application_id, values=values, gate=gate, by=by)


def _locked(application_id: UUID) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("agency", "successor")
    row = rows.defer("search").filter(pk=application_id).first()
    if row is None:
        raise ApplicationUnknown()
    return row


def _known(values: Values) -> dict[str, Value]:
    unknown = [name for name in values if name not in FIELDS]
    if unknown:
        raise RecordInvalid(faults=[Fault("field_unknown", column=name) for name in unknown])
    return dict(values)


def _record(row: Application) -> dict[str, Any]:
    record: dict[str, Any] = {name: as_value(getattr(row, name)) for name in FIELDS if name != "successor"}
    return {**record, "successor": row.successor.code if row.successor else ""}


def _check(record: Mapping[str, Any]) -> None:
    if faults := record_faults(record):
        raise RecordInvalid(faults=faults)


def _fill(row: Application, record: Mapping[str, Any], *, costs: Costs) -> None:
    for name, value in record.items():
        if name in FIELDS and name != "successor":
            setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.successor = _successor(row, written(record.get("successor")))
    for name, value in derived(record, costs=costs).items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    row.changed_at = now()


def _successor(row: Application, code: str) -> Application | None:
    """Return the successor of a code, while nobody else writes successors. Raises ApplicationUnknown, SuccessorCycle."""
    if not code:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    found = Application.objects.filter(code=code).first()
    if found is None:
        raise ApplicationUnknown(code=code)
    stored = dict(Application.objects.filter(successor__isnull=False).values_list("id", "successor_id"))
    if circle := would_cycle(stored, of=row.id, to=found.id):
        codes = dict(Application.objects.filter(id__in=circle).values_list("id", "code"))
        raise SuccessorCycle(codes=[codes.get(one, row.code) for one in circle])
    return found


def _save(row: Application, *, is_new: bool = False) -> None:
    """Store a record. Raises RecordInvalid when the agency's own identifier is another record's."""
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError as error:
        if "application_local_once" not in str(error):
            raise
        fault = Fault("local_id_taken", column="local_id", values={"given": row.local_id})
        raise RecordInvalid(faults=[fault]) from error


def _save_costs(row: Application, costs: Costs) -> None:
    for (year, kind), rupiah in costs.items():
        Cost.objects.update_or_create(application=row, year=year, kind=kind, defaults={"rupiah": rupiah})


def _tell(row: Application, changes: list[FieldChange], *, gate: Gate, by: Actor) -> None:
    write_history([(row.id, changes)], road=Road(gate.source, gate.origin, by))
    summary_due()
    facts: dict[str, audit.Fact] = {"fields": ", ".join(one.field for one in changes)[:200]}
    audit.record(
        "portfolio.application_written", by=by, about_kind="application", about_id=row.id, facts=facts
    )
