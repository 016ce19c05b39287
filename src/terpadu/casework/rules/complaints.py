"""Complaints about a case: how long the answer may take, and who may give it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class ComplaintRule:
    """How complaints are handled from a day on.

    take_days: working days until somebody takes it in hand. answer_days: working days until it is answered, from the
    moment it came. heads: kinds of positions that answer first. retain_years: how long its words are kept after the answer.
    """

    valid_from: date
    legal_basis: str
    take_days: int
    answer_days: int
    heads: tuple[str, ...]
    retain_years: int


def handlers_of(
    *, heads: Collection[UUID], others: Collection[UUID], involved: Collection[UUID]
) -> frozenset[UUID]:
    """Return who may answer a complaint: never one who took part in the case, as long as anybody else is there.

    heads: who holds a head's position in the agency. others: officers with a role in the service. involved: the officers
    who acted in the case, and the people whose case it is.
    """
    for group in (heads, others):
        free = frozenset(group) - frozenset(involved)
        if free:
            return free
    return frozenset(heads) or frozenset(others)
