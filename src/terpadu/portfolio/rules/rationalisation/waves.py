"""In which order applications move: nothing before what it waits for, no wave larger than it can be, easy ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from terpadu.portfolio.rules.clearance.decisions import months_after


@dataclass(frozen=True)
class Step:
    """A move to be ordered. after: codes that must have moved before. risk: less comes earlier, such as its dependents."""

    code: str
    after: frozenset[str] = frozenset()
    risk: int = 0


@dataclass(frozen=True)
class Ordering:
    """Waves of codes in order. circle: codes that wait for each other, which belong to no wave."""

    waves: tuple[tuple[str, ...], ...]
    circle: tuple[str, ...]


def order_waves(steps: Iterable[Step], *, size: int) -> Ordering:
    """Return the waves. size: moves in a wave at most, at least 1. What a move waits for outside the list counts as done."""
    left = {one.code: one for one in steps}
    inside = set(left)
    done: set[str] = set()
    waves: list[tuple[str, ...]] = []
    while ready := [one for one in left.values() if one.after & inside <= done]:
        ready.sort(key=lambda one: (one.risk, one.code))
        wave = tuple(one.code for one in ready[: max(size, 1)])
        waves.append(wave)
        done |= set(wave)
        left = {code: one for code, one in left.items() if code not in done}
    return Ordering(tuple(waves), tuple(sorted(left)))


def wave_days(number: int, *, starts_on: date, months: int) -> tuple[date, date]:
    """Return first and last day of a wave. number: from 1. months: how long each lasts."""
    return months_after(starts_on, (number - 1) * months), months_after(starts_on, number * months)
