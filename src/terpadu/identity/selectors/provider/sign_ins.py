"""How often people sign in to the applications of agencies: counts alone, never who."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count
from django.db.models.functions import TruncMonth

from terpadu.identity.models import Authorization
from terpadu.kernel.clock import JAKARTA


@dataclass(frozen=True)
class SignInCount:
    """Sign-ins to one client. months: number by first day of the month (Jakarta), without empty ones. people: different ones."""

    client_id: str
    months: Mapping[date, int]
    people: int

    @property
    def sign_ins(self) -> int:
        """All of them together."""
        return sum(self.months.values())


def sign_ins_by_client(client_ids: Iterable[str], *, since: datetime) -> dict[str, SignInCount]:
    """Count completed sign-ins to clients since a moment, by client; a client without any is left out. Two queries.

    client_ids: those to count. A sign-in counts once its code was used, or its device was allowed. What is older than
    the provider keeps (a year after the sign-in's end) is gone.
    """
    wanted = sorted(set(client_ids))
    rows = Authorization.objects.filter(client__client_id__in=wanted, created_at__gte=since)
    rows = rows.filter(code_used_at__isnull=False).order_by()
    by_month = rows.annotate(month=TruncMonth("created_at", tzinfo=JAKARTA)).values_list(
        "client__client_id", "month"
    )
    months: dict[str, dict[date, int]] = {}
    for client_id, month, count in by_month.annotate(count=Count("id")):
        months.setdefault(client_id, {})[month.date()] = count
    people = rows.values_list("client__client_id").annotate(count=Count("person", distinct=True))
    return {client_id: SignInCount(client_id, months[client_id], count) for client_id, count in people}
