"""What is proposed for the members of a family: one stays, the others move to it, merge with it, end, or stay with a reason.

A proposal is a beginning: people decide each move before a plan is adopted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from terpadu.portfolio.enums import Fate, Quadrant

DUPLICATE, PRODUCT, FUNCTION = "duplicate", "product", "function"


@dataclass(frozen=True)
class Member:
    """An application of a family. users: None when nobody counted. value, fit: scores, None when unknown."""

    code: str
    quadrant: Quadrant
    is_general: bool = False
    value: float | None = None
    fit: float | None = None
    users: int | None = None
    completeness: int = 0
    is_live: bool = True


@dataclass(frozen=True)
class Proposal:
    """What becomes of a member. successor: code of the one that stays, "" for none. because: key of the reason."""

    code: str
    fate: Fate
    successor: str
    because: str


def keeper_of(members: Sequence[Member]) -> tuple[Member, str]:
    """Return who stays and why.

    A general application set by decree comes first, then what is in use, the best known scores, the most users, the most
    complete record; the code decides between equals. Raises ValueError without members.
    """
    if not members:
        raise ValueError("a family without members")
    kept = min(members, key=_rank)
    if kept.is_general:
        return kept, "general_application"
    return kept, "best_scores" if kept.value is not None and kept.fit is not None else "most_users"


def _rank(one: Member) -> tuple[bool, bool, float, int, int, str]:
    known = (one.value or 0) + (one.fit or 0)
    return (not one.is_general, not one.is_live, -known, -(one.users or 0), -one.completeness, one.code)


def propose(kind: str, members: Sequence[Member]) -> list[Proposal]:
    """Return a proposal for each member, the one that stays first. kind: duplicate, product or function."""
    kept, why = keeper_of(members)
    others = sorted((one for one in members if one.code != kept.code), key=lambda one: one.code)
    return [
        Proposal(kept.code, Fate.KEEP, "", why),
        *(_for(one, kind=kind, kept=kept.code) for one in others),
    ]


def _for(one: Member, *, kind: str, kept: str) -> Proposal:
    if kind == DUPLICATE:
        return Proposal(one.code, Fate.MERGE, kept, "same_application")
    if one.users == 0 and one.quadrant is Quadrant.ELIMINATE:
        return Proposal(one.code, Fate.END, "", "nobody_uses_it")
    if kind == PRODUCT:
        return Proposal(one.code, Fate.MIGRATE, kept, "one_product")
    if one.quadrant is Quadrant.INVEST:
        return Proposal(one.code, Fate.KEEP, "", "stands_on_its_own")
    return Proposal(one.code, Fate.MIGRATE, kept, "same_function")
