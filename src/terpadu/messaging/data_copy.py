"""What messaging holds about a person, for the copy of their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.identity.public import DataSection
from terpadu.messaging.selectors import inbox_for

LIMIT = 1000


def _owner(person_id: UUID) -> str:
    return "portal"


def _read(person_id: UUID) -> Any:
    return [
        {
            "sent_at": message.sent_at.isoformat(),
            "read_at": message.read_at.isoformat() if message.read_at else None,
            "subject": message.subject,
            "body": message.body,
        }
        for message in inbox_for(person_id, limit=LIMIT)
    ]


SECTION = DataSection(
    key="messages",
    title={"id": "Pesan", "en": "Messages"},
    owner=_owner,
    purpose={
        "id": "Memberi tahu Anda (UU 25/2009 ps. 18)",
        "en": "To tell you what happens (UU 25/2009 art. 18)",
    },
    read=_read,
)
