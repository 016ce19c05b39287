"""Chance that falls the same way in every run.

Only `random.Random.random()` is used: it is the one method whose sequence Python promises to keep for
a given seed, so a population stays byte for byte the same when Python is updated.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Choices of unequal likelihood, prepared once and drawn from often."""

    def __init__(self, choices: Sequence[tuple[T, float]]) -> None:
        """Prepare `choices`, pairs of a value and its weight (any positive unit)."""
        self.values = [value for value, _ in choices]
        self.limits = list(accumulate(weight for _, weight in choices))


class Dice:
    """Seeded chance with the few draws the population needs."""

    def __init__(self, seed: int) -> None:
        """Start the sequence that belongs to `seed`."""
        self._random = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """Return True with the given probability (0 to 1)."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included; `low` when the range is empty."""
        return low + int(self._random() * max(high - low + 1, 1))

    def pick(self, values: Sequence[T]) -> T:
        """Return one of `values`, all equally likely."""
        return values[int(self._random() * len(values))]

    def draw(self, choices: Weighted[T]) -> T:
        """Return one of the prepared choices by weight."""
        return choices.values[bisect_right(choices.limits, self._random() * choices.limits[-1])]

    def day(self, first: date, last: date) -> date:
        """Return a day from `first` to `last`, both included; `first` when the range is empty."""
        return first + timedelta(days=self.between(0, (last - first).days))
