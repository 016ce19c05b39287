"""Cases whose end decides when persons see what was read for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from terpadu.exchange.enums import DisclosureKind
from terpadu.exchange.models import TrailRow
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class OpenCase:
    """A case with readings that wait for its end. latest: when the last of them is shown in any event."""

    reference: str
    exchanges: int
    latest: datetime


def cases_open(peer_id: str) -> list[OpenCase]:
    """Return an agency's cases with readings that wait for their end, the most readings first. One query."""
    rows = rows_waiting(peer_id).exclude(evidence="").order_by().values("evidence")
    found = rows.annotate(exchanges=Count("id"), latest=Max("disclosed_from"))
    cases = [OpenCase(one["evidence"], one["exchanges"], one["latest"]) for one in found]
    return sorted(cases, key=lambda one: (-one.exchanges, one.reference))


def rows_waiting(peer_id: str) -> QuerySet[TrailRow]:
    """Return the exchanges in an agency's name that are shown when their case ends, and are not yet."""
    own = Q(delegator=peer_id) | Q(delegator="", consumer=peer_id)
    return TrailRow.objects.filter(own, disclosure=DisclosureKind.CLOSED, disclosed_from__gt=now())
