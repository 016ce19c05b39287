"""The satisfaction of those whom a service served: nine elements, an index from 25 to 100, a grade (PermenPANRB 14/2017)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from terpadu.kernel.numbers import round_half_up

LOWEST, HIGHEST = 1, 4
FACTOR = 25
"""What turns a mean of 1..4 into an index of 25..100."""
PLACES = 2

Texts = Mapping[str, str]
Counts = Mapping[str, tuple[int, ...]]
"""How often each score was given, by element: four numbers, for the scores 1 to 4."""
NOBODY = (0, 0, 0, 0)


@dataclass(frozen=True)
class Element:
    """One element of the survey. weight: its share of the index. answers: the words for the scores 1 to 4."""

    key: str
    name: Texts
    question: Texts
    weight: Fraction
    answers: tuple[Texts, ...]


@dataclass(frozen=True)
class Grade:
    """A grade and the published indices that it covers, both ends included."""

    letter: str
    name: Texts
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True)
class Questionnaire:
    """The survey as a regulation lays it down.

    valid_from: first day on which it is asked. least_answers: a result of fewer is not shown. months: how many ended
    months a result covers.
    """

    code: str
    legal_basis: str
    valid_from: date
    elements: tuple[Element, ...]
    grades: tuple[Grade, ...]
    least_answers: int
    months: int


@dataclass(frozen=True)
class ElementResult:
    """What was said of one element. mean: from 1 to 4 with two decimals, None when nobody scored it."""

    element: Element
    answers: int
    mean: Decimal | None


@dataclass(frozen=True)
class SurveyResult:
    """The result of a survey.

    answers: how many people answered. index: published, with two decimals; None while an element has no score. grade: of
    the published index. lowest: the element with the lowest exact mean, the first of them at a tie.
    """

    answers: int
    elements: tuple[ElementResult, ...]
    index: Decimal | None
    grade: Grade | None
    lowest: Element | None


def counts_join(parts: Iterable[Counts]) -> dict[str, tuple[int, ...]]:
    """Add up the scores of several months or services; the order does not matter."""
    joined: dict[str, tuple[int, ...]] = {}
    for counts in parts:
        for key, numbers in counts.items():
            before = joined.get(key, NOBODY)
            joined[key] = tuple(old + new for old, new in zip(before, numbers, strict=True))
    return joined


def counts_add(counts: Counts, *, scores: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Count one person's scores: element to 1..4; elements that are left out do not count."""
    given = {
        key: tuple(int(place == score) for place in range(LOWEST, HIGHEST + 1))
        for key, score in scores.items()
    }
    return counts_join((counts, given))


def mean_of(numbers: tuple[int, ...]) -> Fraction | None:
    """Return the exact mean score of an element: the sum of its scores by the number of those who scored it."""
    total = sum(numbers)
    points = sum(score * number for score, number in enumerate(numbers, LOWEST))
    return Fraction(points, total) if total else None


def result_of(questionnaire: Questionnaire, *, answers: int, counts: Counts) -> SurveyResult:
    """Work out a result: exact means, their weighted sum times 25, rounded half up, then graded."""
    means = {one.key: mean_of(counts.get(one.key, NOBODY)) for one in questionnaire.elements}
    known = {key: mean for key, mean in means.items() if mean is not None}
    index = None
    if len(known) == len(means):
        exact = sum((one.weight * known[one.key] for one in questionnaire.elements), Fraction(0))
        index = round_half_up(exact * FACTOR, places=PLACES)
    scored = [one for one in questionnaire.elements if one.key in known]
    return SurveyResult(
        answers=answers,
        elements=tuple(
            _element(one, numbers=counts.get(one.key, NOBODY), mean=means[one.key])
            for one in questionnaire.elements
        ),
        index=index,
        grade=grade_of(questionnaire, index) if index is not None else None,
        lowest=min(scored, key=lambda one: known[one.key]) if scored else None,
    )


def _element(element: Element, *, numbers: tuple[int, ...], mean: Fraction | None) -> ElementResult:
    shown = None if mean is None else round_half_up(mean, places=PLACES)
    return ElementResult(element=element, answers=sum(numbers), mean=shown)


def grade_of(questionnaire: Questionnaire, index: Decimal) -> Grade:
    """Return the grade of a published index. Raises LookupError outside 25.00 to 100.00."""
    for grade in questionnaire.grades:
        if grade.lower <= index <= grade.upper:
            return grade
    raise LookupError(f"no grade for {index}")


def months_before(day: date, *, months: int) -> tuple[date, date]:
    """Return the span of so many ended months before a day: first day of the first, first day after the last.

    The present month is left out: a figure that moved with each answer would tell what the last one said.
    """
    until = day.replace(day=1)
    first = until.year * 12 + until.month - 1 - months
    return date(first // 12, first % 12 + 1, 1), until
