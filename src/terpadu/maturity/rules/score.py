"""The calculator: aspects, domains and index as weighted means, exact, rounded only when published.

aspect = sum(level x indicator weight) / aspect weight; domain = sum(aspect x aspect weight) / domain weight; index =
sum(domain x domain weight) / total weight (PermenPANRB 59/2020 part B.4, read by its worked examples). Means are taken
of unrounded values, so the index also is sum(level x indicator weight) / total weight.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from terpadu.kernel.numbers import quotient_half_up
from terpadu.maturity.rules.instrument import Band, Instrument


@dataclass(frozen=True)
class Value:
    """A value of the tree: exact, and as published."""

    exact: Fraction
    published: Decimal


@dataclass(frozen=True)
class Score:
    """The result of one agency. domains and aspects by number, in the order of the instrument; may be empty."""

    index: Value
    band: Band
    domains: Mapping[str, Value]
    aspects: Mapping[str, Value]


class Incomplete(Exception):
    """Values are missing, or there are too many; `missing` and `unknown` name them."""

    def __init__(self, *, missing: list[str], unknown: list[str]) -> None:
        super().__init__(f"missing {missing}, unknown {unknown}")
        self.missing = missing
        self.unknown = unknown


def score_indicators(instrument: Instrument, values: Mapping[str, Fraction | int]) -> Score:
    """Compute index, domains and aspects from one value for every indicator.

    values: by indicator number, within the scale; order does not matter. Raises Incomplete.
    """
    _check_complete(values, expected=instrument.indicators.keys())
    part = lcm(*(value.denominator for value in values.values()))
    weights = instrument.scaled_weights
    sums = {
        aspect.number: sum(
            _scaled(values[one.number], weights[one.number], part) for one in aspect.indicators
        )
        for aspect in instrument.aspects
    }
    return _score(instrument, sums, part=part)


def score_aspects(instrument: Instrument, values: Mapping[str, Fraction | int]) -> Score:
    """Compute domains and index from published values of all aspects. Raises Incomplete."""
    _check_complete(values, expected=[aspect.number for aspect in instrument.aspects])
    part = lcm(*(value.denominator for value in values.values()))
    sums = {
        one.number: _scaled(values[one.number], instrument.scaled(one.weight), part)
        for one in instrument.aspects
    }
    return _score(instrument, sums, part=part)


def score_domains(instrument: Instrument, values: Mapping[str, Fraction | int]) -> Score:
    """Compute the index from published values of all domains. Raises Incomplete."""
    _check_complete(values, expected=[domain.number for domain in instrument.domains])
    total = sum((one.weight * values[one.number] for one in instrument.domains), Fraction())
    mean = total / instrument.total_weight
    index = _value(instrument, mean.numerator, mean.denominator)
    domains = {
        one.number: _value(instrument, values[one.number].numerator, values[one.number].denominator)
        for one in instrument.domains
    }
    return Score(index=index, band=instrument.band_of(index.published), domains=domains, aspects={})


def _scaled(value: Fraction | int, weight: int, part: int) -> int:
    """Multiply value, weight and the values' common denominator, in whole numbers."""
    return weight * value.numerator * (part // value.denominator)


def _score(instrument: Instrument, sums: Mapping[str, int], *, part: int) -> Score:
    """Divide the weighted sums of aspects by the weights of the nodes; every number is scaled to be whole."""

    def mean(total: int, weight: Fraction) -> Value:
        return _value(instrument, total, instrument.scaled(weight) * part)

    aspects = {one.number: mean(sums[one.number], one.weight) for one in instrument.aspects}
    domains = {
        domain.number: mean(sum(sums[one.number] for one in domain.aspects), domain.weight)
        for domain in instrument.domains
    }
    index = mean(sum(sums.values()), instrument.total_weight)
    return Score(index=index, band=instrument.band_of(index.published), domains=domains, aspects=aspects)


def _value(instrument: Instrument, numerator: int, denominator: int) -> Value:
    published = quotient_half_up(numerator, denominator, places=instrument.places)
    return Value(exact=Fraction(numerator, denominator), published=published)


def _check_complete(values: Mapping[str, Fraction | int], *, expected: Collection[str]) -> None:
    if values.keys() != set(expected):
        missing = [number for number in expected if number not in values]
        unknown = [number for number in values if number not in expected]
        raise Incomplete(missing=missing, unknown=unknown)
