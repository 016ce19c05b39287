"""The dated reference data that comes along: the satisfaction survey and how complaints are handled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Protocol, Self, TypeVar

from pydantic import BeforeValidator, Field, StrictInt, StrictStr, model_validator
from ruamel.yaml import YAML

from terpadu.casework.definitions.words import Identifier, Strict, Text
from terpadu.casework.rules.complaints import ComplaintRule
from terpadu.casework.rules.survey import FACTOR, HIGHEST, LOWEST, Element, Grade, Questionnaire
from terpadu.kernel.numbers import exact

HERE = Path(__file__).resolve().parent / "data"
STEP = Decimal("0.01")


class Dated(Protocol):
    """Reference data with the first day on which it counts."""

    @property
    def valid_from(self) -> date:
        """The first day."""
        ...


Rule = TypeVar("Rule", bound=Dated)


def _fraction(given: object) -> Fraction:
    found = exact(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError("not an exact number in quotes")
    return found


class NumberPart(Strict):
    """A number and where it is from."""

    number: Annotated[StrictInt, Field(ge=1)]
    source: StrictStr


class ElementPart(Strict, arbitrary_types_allowed=True):
    """One element with the words for its four scores."""

    key: Identifier
    name: Text
    question: Text
    weight: Annotated[Fraction, BeforeValidator(_fraction)]
    answers: tuple[Text, Text, Text, Text]


class GradePart(Strict):
    """One grade."""

    letter: StrictStr
    name: Text
    lower: Decimal
    upper: Decimal


class SurveyFile(Strict):
    """A survey's file; weights that do not make one, or grades with a hole, are refused with their place."""

    code: Annotated[StrictStr, Field(pattern=r"^[a-z0-9-]{3,40}$")]
    legal_basis: StrictStr
    valid_from: date
    least_answers: NumberPart
    months: NumberPart
    elements: tuple[ElementPart, ...] = Field(min_length=1)
    grades: tuple[GradePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _weights_make_one(self) -> Self:
        total = sum((one.weight for one in self.elements), Fraction(0))
        if total != 1:
            raise ValueError(f"elements: the weights add up to {total}, not 1")
        if len({one.key for one in self.elements}) < len(self.elements):
            raise ValueError("elements: a key is there twice")
        return self

    @model_validator(mode="after")
    def _grades_have_no_hole(self) -> Self:
        expected = Decimal(LOWEST * FACTOR)
        for grade in sorted(self.grades, key=lambda one: one.lower):
            if grade.lower != expected or grade.upper < grade.lower:
                raise ValueError(f"grades: {grade.letter} begins at {grade.lower}, not at {expected}")
            expected = grade.upper + STEP
        if expected != HIGHEST * FACTOR + STEP:
            raise ValueError(f"grades: nothing from {expected} to {HIGHEST * FACTOR}")
        return self


class DaysPart(Strict):
    """A limit in working days and where it is from."""

    working_days: Annotated[StrictInt, Field(ge=1, le=365)]
    source: StrictStr


class HeadsPart(Strict):
    """Kinds of positions and where the choice is from."""

    positions: tuple[Identifier, ...] = Field(min_length=1)
    source: StrictStr


class YearsPart(Strict):
    """A time in years and where it is from."""

    years: Annotated[StrictInt, Field(ge=1, le=100)]
    source: StrictStr


class ComplaintFile(Strict):
    """A file about complaints; taking one in hand may not take longer than answering it."""

    legal_basis: StrictStr
    valid_from: date
    take: DaysPart
    answer: DaysPart
    heads: HeadsPart
    retain: YearsPart

    @model_validator(mode="after")
    def _taken_before_answered(self) -> Self:
        if self.take.working_days > self.answer.working_days:
            raise ValueError("take: is later than answer")
        return self


def questionnaire_on(day: date) -> Questionnaire:
    """Return the survey in force on a day. Raises LookupError before the first one."""
    return _in_force(_questionnaires(), day)


def complaint_rule_on(day: date) -> ComplaintRule:
    """Return how complaints are handled on a day. Raises LookupError before the first rule."""
    return _in_force(_complaint_rules(), day)


def _in_force(rules: Iterable[Rule], day: date) -> Rule:
    begun = [rule for rule in rules if rule.valid_from <= day]
    if not begun:
        raise LookupError(f"nothing is in force on {day}")
    return max(begun, key=lambda rule: rule.valid_from)


@cache
def _questionnaires() -> tuple[Questionnaire, ...]:
    return tuple(survey_parse(content) for content in _read("survey"))


@cache
def _complaint_rules() -> tuple[ComplaintRule, ...]:
    return tuple(complaint_parse(content) for content in _read("complaints"))


def _read(folder: str) -> list[Any]:
    return [YAML(typ="safe").load(path.read_text("utf-8")) for path in sorted((HERE / folder).glob("*.yaml"))]


def survey_parse(content: Any) -> Questionnaire:
    """Check the content of a survey's file. Raises pydantic's ValidationError with every place that does not hold."""
    form = SurveyFile.model_validate(content)
    return Questionnaire(
        code=form.code,
        legal_basis=form.legal_basis,
        valid_from=form.valid_from,
        elements=tuple(
            Element(
                one.key,
                one.name.as_dict(),
                one.question.as_dict(),
                one.weight,
                tuple(text.as_dict() for text in one.answers),
            )
            for one in form.elements
        ),
        grades=tuple(Grade(one.letter, one.name.as_dict(), one.lower, one.upper) for one in form.grades),
        least_answers=form.least_answers.number,
        months=form.months.number,
    )


def complaint_parse(content: Any) -> ComplaintRule:
    """Check the content of a file about complaints. Raises pydantic's ValidationError."""
    form = ComplaintFile.model_validate(content)
    return ComplaintRule(
        valid_from=form.valid_from,
        legal_basis=form.legal_basis,
        take_days=form.take.working_days,
        answer_days=form.answer.working_days,
        heads=form.heads.positions,
        retain_years=form.retain.years,
    )
