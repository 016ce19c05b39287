"""Ways to a person. The inbox is the truth; any other channel may only point to what is in the inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from terpadu.messaging.models import Message


@dataclass(frozen=True)
class Letter:
    """A message on its way: checked, not yet delivered."""

    person_id: UUID
    template: str
    version: int
    context: Mapping[str, object]
    link: str
    dedup_key: str


class Channel(Protocol):
    """What an adapter of a channel does."""

    name: str

    def deliver(self, letter: Letter) -> bool:
        """Deliver in the current transaction; return False when this letter was delivered before."""
        ...


class InboxChannel:
    """Keep the message in the person's inbox."""

    name = "inbox"

    def deliver(self, letter: Letter) -> bool:
        """Store the message unless its dedup key is already in this person's inbox."""
        _message, is_new = Message.objects.get_or_create(
            person_id=letter.person_id,
            dedup_key=letter.dedup_key,
            defaults={
                "template": letter.template,
                "version": letter.version,
                "context": dict(letter.context),
                "link": letter.link,
            },
        )
        return is_new


CHANNELS: tuple[Channel, ...] = (InboxChannel(),)
