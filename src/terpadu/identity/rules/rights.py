"""Pure rules of data rights: what the law gives, the clock, and what a copy of one's data is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Right:
    """One right: its articles, the hours the law gives, what it says and its limits ({"id", "en"})."""

    articles: str
    hours: int
    says: Texts
    limits: Texts


@dataclass(frozen=True)
class Kept:
    """What stays after an account is deleted, why, and on which law."""

    what: Texts
    why: Texts
    basis: str


@dataclass(frozen=True)
class RightsLaw:
    """A dated law with its rights by key (see `enums.DataRight`). positions: kinds of position that answer requests."""

    law: str
    valid_from: date
    positions: tuple[str, ...]
    rights: Mapping[str, Right]
    kept_after_deletion: tuple[Kept, ...]


@dataclass(frozen=True)
class DataSection:
    """A body of data about people that one domain holds.

    key: stable word. title: {"id", "en"}. owner: gives the code of the agency that answers for it. purpose: why it is kept, with
    the article. read: gives all of it about one person, as plain JSON values.
    """

    key: str
    title: Texts
    owner: Callable[[UUID], str]
    purpose: Texts
    read: Callable[[UUID], Any]


def due_at(made_at: datetime, *, hours: int) -> datetime:
    """Return until when a request must be answered: calendar hours, day and night (3 x 24 hours)."""
    return made_at + timedelta(hours=hours)


def is_late(due: datetime, *, now: datetime) -> bool:
    """Tell whether the time for an answer has passed."""
    return now > due
