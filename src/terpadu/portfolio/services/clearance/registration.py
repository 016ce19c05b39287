"""Registration as a by-product of clearance: an approval makes the inventory record or writes onto the one it names; delivery too."""

from __future__ import annotations

from terpadu.kernel.clock import today
from terpadu.portfolio.enums import ChangeSource, DecisionKind, LifeState, RequestKind
from terpadu.portfolio.models import Application, ClearanceRequest, Decision
from terpadu.portfolio.rules.fields import Value
from terpadu.portfolio.services.applications import Gate, application_register, application_update
from terpadu.portfolio.services.clearance.flow import SYSTEM

LIVING = frozenset({LifeState.LIVE, LifeState.BUILDING, LifeState.PLANNED})


def record_register(row: ClearanceRequest, decision: Decision) -> Application:
    """Make or enrich the record of an approved request; return it. Call inside the transaction of the decision."""
    gate = Gate(ChangeSource.CLEARANCE, row.number)
    if decision.kind == DecisionKind.NEW:
        view = application_register(agency_code=row.agency.code, values=_new(row), gate=gate, by=SYSTEM)
        return Application.objects.get(pk=view.id)
    named = decision.target or row.subject
    if named is None:
        raise LookupError("an approval that names no application")
    application_update(named.id, values=_onto(row, named, decision), gate=gate, by=SYSTEM)
    return Application.objects.get(pk=named.id)


def record_deliver(row: ClearanceRequest) -> None:
    """Write a delivery onto the record: what was planned is being built. Taking it into use is a request of its own."""
    if row.kind == RequestKind.ESTABLISH and row.record and row.record.state == LifeState.PLANNED:
        values: dict[str, Value] = {"state": LifeState.BUILDING.value, "building_on": today()}
        gate = Gate(ChangeSource.CLEARANCE, row.number)
        application_update(row.record.id, values=values, gate=gate, by=SYSTEM)


def _new(row: ClearanceRequest) -> dict[str, Value]:
    return {
        "name": row.title,
        "function": row.function,
        "description": row.need,
        "rab_codes": tuple(row.rab_codes),
        "ral_codes": tuple(row.ral_codes),
        "rad_codes": tuple(row.rad_codes),
        "user_groups": tuple(row.user_groups),
        "users_target": row.users_target,
        "funding": row.funding,
        "contract_value": row.rupiah,
        "state": LifeState.PLANNED.value,
        "planned_on": today(),
        "related": (row.number,),
    }


def _onto(row: ClearanceRequest, named: Application, decision: Decision) -> dict[str, Value]:
    values: dict[str, Value] = {"related": tuple(dict.fromkeys([*named.related, row.number]))}
    if row.kind == RequestKind.END and named.state in LIVING:
        values |= {"state": LifeState.RETIRING.value, "ending_on": row.ends_on or decision.expires_on}
    if decision.kind == DecisionKind.EXTEND:
        values["services"] = tuple(dict.fromkeys([*named.services, row.title]))
    return values
