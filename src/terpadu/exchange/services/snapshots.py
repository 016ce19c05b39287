"""The signed snapshot: a new version in the same transaction as each change, so that nothing lags behind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import connection, transaction

from terpadu.directory.public import private_file_write, private_key_ensure
from terpadu.exchange.enums import GROUP_ID
from terpadu.exchange.models import Contract, PublishedSnapshot
from terpadu.exchange.selectors.places import group_dir, group_key_path
from terpadu.exchange.selectors.purposes import snapshot_purposes
from terpadu.exchange.selectors.registry import snapshot_contracts, snapshot_peers, snapshot_services
from terpadu.kernel.clock import now
from terpadu.kernel.timers import timer_set
from terpadu_wire.keys import PrivateKey, public_key_pem
from terpadu_wire.snapshot import Snapshot
from terpadu_wire.snapshot_wire import sign_snapshot

SOFT_LIFE = timedelta(hours=24)
HARD_LIFE = timedelta(days=14)
RENEW_AFTER = timedelta(hours=12)
KEPT_AFTER_END = timedelta(days=30)
KEPT_VERSIONS = 50
_LOCK = 7_305_517_290_001  # one advisory lock for all publishers; the number only has to be ours

_held: ContextVar[list[bool] | None] = ContextVar("held", default=None)


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Publish once at the end of the block instead of after each change in it; all of it is one transaction."""
    changes: list[bool] = []
    with transaction.atomic():
        token = _held.set(changes)
        try:
            yield
        finally:
            _held.reset(token)
        if changes:
            snapshot_publish()


@transaction.atomic
def snapshot_publish() -> int:
    """Sign and store a new version of the snapshot; return its number (that of the last one inside `one_snapshot`)."""
    changes = _held.get()
    if changes is not None:
        changes.append(True)
        return _last_version()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    version = _last_version() + 1
    body = sign_snapshot(_snapshot(version), key=group_key())
    PublishedSnapshot.objects.create(version=version, body=body, sha256=hashlib.sha256(body).hexdigest())
    PublishedSnapshot.objects.filter(version__lte=version - KEPT_VERSIONS).delete()
    timer_set("exchange.snapshot", key="renew", due_at=now() + RENEW_AFTER)
    return version


def _last_version() -> int:
    last = PublishedSnapshot.objects.order_by("-version").values_list("version", flat=True).first()
    return last or 0


def _snapshot(version: int) -> Snapshot:
    moment = now()
    recent = Contract.objects.concluded_or_revoked().filter(not_after__gt=moment - KEPT_AFTER_END)
    return Snapshot(
        group_id=GROUP_ID,
        version=version,
        issued_at=int(moment.timestamp()),
        soft_expires_at=int((moment + SOFT_LIFE).timestamp()),
        hard_expires_at=int((moment + HARD_LIFE).timestamp()),
        peers=snapshot_peers(),
        services=snapshot_services(),
        contracts=snapshot_contracts(recent.order_by("proposed_at", "id")),
        purposes=snapshot_purposes(),
    )


def group_key() -> PrivateKey:
    """Return the group's key, made at first use; it signs snapshots, and consents in the name of the exchange."""
    key = private_key_ensure(group_dir() / "group.key")
    if not group_key_path().exists():
        private_file_write(group_key_path(), public_key_pem(key.public_key()))
    return key
