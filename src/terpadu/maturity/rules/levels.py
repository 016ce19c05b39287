"""Read a level that a person gave: a whole level of the scale, or a decimal where an outside index is taken over."""

from __future__ import annotations

from fractions import Fraction

from terpadu.kernel.numbers import exact
from terpadu.maturity.faults import Fault
from terpadu.maturity.rules.instrument import Indicator, Instrument


def read_level(text: str, *, instrument: Instrument, indicator: Indicator, line: int = 0) -> Fraction | Fault:
    """Read one level; return a Fault for a blank, a word, a number outside the scale or a fraction of a level."""
    values = {
        "indicator": indicator.number,
        "given": text.strip()[:20],
        "lowest": str(instrument.scale_min),
        "highest": str(instrument.scale_max),
    }
    level = exact(text)
    if level is None:
        code = "level_word" if text.strip() else "level_blank"
        return Fault(code=code, line=line, place=f"indicator {indicator.number}", values=values)
    if not instrument.scale_min <= level <= instrument.scale_max:
        return Fault(code="level_outside", line=line, place=f"indicator {indicator.number}", values=values)
    if level.denominator != 1 and indicator.outside is None:
        return Fault(code="level_fraction", line=line, place=f"indicator {indicator.number}", values=values)
    return level
