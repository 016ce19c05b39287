"""Signing keys as an operator sees them: with their dates, and what happens to each next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from terpadu.identity.enums import KeyState
from terpadu.identity.models import SigningKey
from terpadu.identity.rules.provider.lifetimes import LIFETIMES

ORDER = {KeyState.ACTIVE: 0, KeyState.NEXT: 1, KeyState.RETIRED: 2}


@dataclass(frozen=True)
class KeyView:
    """A signing key. until: for a next key from when on it may sign, else until when it signs or is published."""

    kid: str
    alg: str
    state: str
    state_label: str
    created_at: datetime
    active_from: datetime | None
    retired_at: datetime | None
    until: datetime


def keys_list() -> list[KeyView]:
    """Return all keys: what signs first, then what comes, then what was. One query."""
    rows = sorted(SigningKey.objects.defer("sealed"), key=lambda row: (ORDER[KeyState(row.state)], row.alg))
    return [
        KeyView(
            row.kid,
            row.alg,
            row.state,
            str(KeyState(row.state).label),
            row.created_at,
            row.active_from,
            row.retired_at,
            _until(row),
        )
        for row in rows
    ]


def _until(row: SigningKey) -> datetime:
    if row.state == KeyState.NEXT:
        return row.created_at + LIFETIMES.key_next
    if row.state == KeyState.RETIRED and row.retired_at:
        return row.retired_at + LIFETIMES.key_retired
    return (row.active_from or row.created_at) + LIFETIMES.key_active
