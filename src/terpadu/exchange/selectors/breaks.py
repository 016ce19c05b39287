"""Where an agency's interfaces broke their OpenAPI documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from terpadu.exchange.models import InterfaceBreak


@dataclass(frozen=True)
class BreakView:
    """One place of breaks. place: part of the message, pointer and keyword, such as "answer /data/nik: pattern"."""

    service: str
    operation: str
    place: str
    count: int
    first_at: datetime
    last_at: datetime
    last_transaction_id: UUID


def breaks_of(peer_id: str, *, limit: int = 200) -> list[BreakView]:
    """Return the breaks at an agency's interfaces, the latest first. One query."""
    rows = InterfaceBreak.objects.filter(provider=peer_id).order_by("-last_at", "-count")[:limit]
    return [
        BreakView(
            row.service,
            row.operation,
            row.place,
            row.count,
            row.first_at,
            row.last_at,
            row.last_transaction_id,
        )
        for row in rows
    ]
