"""The shape of an instrument: a tree of domains, aspects and indicators with weights, levels, bands and stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Literal

RoundKind = Literal["monitoring", "evaluation"]
StageBy = Literal["agency", "assessor"]
Combination = Literal["last", "weighted"]


@dataclass(frozen=True)
class Text:
    """A text in both languages; the Indonesian one is the official one."""

    id: str
    en: str


@dataclass(frozen=True)
class Level:
    """A level of a scale with its name, such as 3 "Terdefinisi"."""

    number: int
    name: Text


@dataclass(frozen=True)
class Criterion:
    """What a level of an indicator asks, as printed. is_cumulative: it also asks the level below. annotation: our note."""

    level: int
    text: str
    is_cumulative: bool
    annotation: Text | None


@dataclass(frozen=True)
class OutsideIndex:
    """The index of another institution from which an indicator's value is taken."""

    institution: str
    index: str


@dataclass(frozen=True)
class FactRule:
    """A fact that the platform can offer, and when it speaks against a claim.

    A level above `contradicts_above` is contradicted when the fact's number is below `when_below`; None: never.
    """

    key: str
    contradicts_above: int | None
    when_below: int | None


@dataclass(frozen=True)
class Indicator:
    """One question. weight: its share of `Instrument.total_weight`. names_service: the answer must name a service."""

    number: str
    name: Text
    weight: Fraction
    aspect: str
    levels: tuple[Level, ...]
    criteria: tuple[Criterion, ...]
    outside: OutsideIndex | None
    names_service: bool
    facts: tuple[FactRule, ...]


@dataclass(frozen=True)
class Aspect:
    """A group of indicators. domain: number of its domain, "" in an instrument without domains."""

    number: str
    name: Text
    weight: Fraction
    domain: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Domain:
    """A group of aspects."""

    number: str
    name: Text
    weight: Fraction
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True)
class Band:
    """A predicate for a range of the index: lower limit included, upper excluded except for the top band."""

    key: str
    name: Text
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True)
class Stage:
    """A step at which every indicator gets a level. weight: its part under the "weighted" rule, else None."""

    key: str
    name: Text
    by: StageBy
    kinds: tuple[RoundKind, ...]
    is_optional: bool
    weight: Fraction | None


@dataclass(frozen=True)
class Annotation:
    """Our note on something the regulation prints."""

    about: str
    text: Text


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire; what every rule of this domain works on.

    code: such as "permenpanrb-59-2020". first_year, last_year: years it may measure (None: still in force).
    scale_min, scale_max: lowest and highest level. places: decimals of published values. sha256: digest of its file.
    """

    code: str
    name: Text
    regulation: str
    articles: str
    first_year: int
    last_year: int | None
    scale_min: int
    scale_max: int
    places: int
    total_weight: Fraction
    target_level: int
    target_index: Decimal
    bands: tuple[Band, ...]
    combination: Combination
    stages: tuple[Stage, ...]
    domains: tuple[Domain, ...]
    aspects: tuple[Aspect, ...]
    annotations: tuple[Annotation, ...] = ()
    assumptions: tuple[str, ...] = ()
    has_criteria: bool = True
    sha256: str = field(default="", compare=False)

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Every indicator by number, in the order of the file."""
        return {one.number: one for aspect in self.aspects for one in aspect.indicators}

    @cached_property
    def weight_denominator(self) -> int:
        """The least number that makes every weight whole."""
        return lcm(
            self.total_weight.denominator, *(one.weight.denominator for one in self.indicators.values())
        )

    @cached_property
    def scaled_weights(self) -> dict[str, int]:
        """Each indicator's weight as a whole number: times `weight_denominator`."""
        return {number: self.scaled(one.weight) for number, one in self.indicators.items()}

    def scaled(self, weight: Fraction) -> int:
        """Return a weight times `weight_denominator`: whole for every node, since its parts add up to it."""
        return weight.numerator * (self.weight_denominator // weight.denominator)

    def covers_year(self, year: int) -> bool:
        """Tell whether a year may be measured with this instrument."""
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def stages_of(self, kind: RoundKind) -> tuple[Stage, ...]:
        """Return the stages of a kind of measurement, in order."""
        return tuple(stage for stage in self.stages if kind in stage.kinds)

    def band_of(self, published: Decimal) -> Band:
        """Return the band of a published index. Raises ValueError outside the scale; holes are refused at loading."""
        for band in self.bands:
            if band.lower <= published < band.upper or published == band.upper == self.scale_max:
                return band
        raise ValueError(f"{published} is outside the scale of {self.code}")
