"""Abuse signals, computed from the sign-in history when an operator looks. Nothing is stored for them, and no name is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from terpadu.identity.enums import SignInOutcome
from terpadu.identity.models import SignIn
from terpadu.identity.rules.abuse import (
    FAILED,
    AbuseLimits,
    Entry,
    Signal,
    find_sharing,
    find_stuffing,
    find_travel,
)
from terpadu.identity.selectors.places import network_places
from terpadu.identity.selectors.reference import abuse_limits
from terpadu.kernel.clock import now

SIGNED_IN = Q(outcome=SignInOutcome.SIGNED_IN)
MOST_GROUPS = 200


@dataclass(frozen=True)
class AbuseReport:
    """What was found. is_cut: there was more history than is looked at; knows_places: whether travel could be told."""

    since: datetime
    limits: AbuseLimits
    signals: tuple[Signal, ...]
    is_cut: bool
    knows_places: bool


def abuse_report() -> AbuseReport:
    """Return the signals of the last hours, newest first. Up to six queries, which leave out whatever cannot be a signal."""
    limits = abuse_limits()
    since = now() - timedelta(hours=limits.window_hours)
    rows = SignIn.objects.filter(at__gte=since)
    places = network_places()
    sharing = _read(_sharing_rows(rows, limits), limits)
    stuffing = _read(_stuffing_rows(rows, limits), limits)
    travel = _read(_travel_rows(rows), limits) if places else []
    found: list[Signal] = [
        *find_stuffing(stuffing, limits=limits.stuffing),
        *find_sharing(sharing, limits=limits.sharing),
        *(find_travel(travel, place_of=places.find, limits=limits.travel) if places else ()),
    ]
    return AbuseReport(
        since=since,
        limits=limits,
        signals=tuple(sorted(found, key=lambda signal: signal.until, reverse=True)),
        is_cut=any(len(entries) >= limits.most_rows for entries in (sharing, stuffing, travel)),
        knows_places=places is not None,
    )


def _stuffing_rows(rows: QuerySet[SignIn], limits: AbuseLimits) -> QuerySet[SignIn]:
    tried = rows.filter(outcome__in=FAILED).values("network").annotate(n=Count("account", distinct=True))
    busy = tried.filter(n__gte=limits.stuffing.accounts).order_by("-n").values_list("network", flat=True)
    return rows.filter(network__in=list(busy[:MOST_GROUPS]))


def _sharing_rows(rows: QuerySet[SignIn], limits: AbuseLimits) -> QuerySet[SignIn]:
    used = rows.filter(SIGNED_IN).values("network").annotate(n=Count("account", distinct=True))
    busy = used.filter(n__gte=limits.sharing.accounts).order_by("-n").values_list("network", flat=True)
    return rows.filter(SIGNED_IN, network__in=list(busy[:MOST_GROUPS]))


def _travel_rows(rows: QuerySet[SignIn]) -> QuerySet[SignIn]:
    moved = (
        rows.filter(SIGNED_IN).values("account").annotate(n=Count("network", distinct=True)).filter(n__gt=1)
    )
    return rows.filter(SIGNED_IN, account__in=moved.values("account"))


def _read(rows: QuerySet[SignIn], limits: AbuseLimits) -> Sequence[Entry]:
    values = rows.order_by("-at").values_list("account__person_id", "at", "outcome", "network", "device")
    found: Iterable[tuple[object, ...]] = values[: limits.most_rows]
    return [Entry(*value) for value in found]  # type: ignore[arg-type]  # the columns named above, in this order
