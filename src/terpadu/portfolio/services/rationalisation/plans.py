"""Consolidation plans: families go in with proposals, people decide each move, waves are ordered, the plan is adopted.

Adopting writes successor, state and last day onto the records; ending itself goes through a request for clearance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed, NotFound
from terpadu.portfolio.enums import ApplicationClass, ChangeSource, Fate, LifeState, PlanState
from terpadu.portfolio.errors import ChangedMeanwhile, PlanBlocked, PlanClosed, RequestIncomplete
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, Move, Plan, Wave
from terpadu.portfolio.policies import check_writes, is_national_team
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.rules.fields import Value
from terpadu.portfolio.rules.rationalisation.endings import form_of
from terpadu.portfolio.rules.rationalisation.proposals import FUNCTION, Member, propose
from terpadu.portfolio.rules.rationalisation.waves import Step, order_waves, wave_days
from terpadu.portfolio.selectors.dependencies import dependents_many
from terpadu.portfolio.selectors.rationalisation.plans import steps_of
from terpadu.portfolio.selectors.rationalisation.scoring import Scored, scored
from terpadu.portfolio.services.applications import Gate, application_update

AWAY = frozenset({Fate.MIGRATE, Fate.MERGE, Fate.END})
MOST_MEMBERS = 600
MOST_MONTHS, MOST_SIZE = 24, 200


@dataclass(frozen=True)
class MoveValues:
    """What somebody decides about a member. successor: code of the one that stays, "" for none."""

    fate: Fate
    successor: str = ""
    note: str = ""


@transaction.atomic
def plan_start(
    *, name: str, purpose: str = "", starts_on: date, wave_months: int = 6, wave_size: int = 10, by: Actor
) -> Plan:
    """Begin a plan. Raises NotAllowed for all but the national team, RequestIncomplete for what cannot be."""
    _check_national(by)
    faults = [] if name.strip() and len(name) <= 200 else [Fault("text_short", column="name")]
    if not 1 <= wave_months <= MOST_MONTHS:
        faults.append(Fault("number_range", column="wave_months", values={"most": str(MOST_MONTHS)}))
    if not 1 <= wave_size <= MOST_SIZE:
        faults.append(Fault("number_range", column="wave_size", values={"most": str(MOST_SIZE)}))
    if faults:
        raise RequestIncomplete(faults=faults)
    plan = Plan.objects.create(
        name=name.strip(),
        purpose=purpose.strip()[:4000],
        starts_on=starts_on,
        wave_months=wave_months,
        wave_size=wave_size,
        created_by=by.person_id,
        created_at=now(),
    )
    audit.record("portfolio.plan_begun", by=by, about_kind="plan", about_id=plan.id)
    return plan


@transaction.atomic
def plan_add_family(
    plan_id: UUID, *, key: str, name: str, kind: str, codes: Sequence[str], by: Actor
) -> list[Move]:
    """Take a family into a draft, with a proposal for each member. kind: duplicate, product or function.

    Ended members and those that the plan has already are left out. Raises NotFound, NotAllowed, PlanClosed,
    RequestIncomplete for unknown codes or fewer than two members.
    """
    plan = _draft(plan_id, by=by)
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    rows = list(
        Application.objects.filter(code__in=wanted[:MOST_MEMBERS]).select_related("agency").defer("search")
    )
    unknown = set(wanted) - {row.code for row in rows}
    if unknown or len(wanted) > MOST_MEMBERS:
        values = {"given": ", ".join(sorted(unknown))[:80] or str(len(wanted))}
        raise RequestIncomplete(faults=[Fault("subject_unknown", column="codes", values=values)])
    known = set(plan.moves.values_list("application", flat=True))
    members = [one for one in scored(rows) if one.row.state != LifeState.ENDED and one.row.id not in known]
    if len(members) < 2:
        raise RequestIncomplete(faults=[Fault("family_small", column="codes")])
    by_code = {one.row.code: one.row for one in members}
    keeper_users = max(_users(one.row) for one in members)
    moves = [
        Move(
            plan=plan,
            family=key[:60],
            family_name=name[:200],
            application=by_code[one.code],
            fate=one.fate,
            successor=by_code.get(one.successor),
            because=one.because,
            form=form_of(one.fate, keeper_users=keeper_users, priority_users=questionnaire().priority_users)
            or "",
        )
        for one in propose(kind or FUNCTION, [_member(one) for one in members])
    ]
    Move.objects.bulk_create(moves)
    _touched(plan, "portfolio.plan_family_added", by=by)
    return moves


def _member(one: Scored) -> Member:
    return Member(
        code=one.row.code,
        quadrant=one.quadrant,
        is_general=one.row.application_class == ApplicationClass.UMUM,
        value=one.value.score if one.value.coverage >= questionnaire().limits.least_coverage else None,
        fit=one.fit.score if one.fit.coverage >= questionnaire().limits.least_coverage else None,
        users=one.row.users_actual,
        completeness=one.row.completeness,
        is_live=one.row.state == LifeState.LIVE,
    )


def _users(row: Application) -> int:
    return max(row.users_actual or 0, row.users_target or 0)


@transaction.atomic
def move_decide(move_id: UUID, *, values: MoveValues, version: int, by: Actor) -> Move:
    """Decide what becomes of a member of a draft. version: of the plan that was shown.

    Raises NotFound, NotAllowed, PlanClosed, ChangedMeanwhile, RequestIncomplete without a successor that stays.
    """
    found = Move.objects.select_related("application", "successor").filter(pk=move_id).first()
    if found is None:
        raise NotFound()
    plan = _draft(found.plan_id, by=by)
    if plan.version != version:
        raise ChangedMeanwhile(version=plan.version)
    successor = _successor(found, values)
    found.fate, found.successor, found.note = values.fate, successor, values.note.strip()[:2000]
    users = _users(successor) if successor else 0
    found.form = form_of(values.fate, keeper_users=users, priority_users=questionnaire().priority_users) or ""
    found.because, found.is_decided, found.wave = "decided_by_people", True, None
    found.save()
    _touched(plan, "portfolio.plan_move_decided", by=by)
    return found


def _successor(found: Move, values: MoveValues) -> Application | None:
    if values.fate not in (Fate.MIGRATE, Fate.MERGE):
        _check_not_needed(found)
        return None
    row = Application.objects.filter(code=values.successor.strip().upper()).first()
    if row is None or row.id == found.application_id or row.state == LifeState.ENDED:
        raise RequestIncomplete(faults=[Fault("successor_unfit", column="successor")])
    moves_away = Move.objects.filter(plan=found.plan_id, application=row, fate__in=AWAY).exists()
    if moves_away:
        raise RequestIncomplete(faults=[Fault("successor_leaves", column="successor")])
    _check_not_needed(found)
    return row


def _check_not_needed(found: Move) -> None:
    """Refuse to take the one that stays away from those that move to it. Raises RequestIncomplete."""
    others = Move.objects.filter(plan=found.plan_id, successor=found.application_id).exclude(pk=found.pk)
    if found.fate == Fate.KEEP and others.exists():
        raise RequestIncomplete(faults=[Fault("others_move_here", column="fate")])


@transaction.atomic
def move_remove(move_id: UUID, *, by: Actor) -> UUID:
    """Take a member out of a draft; return the plan. Raises as `move_decide`."""
    found = Move.objects.filter(pk=move_id).first()
    if found is None:
        raise NotFound()
    plan = _draft(found.plan_id, by=by)
    _check_not_needed(found)
    found.delete()
    _touched(plan, "portfolio.plan_move_removed", by=by)
    return plan.id


@transaction.atomic
def plan_arrange(plan_id: UUID, *, by: Actor) -> tuple[str, ...]:
    """Order the moves of a draft into waves; return the codes that wait for each other and got none.

    A move waits for those that use it: their codes stand among the dependents of its record. Raises as `plan_add_family`.
    """
    plan = _draft(plan_id, by=by)
    moves = list(plan.moves.filter(fate__in=AWAY).select_related("application"))
    needs = dependents_many([one.application for one in moves])
    steps = [
        Step(
            code=one.application.code,
            after=frozenset(one.application.dependents) & {other.application.code for other in moves},
            risk=len(needs[one.application_id]),
        )
        for one in moves
    ]
    ordering = order_waves(steps, size=plan.wave_size)
    plan.moves.update(wave=None)
    plan.waves.all().delete()
    by_code = {one.application.code: one for one in moves}
    for number, codes in enumerate(ordering.waves, start=1):
        starts_on, ends_on = wave_days(number, starts_on=plan.starts_on, months=plan.wave_months)
        wave = Wave.objects.create(plan=plan, number=number, starts_on=starts_on, ends_on=ends_on)
        Move.objects.filter(pk__in=[by_code[code].pk for code in codes]).update(wave=wave)
    _touched(plan, "portfolio.plan_arranged", by=by)
    return ordering.circle


@transaction.atomic
def plan_adopt(plan_id: UUID, *, basis: str, version: int, by: Actor) -> Plan:
    """Adopt a plan by an act; the records get successor, last day and the state of being ended.

    basis: number and title of the act. Raises NotFound, NotAllowed, PlanClosed, ChangedMeanwhile, RequestIncomplete without
    an act, PlanBlocked with the applications that have no wave yet.
    """
    plan = _draft(plan_id, by=by)
    if plan.version != version:
        raise ChangedMeanwhile(version=plan.version)
    if len(basis.strip()) < 5 or len(basis) > 200:
        raise RequestIncomplete(faults=[Fault("basis_missing", column="basis")])
    moves = list(plan.moves.filter(fate__in=AWAY).select_related("application", "successor", "wave"))
    if open_ones := [one.application.code for one in moves if one.wave is None]:
        raise PlanBlocked(codes=sorted(open_ones))
    if not moves:
        raise RequestIncomplete(faults=[Fault("family_small", column="codes")])
    gate = Gate(ChangeSource.CLEARANCE, f"{basis.strip()[:80]}")
    for one in moves:
        application_update(one.application_id, values=_ending(one), gate=gate, by=by)
    plan.state, plan.basis, plan.adopted_at = PlanState.ADOPTED, basis.strip(), now()
    _touched(plan, "portfolio.plan_adopted", by=by)
    return plan


def _ending(move: Move) -> Mapping[str, Value]:
    values: dict[str, Value] = {"state": LifeState.RETIRING.value}
    if move.wave:
        values["ending_on"] = move.wave.ends_on
    if move.successor:
        values["successor"] = move.successor.code
    return values


@transaction.atomic
def step_done(move_id: UUID, *, key: str, is_done: bool = True, by: Actor) -> Move:
    """Tick a step of a move off, or on again. Raises NotFound, NotAllowed for all but the owner and the national team."""
    found = (
        Move.objects.select_for_update(of=("self",))
        .select_related("application__agency")
        .filter(pk=move_id)
        .first()
    )
    if found is None or key not in {one.key for one in steps_of(found)}:
        raise NotFound()
    check_writes(by, agency_code=found.application.agency.code)
    done = {name: day for name, day in found.done.items() if name != key}
    found.done = {**done, key: today().isoformat()} if is_done else done
    found.save(update_fields=["done"])
    facts: dict[str, audit.Fact] = {"step": key, "done": is_done}
    audit.record("portfolio.plan_step", by=by, about_kind="move", about_id=found.id, facts=facts)
    return found


def _draft(plan_id: UUID, *, by: Actor) -> Plan:
    _check_national(by)
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound()
    if plan.state != PlanState.DRAFT:
        raise PlanClosed()
    return plan


def _check_national(by: Actor) -> None:
    if not is_national_team(by):
        raise NotAllowed()


def _touched(plan: Plan, event: str, *, by: Actor) -> None:
    plan.version += 1
    plan.save()
    audit.record(event, by=by, about_kind="plan", about_id=plan.id)
