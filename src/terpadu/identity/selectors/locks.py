"""Reads of account locks. Operators see the code of a person (`person_id`), never a name or a NIK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.identity.enums import LockState, SignalKind
from terpadu.identity.models import AccountLock

OPEN = (LockState.LOCK_ASKED, LockState.LOCKED, LockState.UNLOCK_ASKED)


@dataclass(frozen=True)
class LockView:
    """A lock as operators see it. waits_for: who has asked for the step that is open, None when none waits."""

    id: UUID
    person_id: UUID
    state: str
    state_label: str
    signal_label: str
    reason: str
    unlock_reason: str
    asked_at: datetime
    decided_at: datetime | None
    unlocked_at: datetime | None
    waits_for: UUID | None


def locks_open() -> list[LockView]:
    """Return the locks that hold or wait, those that wait first, newest first, at most 200. One query."""
    rows = AccountLock.objects.filter(state__in=OPEN).order_by("-asked_at")[:200]
    return sorted((_view(row) for row in rows), key=lambda view: view.waits_for is None)


def locks_over() -> list[LockView]:
    """Return the newest locks that are over, at most 20. One query."""
    rows = AccountLock.objects.exclude(state__in=OPEN).order_by("-asked_at")[:20]
    return [_view(row) for row in rows]


def locks_of(person_id: UUID) -> list[LockView]:
    """Return a person's locks that were decided, newest first. One query."""
    rows = AccountLock.objects.filter(person_id=person_id).exclude(state=LockState.LOCK_ASKED)
    return [_view(row) for row in rows.order_by("-asked_at")]


def _view(row: AccountLock) -> LockView:
    waits = {LockState.LOCK_ASKED: row.asked_by, LockState.UNLOCK_ASKED: row.unlock_asked_by}
    return LockView(
        id=row.id,
        person_id=row.person_id,
        state=row.state,
        state_label=str(LockState(row.state).label),
        signal_label=str(SignalKind(row.signal).label) if row.signal else "",
        reason=row.reason,
        unlock_reason=row.unlock_reason,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        unlocked_at=row.unlocked_at,
        waits_for=waits.get(LockState(row.state)),
    )
