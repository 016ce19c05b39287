"""The replay guard, exact across all processes: one insert that the database lets through once.

The same statement reads the client's present version, so that a client taken from memory is known to be the present one
before anything is given out, at no further cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import connection

from terpadu.identity.models import ReplayGuard
from terpadu.kernel.clock import now


@dataclass(frozen=True)
class Once:
    """Something that may be seen once. kind: such as "assertion". owner: whose identifier it is. until: when it is worthless."""

    kind: str
    owner: str
    name: str
    until: datetime

    @property
    def key(self) -> bytes:
        """What is stored of it."""
        return hashlib.sha256("\0".join((self.kind, self.owner, self.name)).encode()).digest()


@dataclass(frozen=True)
class Seen:
    """What the guard found. replayed: kinds that were seen before. version: of the client, None when there is none."""

    replayed: frozenset[str]
    version: int | None


@cache
def _take(count: int) -> str:
    """Return the statement that takes a number of things and reads a client's version."""
    version = "(select version from identity_client where client_id = %s)"
    if not count:
        return f"select null, {version}"
    things = ", ".join(["(%s, %s)"] * count)
    return (
        f"with taken as (insert into identity_replayguard (key, expires_at) values {things}"  # noqa: S608 - placeholders alone
        f" on conflict (key) do nothing returning key) select (select array_agg(key) from taken), {version}"
    )


def once(things: Sequence[Once], *, client_id: str) -> Seen:
    """Take things that may be seen once, and read a client's version. One statement; a second taker waits, then loses."""
    keys = sorted({thing.key: thing.until for thing in things}.items())  # one order for all: no deadlock
    values: list[bytes | datetime | str] = [part for pair in keys for part in pair]
    with connection.cursor() as cursor:
        cursor.execute(_take(len(keys)), [*values, client_id])
        [(taken, version)] = cursor.fetchall()
    fresh = {bytes(key) for key in taken or ()}
    return Seen(frozenset(thing.kind for thing in things if thing.key not in fresh), version)


def take_once(thing: Once) -> bool:
    """Take something that may be seen once; tell whether nobody had before. One statement; a second taker waits, then loses."""
    return not once([thing], client_id="").replayed


def token_revoke(jti: str, *, until: datetime) -> None:
    """Remember until its end that an access token was revoked."""
    key = Once("revoked", "", jti, until).key
    ReplayGuard.objects.bulk_create([ReplayGuard(key=key, expires_at=until)], ignore_conflicts=True)


def is_token_revoked(jti: str) -> bool:
    """Tell whether an access token was revoked. One query."""
    return ReplayGuard.objects.filter(key=Once("revoked", "", jti, now()).key).exists()


def guards_purge() -> int:
    """Delete what nobody could use any more; returns how many."""
    return ReplayGuard.objects.filter(expires_at__lt=now() - timedelta(minutes=5)).delete()[0]
