"""Writes of the inbox: send a message, mark it as read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.messaging import catalogue
from terpadu.messaging.channels import CHANNELS, Letter
from terpadu.messaging.errors import ContextInvalid, MessageNotFound
from terpadu.messaging.models import Message
from terpadu.messaging.policies import reader_of
from terpadu.messaging.rules import Template, context_faults


@transaction.atomic
def message_send(
    *, person_id: UUID, template: str, context: Mapping[str, object], dedup_key: str, link: str = ""
) -> UUID:
    """Send a notice to a person, once for each dedup key.

    template: key of a template; its newest version is used. context: a value for every placeholder, of its type
    (text: str; texts: {"id", "en"}; date and moment: date, aware datetime or their ISO text; number, rupiah: int).
    dedup_key: names the reason, such as "case_received:<case id>"; a second send with it changes nothing.
    link: path on this site that the message leads to, "" for none.
    Returns the id of the message in the inbox, new or old. Raises TemplateUnknown, ContextInvalid.
    """
    notice = catalogue.latest(template)
    values = {name: _plain(value) for name, value in context.items()}
    _check(notice, values=values, link=link)
    letter = Letter(
        person_id=person_id,
        template=notice.key,
        version=notice.version,
        context=values,
        link=link,
        dedup_key=dedup_key,
    )
    for channel in CHANNELS:
        channel.deliver(letter)
    return Message.objects.values_list("id", flat=True).get(person_id=person_id, dedup_key=dedup_key)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _check(notice: Template, *, values: Mapping[str, object], link: str) -> None:
    faults = context_faults(notice, values)
    faults += [
        f"{name} is not a {kind}"
        for name, kind in notice.placeholders.items()
        if not _is_time(kind, values.get(name))
    ]
    if link and (not link.startswith("/") or link.startswith("//")):
        faults.append("link is not a path on this site")
    if faults:
        raise ContextInvalid(template=notice.key, fault="; ".join(faults))


def _is_time(kind: str, value: object) -> bool:
    """Tell whether a value of a time type can be read back; other types are none of this check's business."""
    if kind not in ("date", "moment") or not isinstance(value, str):
        return True
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return kind == "date" or moment.tzinfo is not None


def message_read(message_id: UUID, *, by: Actor) -> None:
    """Mark one of the actor's own messages as read; the first time counts. Raises MessageNotFound."""
    own = Message.objects.filter(id=message_id, person_id=reader_of(by))
    if not own.exists():
        raise MessageNotFound
    own.filter(read_at__isnull=True).update(read_at=now())


def inbox_read(*, by: Actor) -> int:
    """Mark all of the actor's own messages as read; return how many were unread."""
    return Message.objects.filter(person_id=reader_of(by), read_at__isnull=True).update(read_at=now())
