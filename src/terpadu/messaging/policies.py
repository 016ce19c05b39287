"""Who may read which messages: each person their own inbox, and nobody another's."""

from __future__ import annotations

from uuid import UUID

from terpadu.kernel.actors import Actor
from terpadu.messaging.errors import MessageNotFound


def reader_of(actor: Actor) -> UUID:
    """Return whose inbox the actor may read: their own. Raises MessageNotFound for a part of the system."""
    if actor.person_id is None:
        raise MessageNotFound
    return actor.person_id
