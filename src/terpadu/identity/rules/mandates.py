"""Pure rules of representation: when a parent's ends, what a mandate may contain, what it covers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from terpadu.identity.enums import MandateEnd, MandateState

ALL_SERVICES = "*"


@dataclass(frozen=True)
class FamilyMember:
    """One member of a family card. Parents and guardian by NIK, "" when unknown. sex: "L" or "P"."""

    nik: str
    name: str
    birth_on: date
    sex: str
    is_married: bool
    mother_nik: str = ""
    father_nik: str = ""
    guardian_nik: str = ""


def birthday(birth_on: date, *, age: int) -> date:
    """Return the day on which somebody turns an age; who was born on 29 February does so on 1 March otherwise."""
    try:
        return birth_on.replace(year=birth_on.year + age)
    except ValueError:
        return date(birth_on.year + age, 3, 1)


def end_of_childhood(member: FamilyMember, *, age: int, today: date) -> MandateEnd | None:
    """Return why nobody acts for a person as a child any more, or None while they are one."""
    if birthday(member.birth_on, age=age) <= today:
        return MandateEnd.OF_AGE
    return MandateEnd.MARRIED if member.is_married else None


def is_parent_of(nik: str, member: FamilyMember) -> bool:
    """Tell whether the registry names a NIK as somebody's mother, father or guardian."""
    return bool(nik) and nik in (member.mother_nik, member.father_nik, member.guardian_nik)


def state_of(
    *,
    started_at: datetime | None,
    valid_until: datetime | None,
    ended_at: datetime | None,
    is_offer: bool,
    now: datetime,
) -> MandateState:
    """Return where a mandate stands. is_offer: it waits for the one who is to act, not for an officer."""
    if ended_at is not None or (valid_until is not None and valid_until <= now):
        return MandateState.ENDED
    if started_at is None:
        return MandateState.OFFERED if is_offer else MandateState.REQUESTED
    return MandateState.ACTIVE


def is_period_allowed(until: datetime, *, now: datetime, longest: timedelta) -> bool:
    """Tell whether a given mandate may run until a moment."""
    return now < until <= now + longest


def are_services_allowed(services: Collection[str], *, known: Collection[str]) -> bool:
    """Tell whether a mandate names at least one service, and only services that exist (or all of them, "*")."""
    return bool(services) and (list(services) == [ALL_SERVICES] or set(services) <= set(known))
