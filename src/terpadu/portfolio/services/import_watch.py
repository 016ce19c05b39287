"""Who is at work on a list, so that one whose program was killed or gave up does not say "being written" for ever.

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
from terpadu.kernel.outbox import is_awaited
from terpadu.portfolio.enums import RunState
from terpadu.portfolio.events import ImportQueued
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
    """Mark lists that nobody is at work on any more as broken off; return how many. What waits for the worker stays.

    Either their program ended halfway, or the worker has given them up after failing at them time and again.
    """
    left = ImportRun.objects.at_work().values_list("pk", "is_queued")
    return sum(_give_up(one) if is_queued else _break_off(one) for one, is_queued in left)


@transaction.atomic
def _break_off(run_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [_KIND, _number(run_id)])
        [(is_free,)] = cursor.fetchall()
    return is_free and _mark(run_id, fault="broken_off")


@transaction.atomic
def _give_up(run_id: UUID) -> bool:
    """Mark a list that no worker will come for. While one holds its row, it is at work."""
    rows = ImportRun.objects.at_work().filter(pk=run_id, is_queued=True)
    run = rows.select_for_update(skip_locked=True).first()
    if run is None or is_awaited(ImportQueued(run.id, run.state)):
        return False
    return _mark(run_id, fault="given_up")


def _mark(run_id: UUID, *, fault: str) -> bool:
    rows = ImportRun.objects.at_work().filter(pk=run_id)
    if not rows.update(state=RunState.BROKEN_OFF, fault=fault, fault_values={}):
        return False
    by, facts = Actor.system("worker"), {"fault": fault}
    audit.record("portfolio.import_broken_off", by=by, about_kind="import", about_id=run_id, facts=facts)
    return True


def _number(run_id: UUID) -> int:
    """Return the random end of an identifier as the lock's second number."""
    return int.from_bytes(run_id.bytes[-4:], signed=True)
