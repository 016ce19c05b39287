"""When the person sees an exchange about them, and which rules a purpose may set about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from terpadu_wire.disclosures import AT_ONCE, Disclosure, DisclosureClass, Ground


@dataclass(frozen=True)
class GroundRule:
    """What a law lets a purpose keep back. longest: classes that it allows with the most days of each, 0 for no end."""

    ground: Ground
    longest: Mapping[DisclosureClass, int]


def disclosed_from(
    disclosure: Disclosure, *, at: datetime, closed_at: datetime | None, zone: tzinfo
) -> datetime | None:
    """Return from when the person sees an exchange, or None for never.

    at: moment of the exchange. closed_at: when the case that it named was closed, None while it is open. zone: in which
    a day of the rule begins. Never earlier than the exchange itself.
    """
    if disclosure.kind == "supervisor":
        return None
    ends = at + timedelta(days=disclosure.days or 0)
    if disclosure.kind == "delayed" and disclosure.date is not None:
        ends = datetime.combine(date.fromisoformat(disclosure.date), time.min, zone)
    if disclosure.kind == "closed" and closed_at is not None:
        ends = min(ends, closed_at)
    return max(at, ends)


def objection_to_disclosure(
    disclosure: Disclosure, grounds: Mapping[str, GroundRule], *, today: date, is_by_consent: bool
) -> str:
    """Return the stable code of what is against a purpose's rule, "" when nothing is.

    is_by_consent: whether the purpose stands on the person's consent; who agreed to a reading knows of it.
    """
    if disclosure == AT_ONCE:
        return ""
    known = grounds.get(disclosure.ground.code) if disclosure.ground else None
    if known is None or known.ground != disclosure.ground:
        return "disclosure.ground_unknown"
    if is_by_consent:
        return "disclosure.by_consent"
    if disclosure.kind not in known.longest:
        return "disclosure.not_on_this_ground"
    is_longer = _days_of(disclosure, today=today) > known.longest[disclosure.kind]
    return "disclosure.too_long" if is_longer else ""


def _days_of(disclosure: Disclosure, *, today: date) -> int:
    """Return for how many days a rule keeps an exchange of today back; 0 when no days are named."""
    if disclosure.date is not None:
        return (date.fromisoformat(disclosure.date) - today).days
    return disclosure.days or 0
