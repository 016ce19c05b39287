"""Which value counts when an indicator was assessed at several stages."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from terpadu.maturity.rules.instrument import Instrument, RoundKind


def final_value(
    instrument: Instrument, given: Mapping[str, Fraction | int], *, kind: RoundKind
) -> Fraction | int | None:
    """Combine the values of the stages of one indicator; None when no stage has given one.

    given: value by stage key; the order in which they were entered does not matter. Under "last", the value of the
    last stage in the instrument's order counts. Under "weighted", the mean of the weighted stages that took place,
    their weights taken to add up to the whole (assumed: the draft rules do not say what a missing visit does).
    """
    present = [stage for stage in instrument.stages_of(kind) if stage.key in given]
    if not present:
        return None
    weighted = [stage for stage in present if stage.weight]
    if instrument.combination == "last" or not weighted:
        return given[present[-1].key]
    total = sum((stage.weight or Fraction() for stage in weighted), Fraction())
    return sum(((stage.weight or Fraction()) * given[stage.key] for stage in weighted), Fraction()) / total
