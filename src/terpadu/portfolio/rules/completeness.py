"""How complete a record is: a share of weighted parts, each met when one of its fields says something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Part:
    """One part of completeness. fields: any of them is enough. states: life states in which it counts, () for all."""

    key: str
    weight: int
    fields: tuple[str, ...]
    states: tuple[str, ...] = ()


def completeness(record: Mapping[str, object], *, parts: Sequence[Part]) -> int:
    """Return whole percent, rounded down so that 100 means everything; `record` has "costs" and "state" among its keys."""
    counting = [part for part in parts if not part.states or record.get("state") in part.states]
    total = sum(part.weight for part in counting)
    met = sum(part.weight for part in counting if any(is_said(record.get(name)) for name in part.fields))
    return int(Fraction(100 * met, total)) if total else 100


def missing_parts(record: Mapping[str, object], *, parts: Sequence[Part]) -> list[Part]:
    """Return the parts that count and are not met, heaviest first."""
    counting = [part for part in parts if not part.states or record.get("state") in part.states]
    missing = [part for part in counting if not any(is_said(record.get(name)) for name in part.fields)]
    return sorted(missing, key=lambda part: -part.weight)


def is_said(value: object) -> bool:
    """Tell whether a value says something; the number nought does, an empty text, list or table of costs does not."""
    return value is not None and value not in ("", (), [], {})
