"""The form of an instrument's file. Field names are its keys; unknown keys are refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from terpadu.kernel.numbers import exact


def _exact_fraction(given: object) -> Fraction:
    value = exact(given) if isinstance(given, str) else None
    if value is None:
        raise PydanticCustomError("number_inexact", "not an exact number in quotes")
    return value


def _exact_decimal(given: object) -> Decimal:
    _exact_fraction(given)
    return Decimal(str(given))


Exact = Annotated[Fraction, BeforeValidator(_exact_fraction)]
ExactDecimal = Annotated[Decimal, BeforeValidator(_exact_decimal)]
Number = Annotated[str, Field(min_length=1, max_length=10)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class TextPart(_Part):
    """A text in both languages."""

    id: str = Field(min_length=1)
    en: str = Field(min_length=1)


class LegalBasis(_Part):
    """Which regulation, and where in it."""

    regulation: str
    articles: str


class Years(_Part):
    """The years that may be measured; no last year: still in force."""

    first: int
    last: int | None = None
    source: str


class Scale(_Part):
    """Lowest and highest level."""

    minimum: int
    maximum: int


class Rounding(_Part):
    """How values are published."""

    places: Literal[0, 1, 2, 3, 4]
    rule: Literal["half_up"]
    source: str


class BandRule(_Part):
    """On which value the band is taken."""

    on: Literal["published_value"]
    source: str


class Target(_Part):
    """What the regulation asks every agency to reach."""

    level: int
    index: ExactDecimal
    source: str


class BandPart(_Part):
    """One predicate."""

    key: Key
    name: TextPart
    lower: ExactDecimal
    upper: ExactDecimal


class StagePart(_Part):
    """One stage."""

    key: Key
    name: TextPart
    by: Literal["agency", "assessor"]
    kinds: list[Literal["monitoring", "evaluation"]] = Field(min_length=1)
    optional: bool = False
    weight: Exact | None = None


class Stages(_Part):
    """All stages in order, and how their values are combined."""

    combination: Literal["last", "weighted"]
    source: str
    items: list[StagePart] = Field(min_length=1)


class LevelPart(_Part):
    """One level's name."""

    level: int
    name: TextPart


class DomainPart(_Part):
    """One domain."""

    number: Number
    name: TextPart
    weight: Exact


class AspectPart(_Part):
    """One aspect."""

    number: Number
    name: TextPart
    weight: Exact
    domain: str = ""


class CriteriaState(_Part):
    """Whether every level has its criterion; "absent" says why in `source`."""

    state: Literal["complete", "absent"]
    source: str


class AnnotationPart(_Part):
    """A note of ours."""

    about: str
    text: TextPart


class CriterionPart(_Part):
    """What one level asks."""

    level: int
    text: str = Field(min_length=1)
    cumulative: bool = False
    annotation: TextPart | None = None


class OutsidePart(_Part):
    """Another institution's index."""

    institution: str
    index: str


class FactPart(_Part):
    """A platform fact offered as evidence, and when it contradicts a claim."""

    key: str
    contradicts_above: int | None = None
    when_below: int | None = None


class IndicatorPart(_Part):
    """One indicator."""

    number: Number
    name: TextPart
    weight: Exact
    aspect: str
    level_set: str
    external: OutsidePart | None = None
    names_service: bool = False
    facts: list[FactPart] = []
    criteria: list[CriterionPart] = []


class InstrumentFile(_Part):
    """A whole file."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    name: TextPart
    legal_basis: LegalBasis
    years: Years
    scale: Scale
    total_weight: Exact
    rounding: Rounding
    band_rule: BandRule
    target: Target
    bands: list[BandPart] = Field(min_length=1)
    stages: Stages
    level_sets: dict[str, list[LevelPart]] = Field(min_length=1)
    domains: list[DomainPart] = []
    aspects: list[AspectPart] = Field(min_length=1)
    criteria: CriteriaState
    annotations: list[AnnotationPart] = []
    indicators: list[IndicatorPart] = Field(min_length=1)


class MappingPart(_Part):
    """One decision of comparability."""

    older: str
    newer: str
    index: bool
    aspects: dict[str, str] = {}
    basis: TextPart


class ComparisonFile(_Part):
    """All decisions of comparability; without one, two instruments are not comparable."""

    mappings: list[MappingPart]
