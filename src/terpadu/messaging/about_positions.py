"""Notices of positions: whoever is given one, or has it moved or ended, is told."""

from __future__ import annotations

from datetime import date, timedelta

from terpadu.directory.public import position_get
from terpadu.identity.events import AssignmentChanged, AssignmentCreated
from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.formats import format_date
from terpadu.messaging.services import message_send

Texts = dict[str, str]
ONE_DAY = timedelta(days=1)


def position_given(event: AssignmentCreated) -> None:
    """Tell which position somebody holds, and when."""
    _send(event, "position_given", {"days": _days(event)})


def position_changed(event: AssignmentChanged) -> None:
    """Tell that a position ended, or that its days moved."""
    day = event.at.astimezone(JAKARTA).date()
    if event.valid_to is not None and event.valid_to <= max(day, event.valid_from):
        _send(event, "position_ended", {"how": _how(event, day)})
    else:
        _send(event, "position_moved", {"days": _days(event)})


def _days(event: AssignmentCreated | AssignmentChanged) -> Texts:
    """Write the first and the last day; the event's last day is the one after."""
    if event.valid_to is None:
        return {"id": f"mulai {_id(event.valid_from)}", "en": f"from {_en(event.valid_from)}"}
    last = event.valid_to - ONE_DAY
    return {
        "id": f"dari {_id(event.valid_from)} sampai {_id(last)}",
        "en": f"from {_en(event.valid_from)} to {_en(last)}",
    }


def _how(event: AssignmentChanged, day: date) -> Texts:
    if event.valid_to == event.valid_from and event.valid_from > day:
        return {"id": "ditarik kembali sebelum dimulai", "en": "was taken back before it began"}
    return {"id": f"berakhir pada {_id(day)}", "en": f"ended on {_en(day)}"}


def _id(day: date) -> str:
    return format_date(day, lang="id")


def _en(day: date) -> str:
    return format_date(day, lang="en")


def _send(event: AssignmentCreated | AssignmentChanged, template: str, words: dict[str, Texts]) -> None:
    position = position_get(event.position_id)
    message_send(
        person_id=event.person_id,
        template=template,
        context={"position": position.title, "agency": position.agency.name, **words},
        dedup_key=f"{template}:{event.position_id}:{event.at.isoformat()}",
        link="/akun/",
    )
