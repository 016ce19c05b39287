"""What the supervisor sees: which agreements keep readings from persons, how many, and who looked at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from terpadu.directory.public import PositionView, position_get
from terpadu.exchange.enums import DisclosureKind, LookScope
from terpadu.exchange.models import Grant, SupervisorLook, TrailRow
from terpadu.exchange.selectors.console import CONNECTIONS, GrantView, grant_views
from terpadu.exchange.selectors.trail import readings
from terpadu.identity.public import person_many
from terpadu.kernel.clock import now

PAGE = 50


@dataclass(frozen=True)
class KeptBack:
    """An agreement's right to read whose exchanges are not shown at once. hidden: how many are not shown now.

    first, last: of the hidden ones, None without any. next_shown: when the next one is shown, None for never.
    """

    grant: GrantView
    hidden: int
    first: datetime | None
    last: datetime | None
    next_shown: datetime | None


@dataclass(frozen=True)
class HiddenReading:
    """One exchange that its person is not shown now; who that is stays out. disclosed_from: None for never."""

    transaction_id: UUID
    at: datetime
    operation: str
    outcome: str
    disclosed_from: datetime | None


@dataclass(frozen=True)
class LookView:
    """One look of a supervisor. name, position: who looked. exchanges: how many were shown."""

    at: datetime
    name: str
    position: PositionView
    scope_label: str
    reason: str
    exchanges: int


def hidden_rows() -> QuerySet[TrailRow]:
    """Return the exchanges that their person is not shown now."""
    later = Q(disclosed_from__isnull=True) | Q(disclosed_from__gt=now())
    return readings(TrailRow.objects.filter(~Q(disclosure=DisclosureKind.NOW)).filter(later))


def kept_back_list() -> list[KeptBack]:
    """Return all rights whose exchanges are not shown at once, those with the most hidden ones first. Four queries."""
    rows = Grant.objects.filter(properties__has_key="disclosure", kind__in=CONNECTIONS)
    grants = grant_views(rows.order_by("id"))
    counts = {one["grant_hash"]: one for one in _counts([grant.grant_hash for grant in grants])}
    nothing: dict[str, Any] = {"hidden": 0, "first": None, "last": None, "next_shown": None}
    found = []
    for grant in grants:
        one = counts.get(grant.grant_hash, nothing)
        found.append(KeptBack(grant, one["hidden"], one["first"], one["last"], one["next_shown"]))
    return sorted(found, key=lambda one: -one.hidden)


def _counts(hashes: Iterable[str]) -> Iterable[dict[str, Any]]:
    rows = hidden_rows().filter(grant_hash__in=list(hashes)).order_by()
    found = rows.values("grant_hash").annotate(
        hidden=Count("id"), first=Min("at"), last=Max("at"), next_shown=Min("disclosed_from")
    )
    return [{**one} for one in found]


def hidden_readings(grant_hash: str, *, number: int) -> tuple[list[HiddenReading], bool]:
    """Return a page of a right's hidden exchanges, newest first, and whether there are more. One query.

    number: of the page, from 0.
    """
    rows = hidden_rows().filter(grant_hash=grant_hash).order_by("-at", "-id")
    page = list(rows[number * PAGE : (number + 1) * PAGE + 1])
    shown = [
        HiddenReading(row.transaction_id, row.at, row.operation, row.outcome, row.disclosed_from)
        for row in page[:PAGE]
    ]
    return shown, len(page) > PAGE


def look_list(*, number: int) -> tuple[list[LookView], bool]:
    """Return a page of the log of looks, newest first, and whether there are more.

    number: of the page, from 0. Two queries and one for each position.
    """
    page = list(SupervisorLook.objects.order_by("-at", "-id")[number * PAGE : (number + 1) * PAGE + 1])
    names = person_many({row.person_id for row in page})
    positions = {code: position_get(UUID(code)) for code in {row.position for row in page}}
    shown = [
        LookView(
            row.at,
            names[row.person_id].name,
            positions[row.position],
            str(LookScope(row.scope).label),
            row.reason,
            len(row.transactions),
        )
        for row in page[:PAGE]
    ]
    return shown, len(page) > PAGE
