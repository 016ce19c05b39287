"""What if: which indicators raise the index most for one level, and the fewest levels that reach a target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from terpadu.kernel.numbers import round_half_up
from terpadu.maturity.rules.instrument import Indicator, Instrument
from terpadu.maturity.rules.score import score_indicators


@dataclass(frozen=True)
class Raise:
    """One indicator raised. gain: what it adds to the exact index. index: published index after this and all before."""

    indicator: str
    from_level: int
    to_level: int
    gain: Fraction
    index: Decimal

    @property
    def levels(self) -> int:
        """By how many levels it is raised."""
        return self.to_level - self.from_level


class OutOfReach(Exception):
    """Even the highest level everywhere does not reach the target; `highest` is what it would reach."""

    def __init__(self, highest: Decimal) -> None:
        super().__init__(str(highest))
        self.highest = highest


def best_raises(instrument: Instrument, values: Mapping[str, Fraction | int]) -> list[Raise]:
    """Rank single steps: each indicator that can rise, raised by one level, highest gain first, then by number.

    Indicators taken from an outside index are left out: the agency cannot set them. Each `index` is that step alone.
    """
    now = score_indicators(instrument, values).index.exact
    found = []
    for one in _movable(instrument, values):
        gain = one.weight / instrument.total_weight
        index = round_half_up(now + gain, places=instrument.places)
        level = floor(values[one.number])
        found.append(Raise(one.number, from_level=level, to_level=level + 1, gain=gain, index=index))
    return sorted(found, key=lambda step: -step.gain)


def least_steps(
    instrument: Instrument,
    values: Mapping[str, Fraction | int],
    *,
    target: Decimal,
    kept: Collection[str] = (),
) -> list[Raise]:
    """Find the fewest single-level steps with which the published index reaches a target.

    kept: indicators that must not be touched. Every level of an indicator adds the same, its weight, so taking the
    heaviest first is the least; the last step is then exchanged for the lightest that still suffices. Returns one Raise
    for each indicator, heaviest first, empty when the target is reached already. Raises OutOfReach.
    """
    now = score_indicators(instrument, values).index.exact
    needed = _least_exact(target, places=instrument.places) - now
    movable = [one for one in _movable(instrument, values) if one.number not in kept]
    steps = _heaviest_first(instrument, movable, values, needed=needed)
    counts: dict[str, int] = {}
    for one in steps:
        counts[one.number] = counts.get(one.number, 0) + 1
    return _raises(instrument, values, counts, start=now)


def _heaviest_first(
    instrument: Instrument,
    movable: list[Indicator],
    values: Mapping[str, Fraction | int],
    *,
    needed: Fraction,
) -> list[Indicator]:
    pool = [
        one
        for one in sorted(movable, key=lambda item: -item.weight)
        for _ in range(instrument.scale_max - floor(values[one.number]))
    ]
    taken: list[Indicator] = []
    reached = Fraction()
    for one in pool:
        if reached >= needed:
            break
        taken.append(one)
        reached += one.weight / instrument.total_weight
    if reached < needed:
        highest = score_indicators(instrument, values).index.exact + reached
        raise OutOfReach(round_half_up(highest, places=instrument.places))
    if taken:
        before = reached - taken[-1].weight / instrument.total_weight
        taken[-1] = next(
            one
            for one in reversed(pool[len(taken) - 1 :])
            if before + one.weight / instrument.total_weight >= needed
        )
    return taken


def _raises(
    instrument: Instrument,
    values: Mapping[str, Fraction | int],
    counts: Mapping[str, int],
    *,
    start: Fraction,
) -> list[Raise]:
    found = []
    for number, count in counts.items():
        gain = instrument.indicators[number].weight * count / instrument.total_weight
        start += gain
        level = floor(values[number])
        index = round_half_up(start, places=instrument.places)
        found.append(Raise(number, from_level=level, to_level=level + count, gain=gain, index=index))
    return found


def _movable(instrument: Instrument, values: Mapping[str, Fraction | int]) -> list[Indicator]:
    return [
        one
        for one in instrument.indicators.values()
        if one.outside is None and values[one.number] < instrument.scale_max
    ]


def _least_exact(target: Decimal, *, places: int) -> Fraction:
    """Return the least exact value that is published as `target` (rounding half up)."""
    return Fraction(target) - Fraction(1, 2 * 10**places)
