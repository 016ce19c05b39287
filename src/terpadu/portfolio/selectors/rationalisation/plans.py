"""Plans as they stand: moves by family and wave, steps, savings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from terpadu.kernel.clock import today
from terpadu.kernel.errors import NotFound
from terpadu.portfolio.enums import EndingForm, Fate
from terpadu.portfolio.models import Cost, Move, Plan, Wave
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.rules.rationalisation.dependencies import Dependent
from terpadu.portfolio.rules.rationalisation.endings import EndingStep, steps_for
from terpadu.portfolio.rules.rationalisation.savings import Saving, running_cost, saving_of
from terpadu.portfolio.selectors.dependencies import dependents_many


@dataclass(frozen=True)
class MoveView:
    """A move with what breaks, its steps and what it saves."""

    move: Move
    dependents: tuple[Dependent, ...]
    steps: tuple[EndingStep, ...]
    saving: Saving

    @property
    def steps_done(self) -> int:
        """How many of its steps are done."""
        return sum(one.key in self.move.done for one in self.steps)


@dataclass(frozen=True)
class PlanView:
    """A plan with its waves and moves. families: (name, moves) with the one that stays first. unknown: moves without a cost."""

    plan: Plan
    waves: tuple[tuple[Wave, tuple[MoveView, ...]], ...]
    waiting: tuple[MoveView, ...]
    families: tuple[tuple[str, tuple[MoveView, ...]], ...]
    net: int
    running: int
    one_off: int
    unknown: int
    ending: int


def plan_list() -> list[Plan]:
    """Return all plans, newest first. One query."""
    return list(Plan.objects.order_by("-created_at"))


def plan_get(plan_id: UUID) -> Plan:
    """Return a plan. Raises NotFound. One query."""
    found = Plan.objects.filter(pk=plan_id).first()
    if found is None:
        raise NotFound()
    return found


def plan_view(plan: Plan) -> PlanView:
    """Return a plan with everything in it. A handful of queries."""
    views = _moves(plan)
    away = [one for one in views if one.move.fate != Fate.KEEP]
    waves = tuple(
        (wave, tuple(one for one in away if one.move.wave_id == wave.id))
        for wave in plan.waves.order_by("number")
    )
    return PlanView(
        plan=plan,
        waves=waves,
        waiting=tuple(one for one in away if one.move.wave_id is None),
        families=_families(views),
        net=sum(one.saving.net for one in away),
        running=sum(one.saving.running or 0 for one in away),
        one_off=sum(one.saving.one_off for one in away),
        unknown=sum(one.saving.running is None and one.move.fate != Fate.MERGE for one in away),
        ending=len(away),
    )


def steps_of(move: Move, *, has_dependents: bool = True) -> tuple[EndingStep, ...]:
    """Return the steps of a move in their order."""
    form = questionnaire().forms.get(EndingForm(move.form)) if move.form else None
    return tuple(
        steps_for(Fate(move.fate), form=form, has_dependents=has_dependents, steps=questionnaire().steps)
    )


def _moves(plan: Plan) -> list[MoveView]:
    related = plan.moves.select_related("application__agency", "successor__agency", "wave")
    rows = list(related.order_by("family_name", "family", "application__code"))
    needs = dependents_many([one.application for one in rows])
    costs: dict[UUID, dict[tuple[int, str], int]] = {}
    for cost in Cost.objects.filter(application__in=[one.application_id for one in rows]):
        costs.setdefault(cost.application_id, {})[cost.year, cost.kind] = cost.rupiah
    return [
        MoveView(
            one,
            tuple(needs[one.application_id]),
            steps_of(one, has_dependents=bool(needs[one.application_id])),
            _saving(one, plan, costs.get(one.application_id, {})),
        )
        for one in rows
    ]


def _saving(move: Move, plan: Plan, costs: dict[tuple[int, str], int]) -> Saving:
    shares = questionnaire().shares
    running = running_cost(costs, before=today().year, known_years=shares.known_years)
    ends_on: date = move.wave.ends_on if move.wave else plan.starts_on
    return saving_of(
        Fate(move.fate), running, ends_year=ends_on.year, from_year=plan.starts_on.year, shares=shares
    )


def _families(views: list[MoveView]) -> tuple[tuple[str, tuple[MoveView, ...]], ...]:
    found: dict[str, list[MoveView]] = {}
    names: dict[str, str] = {}
    for one in views:
        found.setdefault(one.move.family, []).append(one)
        names[one.move.family] = one.move.family_name
    order = {Fate.KEEP: 0}
    return tuple(
        (names[key], tuple(sorted(moves, key=lambda one: order.get(Fate(one.move.fate), 1))))
        for key, moves in found.items()
    )
