"""The TIME quadrants: two scores from 0 to 1, of answers and of what the platform measures, each with what it was made of.

    score(axis) = sum(weight x part) / sum(weight), over the parts that are known
    coverage    = sum(weight of known parts) / sum(all weights)

An axis of which too little is known places nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from terpadu.portfolio.enums import Quadrant


@dataclass(frozen=True)
class Question:
    """One question of the short questionnaire."""

    key: str
    weight: int
    text: Mapping[str, str]


@dataclass(frozen=True)
class Measure:
    """One measured fact. kind: log (log scale up to `most`), share (part of `most`), falling (1 at 0, 0 from `most`)."""

    key: str
    weight: int
    kind: str
    most: float
    text: Mapping[str, str]


@dataclass(frozen=True)
class Axis:
    """Business value or technical fit."""

    key: str
    name: Mapping[str, str]
    questions: tuple[Question, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Part:
    """One part of a score. share: 0 to 1, None when nothing is known. said: what was answered or measured."""

    key: str
    text: Mapping[str, str]
    weight: int
    share: float | None
    said: float | None
    is_measured: bool


@dataclass(frozen=True)
class AxisScore:
    """A score from 0 to 1, None when nothing is known. coverage: share of all weight that is known."""

    score: float | None
    coverage: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class TimeLimits:
    """Where the quadrants meet, and how much of an axis must be known."""

    limit: float
    least_coverage: float


def scaled(measure: Measure, value: float) -> float:
    """Return a measured value as a share from 0 to 1. A negative value counts as none."""
    value = max(value, 0)
    if measure.kind == "log":
        return min(1.0, math.log1p(value) / math.log1p(measure.most))
    if measure.kind == "falling":
        return max(0.0, 1 - value / measure.most)
    return min(1.0, value / measure.most)


def axis_score(
    axis: Axis, *, answers: Mapping[str, int], facts: Mapping[str, float | None], most_points: int
) -> AxisScore:
    """Return the score of an axis with its parts."""
    asked = [
        Part(
            one.key,
            one.text,
            one.weight,
            min(max(answers[one.key], 0), most_points) / most_points if one.key in answers else None,
            answers.get(one.key),
            is_measured=False,
        )
        for one in axis.questions
    ]
    measured = [_measured(one, facts.get(one.key)) for one in axis.measures]
    parts = (*asked, *measured)
    known = [(part.weight, part.share) for part in parts if part.share is not None]
    weight = sum(one for one, _ in known)
    score = sum(one * share for one, share in known) / weight if weight else None
    return AxisScore(score, weight / sum(part.weight for part in parts), parts)


def _measured(one: Measure, value: float | None) -> Part:
    share = None if value is None else scaled(one, value)
    return Part(one.key, one.text, one.weight, share, value, is_measured=True)


def quadrant_of(value: AxisScore, fit: AxisScore, *, limits: TimeLimits) -> Quadrant:
    """Return the quadrant: high value and fit invest, high value alone migrate, high fit alone tolerate, neither eliminate."""
    if value.score is None or fit.score is None or min(value.coverage, fit.coverage) < limits.least_coverage:
        return Quadrant.UNKNOWN
    is_valued, is_fit = value.score >= limits.limit, fit.score >= limits.limit
    if is_valued:
        return Quadrant.INVEST if is_fit else Quadrant.MIGRATE
    return Quadrant.TOLERATE if is_fit else Quadrant.ELIMINATE
