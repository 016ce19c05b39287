"""Where a purpose stands, who may move it on, and when nobody has to look at it (after PDND's purposes)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

State = Literal["draft", "waiting", "active", "suspended", "archived", "rejected"]
Side = Literal["consumer", "provider"]
Action = Literal["change", "submit", "approve", "reject", "suspend", "resume", "archive"]

STATES: tuple[State, ...] = get_args(State)
TRANSITIONS: dict[tuple[State, Action], tuple[State, frozenset[Side]]] = {
    ("draft", "change"): ("draft", frozenset({"consumer"})),
    ("draft", "submit"): ("waiting", frozenset({"consumer"})),
    ("waiting", "approve"): ("active", frozenset({"provider"})),
    ("waiting", "reject"): ("rejected", frozenset({"provider"})),
    ("active", "suspend"): ("suspended", frozenset({"consumer", "provider"})),
    ("suspended", "resume"): ("active", frozenset({"consumer", "provider"})),
    ("draft", "archive"): ("archived", frozenset({"consumer"})),
    ("waiting", "archive"): ("archived", frozenset({"consumer"})),
    ("active", "archive"): ("archived", frozenset({"consumer"})),
    ("suspended", "archive"): ("archived", frozenset({"consumer"})),
}
"""What may follow on what, and whose it is to do. A rejected or archived purpose stays so: a new one is drafted."""


@dataclass(frozen=True)
class Standing:
    """A purpose's state; suspended_by: who must lift a suspension, each for its own part."""

    state: State
    suspended_by: frozenset[Side] = frozenset()


def move(standing: Standing, action: Action, *, side: Side) -> Standing | None:
    """Return where a purpose stands after an action of one side, or None when that side may not do it now.

    Each side suspends for itself: a purpose is active again when neither holds it back.
    """
    if action == "suspend" and standing.state == "suspended" and side not in standing.suspended_by:
        return Standing("suspended", standing.suspended_by | {side})
    state, sides = TRANSITIONS.get((standing.state, action), ("draft", frozenset[Side]()))
    if side not in sides:
        return None
    if action == "suspend":
        return Standing("suspended", frozenset({side}))
    if action == "resume":
        if side not in standing.suspended_by:
            return None
        left = standing.suspended_by - {side}
        return Standing("suspended", left) if left else Standing("active")
    return Standing(state)


def actions_of(standing: Standing, *, side: Side) -> tuple[Action, ...]:
    """Return what a side may do now, in the order in which it usually comes."""
    actions: tuple[Action, ...] = ("change", "submit", "approve", "reject", "resume", "suspend", "archive")
    return tuple(action for action in actions if move(standing, action, side=side) is not None)


@dataclass(frozen=True)
class Terms:
    """On which terms a provider lets a purpose pass without looking at it.

    attributes: groups of attribute codes; the consumer must have one of each group (AND of ORs); no group, no terms.
    per_consumer, in_total: most expected calls a day of one consumer's active purposes, and of all consumers'.
    """

    attributes: tuple[tuple[str, ...], ...] = ()
    per_consumer: int = 0
    in_total: int = 0


@dataclass(frozen=True)
class Declared:
    """Expected calls a day of the purposes that are active already: the consumer's own, and everybody's."""

    of_consumer: int = 0
    in_total: int = 0


def has_attributes(groups: Sequence[Collection[str]], held: Collection[str]) -> bool:
    """Tell whether certified attributes fill every group: one code of each is enough."""
    return all(any(code in held for code in group) for group in groups)


def passes_by_itself(terms: Terms, *, held: Collection[str], calls: int, declared: Declared) -> bool:
    """Tell whether a purpose is approved without anybody looking at it.

    held: the consumer's certified attributes. calls: what the purpose expects per day.
    """
    if not terms.attributes or not has_attributes(terms.attributes, held):
        return False
    return declared.of_consumer + calls <= terms.per_consumer and declared.in_total + calls <= terms.in_total
