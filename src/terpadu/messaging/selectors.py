"""Reads of the inbox: each gives messages written out in the language in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from terpadu.kernel import formats
from terpadu.kernel.actors import Actor
from terpadu.messaging import catalogue
from terpadu.messaging.errors import MessageNotFound
from terpadu.messaging.models import Message
from terpadu.messaging.policies import reader_of
from terpadu.messaging.rules import PlaceholderType, Template, fill

# JSON brings back what `context_faults` has checked: text, whole numbers, texts by language.
_WRITERS: dict[PlaceholderType, Callable[[Any], str]] = {
    "text": str,
    "texts": lambda value: str(value[formats.language()]),
    "date": lambda value: formats.format_date(date.fromisoformat(value)),
    "moment": lambda value: formats.format_moment(datetime.fromisoformat(value)),
    "number": formats.format_number,
    "rupiah": formats.format_rupiah,
}


@dataclass(frozen=True)
class MessageView:
    """One message as its reader sees it.

    subject, body: text in the language in force. link: path on this site or "". action: the words of the link.
    read_at: None while unread.
    """

    id: UUID
    template: str
    subject: str
    body: str
    action: str
    link: str
    sent_at: datetime
    read_at: datetime | None

    @property
    def is_unread(self) -> bool:
        """Tell whether the person has not opened the message yet."""
        return self.read_at is None


def inbox_for(person_id: UUID, *, before: UUID | None = None, limit: int = 25) -> list[MessageView]:
    """Return a person's messages, newest first.

    before: the id of the last message already seen, for the next page. limit: at most this many.
    One query.
    """
    rows = Message.objects.filter(person_id=person_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [view_of(message) for message in rows[:limit]]


def unread_count(person_id: UUID) -> int:
    """Return how many messages a person has not opened. One query."""
    return Message.objects.filter(person_id=person_id, read_at__isnull=True).count()


def message_get(message_id: UUID, *, by: Actor) -> MessageView:
    """Return one message of the actor's own inbox. Raises MessageNotFound for any other. One query."""
    message = Message.objects.filter(id=message_id, person_id=reader_of(by)).first()
    if message is None:
        raise MessageNotFound
    return view_of(message)


def view_of(message: Message) -> MessageView:
    """Write a stored message out in the language in force, with the template version it was sent with."""
    template = catalogue.exactly(message.template, message.version)
    values = write_values(template, message.context)
    lang = formats.language()
    return MessageView(
        id=message.id,
        template=message.template,
        subject=fill(template.subject[lang], values),
        body=fill(template.body[lang], values),
        action=fill(template.action[lang], values),
        link=message.link,
        sent_at=message.sent_at,
        read_at=message.read_at,
    )


def write_values(template: Template, context: Mapping[str, object]) -> dict[str, str]:
    """Write each value of a context by its type in the language in force."""
    return {name: _WRITERS[kind](context[name]) for name, kind in template.placeholders.items()}
