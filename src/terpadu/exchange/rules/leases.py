"""How a quota is shared among the gateways of one side: never more together than the contract allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Holding:
    """What a gateway holds of a quota today. granted, used: calls of the day. rate: calls a second, while it is live."""

    granted: int = 0
    used: int = 0
    rate: float = 0.0
    is_live: bool = True


@dataclass(frozen=True)
class Wish:
    """What a gateway asks for. used: calls of the day so far, None when it was just started and cannot know."""

    used: int | None
    want: int


@dataclass(frozen=True)
class Allotment:
    """What a gateway gets; as `Holding`, and among how many gateways the quota is shared."""

    granted: int
    used: int
    rate: float
    shared_by: int


def allot(
    wish: Wish, own: Holding, others: Sequence[Holding], *, rps: int | None, per_day: int | None
) -> Allotment:
    """Return a gateway's share.

    own: what it held before. others: the holdings of the other gateways, those that have lapsed too.
    What a lapsed gateway was granted of the day stays granted: it may still be using it where we cannot see.
    """
    live = [other for other in others if other.is_live]
    used = own.granted if wish.used is None else max(own.used, wish.used)
    granted = max(own.granted, used)
    if per_day is not None:
        free = per_day - sum(other.granted for other in others)
        granted = max(granted, min(used + wish.want, free))
    shared_by = len(live) + 1
    rate = 0.0
    if rps is not None:
        rate = max(0.0, min(rps / shared_by, rps - sum(other.rate for other in live)))
    return Allotment(granted, used, rate, shared_by)
