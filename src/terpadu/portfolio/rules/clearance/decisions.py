"""What a decision must say, and what is proposed when nobody has thought yet: the default answer to "new" is reuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from terpadu.portfolio.enums import DecisionKind, RequestKind
from terpadu.portfolio.faults import Fault

D, K = DecisionKind, RequestKind
LEAST_REASON = 40
ALLOWED: dict[RequestKind, tuple[DecisionKind, ...]] = {
    K.ESTABLISH: (D.REUSE, D.INTEGRATE, D.EXTEND, D.NEW, D.REFUSE),
    K.TAKE_INTO_USE: (D.AGREE, D.REFUSE),
    K.MODIFY: (D.AGREE, D.INTEGRATE, D.REFUSE),
    K.END: (D.AGREE, D.REFUSE),
}
"""What can be decided on each kind of request, the default first."""

POSITIVE = frozenset({D.INTEGRATE, D.EXTEND, D.NEW, D.AGREE})
NAMES_TARGET = frozenset({D.REUSE, D.INTEGRATE, D.EXTEND})


@dataclass(frozen=True)
class NamedCandidate:
    """An existing application that a report names. score: 0 to 1. is_alive: still in use or being made."""

    code: str
    name: str
    score: float
    is_alive: bool = True


@dataclass(frozen=True)
class DecisionFacts:
    """A decision before it is taken. target: code of the application named. why_not_reuse: of the strong candidates."""

    kind: DecisionKind
    target: str
    target_is_alive: bool
    reason: str
    why_not_reuse: str
    expires_on: date | None


def default_decision(
    kind: RequestKind, candidates: Sequence[NamedCandidate], *, strong: float
) -> tuple[DecisionKind, str]:
    """Return the decision that is proposed, with the code of the application it names, "" for none.

    A new application is answered with reuse of the strongest living candidate; without any, the exception is open.
    """
    if kind is not K.ESTABLISH:
        return ALLOWED[kind][0], ""
    named = strongest(candidates, strong=strong)
    return (D.REUSE, named[0].code) if named else (D.NEW, "")


def strongest(candidates: Sequence[NamedCandidate], *, strong: float) -> list[NamedCandidate]:
    """Return the living candidates at or above the strong score, best first."""
    fitting = [one for one in candidates if one.is_alive and one.score >= strong]
    return sorted(fitting, key=lambda one: (-one.score, one.code))


def decision_faults(
    request: RequestKind,
    facts: DecisionFacts,
    *,
    candidates: Sequence[NamedCandidate],
    strong: float,
    today: date,
    most_months: int,
) -> list[Fault]:
    """Return why a decision cannot be taken as it stands; empty when it can."""
    if facts.kind not in ALLOWED[request]:
        return [Fault("decision_unfit", column="kind")]
    faults = [] if len(facts.reason.strip()) >= LEAST_REASON else [Fault("reason_short", column="reason")]
    if facts.kind in NAMES_TARGET and not facts.target:
        faults.append(Fault("target_missing", column="target"))
    elif facts.kind in NAMES_TARGET and not facts.target_is_alive:
        faults.append(Fault("target_ended", column="target"))
    if (
        facts.kind is D.NEW
        and strongest(candidates, strong=strong)
        and len(facts.why_not_reuse.strip()) < LEAST_REASON
    ):
        faults.append(Fault("why_not_reuse", column="why_not_reuse"))
    if facts.kind in POSITIVE:
        faults += _expiry_faults(facts, today=today, most_months=most_months)
    return faults


def _expiry_faults(facts: DecisionFacts, *, today: date, most_months: int) -> list[Fault]:
    if facts.expires_on is None:
        return [Fault("expiry_missing", column="expires_on")]
    latest = months_after(today, most_months)
    if not today < facts.expires_on <= latest:
        return [Fault("expiry_range", column="expires_on", values={"latest": latest.isoformat()})]
    return []


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise ValueError("no such month")
