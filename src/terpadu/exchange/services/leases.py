"""Shares of quotas for gateways: one grant at a time, under a lock, never more together than the contract allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from django.db import connection, transaction
from django.db.models import Sum
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from terpadu.exchange.errors import LeaseRefused
from terpadu.exchange.models import Gateway, Grant, QuotaLease, QuotaPerson
from terpadu.exchange.rules.leases import Allotment, Holding, Wish, allot
from terpadu.exchange.services.callers import Caller
from terpadu.kernel.clock import now
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Quota, parse_properties
from terpadu_wire.records import GatewayName

LIFE = timedelta(seconds=8)
"""How long a share of the calls a second holds; gateways renew every two seconds."""
KEPT_DAYS = timedelta(days=2)
MAX_LEASES = 500
MAX_PERSONS = 10_000


Pseudonym = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class LeaseWish(BaseModel):
    """What a gateway asks for one grant. persons: its calls today about persons, by pseudonym."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grant_hash: Annotated[str, Field(pattern=r"^[$A-Za-z0-9_-]{1,120}$")]
    side: Literal["out", "in"]
    day: date
    used: Annotated[int, Field(ge=0, lt=2**31)] | None
    want: Annotated[int, Field(ge=0, lt=2**31)]
    persons: Annotated[
        dict[Pseudonym, Annotated[int, Field(ge=0, lt=2**31)]], Field(max_length=MAX_PERSONS)
    ] = {}


class LeaseRequest(BaseModel):
    """A gateway's request for all its shares."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gateway: GatewayName
    leases: Annotated[list[LeaseWish], Field(max_length=MAX_LEASES)]


_REQUEST = TypeAdapter(LeaseRequest)


@dataclass(frozen=True)
class GivenLease:
    """A gateway's share of one grant, as it goes over the wire (`terpadu_gateway.quotas`)."""

    grant_hash: str
    side: str
    day: str
    granted: int
    used: int
    rate: float
    shared_by: int
    elsewhere: dict[str, int]


def leases_give(body: bytes, *, caller: Caller) -> list[GivenLease]:
    """Give a gateway its shares; grants that are not there, not its own or without a quota are left out.

    body: JSON of a LeaseRequest. caller: the peer that signed it; the gateway must act for it.
    Raises LeaseRefused.
    """
    try:
        request = _REQUEST.validate_json(body)
    except ValidationError as error:
        raise LeaseRefused(reason="lease.malformed") from error
    gateway = Gateway.objects.filter(name=request.gateway).first()
    if gateway is None or caller.peer_id not in gateway.peer_ids:
        raise LeaseRefused(reason="lease.other_gateway")
    # In one order for everybody, so that two gateways never wait for each other.
    wishes = sorted(request.leases, key=lambda wish: (wish.grant_hash, wish.side))
    given = [_give(wish, gateway) for wish in wishes]
    return [one for one in given if one is not None]


@transaction.atomic
def _give(wish: LeaseWish, gateway: Gateway) -> GivenLease | None:
    quota = _quota(wish, gateway)
    moment = now()
    if quota is None or abs(wish.day - moment.date()) > timedelta(days=1):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{wish.side}{wish.grant_hash}"]
        )
    rows = list(QuotaLease.objects.filter(grant_hash=wish.grant_hash, side=wish.side, day=wish.day))
    own = next((row for row in rows if row.gateway_id == gateway.pk), None)
    others = [_holding(row) for row in rows if row.gateway_id != gateway.pk]
    before = _holding(own) if own else Holding()
    got = allot(Wish(wish.used, wish.want), before, others, rps=quota.rps, per_day=quota.per_day)
    _keep(wish, gateway, got)
    if own is None:
        _forget(wish)
    elsewhere = _persons(wish, gateway) if quota.per_subject_day is not None else {}
    return GivenLease(
        wish.grant_hash,
        wish.side,
        wish.day.isoformat(),
        **asdict(got),
        elsewhere=elsewhere,
    )


def _quota(wish: LeaseWish, gateway: Gateway) -> Quota | None:
    grant = Grant.objects.filter(grant_hash=wish.grant_hash).first()
    if grant is None:
        return None
    acts_for = grant.consumer if wish.side == "out" else grant.provider
    try:
        return parse_properties(grant.properties).quota if acts_for in gateway.peer_ids else None
    except ContractError:
        return None


def _holding(row: QuotaLease) -> Holding:
    return Holding(row.granted, row.used, row.rate, is_live=row.expires_at > now())


def _keep(wish: LeaseWish, gateway: Gateway, got: Allotment) -> None:
    QuotaLease.objects.update_or_create(
        grant_hash=wish.grant_hash,
        side=wish.side,
        day=wish.day,
        gateway=gateway,
        defaults={
            "granted": got.granted,
            "used": got.used,
            "rate": got.rate,
            "expires_at": now() + LIFE,
        },
    )


def _forget(wish: LeaseWish) -> None:
    """Delete what was counted on days gone by."""
    for model in (QuotaLease, QuotaPerson):
        old = model.objects.filter(grant_hash=wish.grant_hash, side=wish.side, day__lt=wish.day - KEPT_DAYS)
        old.delete()


def _persons(wish: LeaseWish, gateway: Gateway) -> dict[str, int]:
    place = {"grant_hash": wish.grant_hash, "side": wish.side, "day": wish.day}
    QuotaPerson.objects.bulk_create(
        (
            QuotaPerson(gateway=gateway, subject=subject, used=used, **place)
            for subject, used in wish.persons.items()
        ),
        update_conflicts=True,
        unique_fields=["grant_hash", "side", "day", "subject", "gateway"],
        update_fields=["used"],
    )
    return _elsewhere(list(wish.persons), gateway, place)


def _elsewhere(subjects: Sequence[str], gateway: Gateway, place: dict[str, object]) -> dict[str, int]:
    rows = QuotaPerson.objects.filter(subject__in=subjects, **place).exclude(gateway=gateway)
    sums = dict(rows.values_list("subject").annotate(total=Sum("used")))
    return {subject: int(sums.get(subject, 0)) for subject in subjects}
