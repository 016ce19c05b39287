"""Who is at work on a list, so that one whose program was killed does not say "being written" for ever.

The lock is the database session's: however a program ends, it is free again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.portfolio.enums import RunState
from terpadu.portfolio.models import ImportRun

WATCH = "portfolio.imports"
WATCH_EVERY = timedelta(minutes=1)
_KIND = 0x4C495354  # our lists among all advisory locks of two numbers


@contextmanager
def at_work(run_id: UUID) -> Iterator[None]:
    """Say, until the block ends, that this program does what a list waits for. It may be said again within the block."""
    lock = [_KIND, _number(run_id)]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s, %s)", lock)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", lock)


def imports_watch() -> int:
    """Mark lists that nobody is at work on any more as broken off; return how many. What waits for the worker stays."""
    left = ImportRun.objects.at_work().filter(is_queued=False)
    return sum(_break_off(one) for one in left.values_list("pk", flat=True))


@transaction.atomic
def _break_off(run_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [_KIND, _number(run_id)])
        [(is_free,)] = cursor.fetchall()
    rows = ImportRun.objects.at_work().filter(pk=run_id)
    if not is_free or not rows.update(state=RunState.BROKEN_OFF, fault="broken_off", fault_values={}):
        return False
    audit.record(
        "portfolio.import_broken_off", by=Actor.system("worker"), about_kind="import", about_id=run_id
    )
    return True


def _number(run_id: UUID) -> int:
    """Return the random end of an identifier as the lock's second number."""
    return int.from_bytes(run_id.bytes[-4:], signed=True)
