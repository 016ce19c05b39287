"""What the exchange holds about a person, for the copy of their data: who read what, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.exchange.selectors.trail import TrailEntry, trail_for_person
from terpadu.identity.public import DataSection

PAGE = 100


def _owner(person_id: UUID) -> str:
    return "portal"


def _read(person_id: UUID) -> Any:
    entries: list[TrailEntry] = []
    page = trail_for_person(person_id, limit=PAGE)
    while page:
        entries += page
        page = trail_for_person(person_id, before=page[-1].transaction_id, limit=PAGE)
    return [
        {
            "at": entry.at.isoformat(),
            "reader": entry.delegator_name or entry.consumer_name,
            "holder": entry.provider_name,
            "data": [item.id for item in entry.data_items],
            "purpose": entry.purpose_text.id,
            "legal_basis": entry.legal_basis,
            "case": entry.evidence,
            "transaction": str(entry.transaction_id),
            "shown_since": entry.disclosed_from.isoformat() if entry.disclosed_from else "",
            "seen_by_supervisor": [at.isoformat() for at in entry.looks],
        }
        for entry in entries
    ]


SECTION = DataSection(
    key="trail",
    title={"id": "Jejak akses", "en": "Access trail"},
    owner=_owner,
    purpose={
        "id": (
            "Mencatat setiap pembacaan data Anda (UU 27/2022 ps. 31); yang menurut undang-undang ditunda muncul kemudian, "
            "lihat halaman jejak"
        ),
        "en": (
            "To record every reading of your data (UU 27/2022 art. 31); those that a law delays appear later, see the page "
            "of the trail"
        ),
    },
    read=_read,
)
