"""Whether two results may be compared: within one instrument always, across instruments only by an explicit mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from terpadu.maturity.rules.instrument import Text


@dataclass(frozen=True)
class InstrumentMapping:
    """A decision that values of two instruments may stand side by side.

    index: whether the index itself may. aspects: number in the older instrument to number in the newer one. basis: who
    decided it, and why.
    """

    older: str
    newer: str
    index: bool
    aspects: Mapping[str, str]
    basis: Text


def may_compare_index(first: str, second: str, *, mappings: Sequence[InstrumentMapping]) -> bool:
    """Tell whether the indices of two instruments (by code, in any order) may be compared."""
    return first == second or any(one.index for one in mappings if {one.older, one.newer} == {first, second})


def comparable_aspects(older: str, newer: str, *, mappings: Sequence[InstrumentMapping]) -> Mapping[str, str]:
    """Return which aspect of the older instrument answers to which of the newer one; empty: not comparable."""
    for one in mappings:
        if (one.older, one.newer) == (older, newer):
            return one.aspects
    return {}
