"""Applications in the TIME quadrants, by the latest answers and by what the platform measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from terpadu.exchange.public import interface_list
from terpadu.kernel.clock import today
from terpadu.portfolio.enums import Quadrant
from terpadu.portfolio.measures import measured
from terpadu.portfolio.models import Application, Assessment
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.rules.rationalisation.scores import AxisScore, axis_score, quadrant_of
from terpadu.portfolio.selectors.dependencies import dependents_many

DAYS_A_YEAR = 365.25
MEASURED = ("traffic", "sign_ins", "people")


@dataclass(frozen=True)
class Scored:
    """An application with its scores. answers: of the latest assessment, empty without one."""

    row: Application
    value: AxisScore
    fit: AxisScore
    quadrant: Quadrant
    answers: Mapping[str, int]
    dependents: int


def scored(rows: Sequence[Application]) -> list[Scored]:
    """Return applications with their scores, in their order. The same number of queries for any number of them."""
    form = questionnaire()
    latest = Assessment.objects.filter(application__in=rows).order_by("application", "-given_at")
    answers = {one.application_id: one.answers for one in latest.distinct("application")}
    facts = _facts(rows)
    found = []
    for row in rows:
        said = {key: int(points) for key, points in answers.get(row.id, {}).items()}
        value = axis_score(form.value, answers=said, facts=facts[row.id], most_points=form.most_points)
        fit = axis_score(form.fit, answers=said, facts=facts[row.id], most_points=form.most_points)
        quadrant = quadrant_of(value, fit, limits=form.limits)
        found.append(Scored(row, value, fit, quadrant, said, int(facts[row.id]["dependents"] or 0)))
    return found


def scored_one(row: Application) -> Scored:
    """Return one application with its scores."""
    return scored([row])[0]


def _facts(rows: Sequence[Application]) -> dict[UUID, dict[str, float | None]]:
    needs = dependents_many(rows)
    published = {one.service for one in interface_list()} if any(row.interfaces for row in rows) else set()
    counts = {key: measured(key, rows) for key in MEASURED}
    hosting = questionnaire().hosting
    return {
        row.id: {
            **{key: counts[key].get(row.id) for key in MEASURED},
            "users": _users(row, counts["people"].get(row.id)),
            "dependents": float(len(needs[row.id])),
            "audit_age": None if row.audited_on is None else (today() - row.audited_on).days / DAYS_A_YEAR,
            "interfaces": float(sum(one in published for one in row.interfaces)),
            "hosting": hosting.get(row.hosting),
            "completeness": float(row.completeness),
        }
        for row in rows
    }


def _users(row: Application, people: float | None) -> float | None:
    """Return the users that the record counts, or those whom the platform saw when these are more; None without either."""
    known = [one for one in (row.users_actual, people) if one is not None]
    return float(max(known)) if known else None
