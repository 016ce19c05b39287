"""The portal's own words and pictures for what lower domains name plainly: life events, states of a case."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from terpadu.casework.enums import LifeEvent, PublicState


@dataclass(frozen=True)
class Moment:
    """A life event as the home page shows it: its key in addresses, its icon, its words."""

    key: str
    icon: str
    title: Promise


MOMENTS = (
    Moment(LifeEvent.BIRTH, "child", _("Having a child")),
    Moment(LifeEvent.SCHOOL, "school", _("Starting school")),
    Moment(LifeEvent.MOVING, "move", _("Moving house")),
    Moment(LifeEvent.MARRIAGE, "ring", _("Getting married")),
    Moment(LifeEvent.WORK, "work", _("Working")),
    Moment(LifeEvent.BUSINESS, "shop", _("Running a business")),
    Moment(LifeEvent.GATHERING, "calendar", _("Holding an event")),
    Moment(LifeEvent.DEATH, "flower", _("Losing a family member")),
)

TAGS = {
    PublicState.DRAFT: "info",
    PublicState.SENT: "info",
    PublicState.WAITING: "info",
    PublicState.NEEDS_CHANGES: "wait",
    PublicState.APPROVED: "info",
    PublicState.PROCESSING: "info",
    PublicState.DONE: "ok",
    PublicState.REJECTED: "late",
    PublicState.CANCELLED: "info",
    PublicState.LAPSED: "late",
}


def moment_of(key: str) -> Moment | None:
    """Return the life event of an address, or None when there is no such."""
    return next((moment for moment in MOMENTS if moment.key == key), None)
