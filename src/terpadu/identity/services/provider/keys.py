"""The provider's signing keys: next, active, retired; all three published, so that no rotation drops a login.

A program may sign with the key that was active half a minute ago: it is still published as retired.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeyParameters, RSAKey

from terpadu.identity.enums import KeyState
from terpadu.identity.errors import PeriodInvalid
from terpadu.identity.errors.operator import KeyInUse, KeyNotReady
from terpadu.identity.models import SigningKey
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import seal, unseal
from terpadu.kernel.timers import timer_cancel, timer_set

ALGS = ("ES256", "PS256")
DEFAULT_ALG = "ES256"
CACHE_S = 30.0
ROTATION = "identity.provider_rotation"
"""Timer of a rotation that an operator planned."""


@dataclass(frozen=True)
class Ring:
    """The keys in memory. active: by algorithm. public: what everybody may see. known: by `kid`, for checking."""

    active: dict[str, Key]
    public: tuple[dict[str, Any], ...]
    known: dict[str, Key]
    read_at: float


_rings: list[Ring] = []


def key_ring() -> Ring:
    """Return the keys, read again after half a minute; makes the first ones. Two queries when read."""
    for ring in tuple(_rings):  # another thread may empty the list meanwhile
        if time.monotonic() - ring.read_at < CACHE_S:
            return ring
    return key_ring_read()


def key_ring_read() -> Ring:
    """Read the keys now, for instance after a rotation or when an unknown `kid` turns up."""
    rows = list(SigningKey.objects.order_by("created_at"))
    if not any(row.state == KeyState.ACTIVE for row in rows):
        _make_first(DEFAULT_ALG)
        rows = list(SigningKey.objects.order_by("created_at"))
    active = {row.alg: _private(row) for row in rows if row.state == KeyState.ACTIVE}
    known = {row.kid: _import(row.alg, row.public) for row in rows}
    ring = Ring(active, tuple(row.public for row in rows), known, time.monotonic())
    _rings[:] = [ring]
    return ring


def sign(claims: dict[str, Any], *, typ: str, alg: str = "ES256") -> str:
    """Sign claims as a JWT of a type, such as "at+jwt", with the active key of an algorithm."""
    key = key_ring().active.get(alg) or _first_key(alg)
    header = {"alg": alg, "typ": typ, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[alg])


def _first_key(alg: str) -> Key:
    _make_first(alg)
    return key_ring_read().active[alg]


@transaction.atomic
def _make_first(alg: str) -> None:
    """Make the keys of an algorithm that nobody has needed yet; of programs that race, one makes them."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"identity.signing:{alg}"])
    if not SigningKey.objects.filter(alg=alg, state=KeyState.ACTIVE).exists():
        _rotate(alg, by=Actor.system("provider"))


def find_key(kid: str) -> Key | None:
    """Return one of our own public keys, or None. An unknown one is looked for anew, at most once a second."""
    ring = key_ring()
    if kid not in ring.known and time.monotonic() - ring.read_at > 1.0:
        ring = key_ring_read()
    return ring.known.get(kid)


@transaction.atomic
def keys_rotate(*, by: Actor) -> None:
    """Move every algorithm in use one step on: active retires, next signs, a new next is published. Makes the first keys too."""
    used = set(SigningKey.objects.values_list("alg", flat=True))
    for alg in sorted(used | {DEFAULT_ALG}):
        _rotate(alg, by=by)
    _rings.clear()


def _rotate(alg: str, *, by: Actor) -> None:
    rows = {row.state: row for row in SigningKey.objects.select_for_update().filter(alg=alg)}
    if KeyState.ACTIVE in rows:
        _move(rows[KeyState.ACTIVE], KeyState.RETIRED, retired_at=now())
    if KeyState.NEXT in rows:
        _move(rows[KeyState.NEXT], KeyState.ACTIVE, active_from=now())
    else:
        _make(alg, KeyState.ACTIVE)
    made = _make(alg, KeyState.NEXT)
    audit.record(
        "identity.key_rotated", by=by, about_kind="signing_key", about_id=made.kid, facts={"alg": alg}
    )


@transaction.atomic
def keys_rotate_by_hand(*, is_urgent: bool, by: Actor) -> None:
    """Rotate now. Raises KeyNotReady when a next key was not published for a day, unless it is urgent (a key was stolen)."""
    young = SigningKey.objects.filter(state=KeyState.NEXT, created_at__gt=now() - LIFETIMES.key_next)
    if young.exists() and not is_urgent:
        raise KeyNotReady()
    keys_rotate(by=by)


@transaction.atomic
def rotation_plan(at: datetime | None, *, by: Actor) -> None:
    """Plan a rotation for a moment, in place of one planned before; None takes the plan back. Raises PeriodInvalid for the past."""
    if at is not None and at <= now():
        raise PeriodInvalid()
    if at is None:
        timer_cancel(ROTATION, key="all")
    else:
        timer_set(ROTATION, key="all", due_at=at)
    facts: dict[str, audit.Fact] = {"at": at.isoformat() if at else ""}
    audit.record(
        "identity.key_rotation_planned", by=by, about_kind="signing_key", about_id="all", facts=facts
    )


@transaction.atomic
def key_withdraw(kid: str, *, by: Actor) -> None:
    """Take a retired key away before its time: what it signed counts no more, at once. Raises KeyInUse for any other."""
    count, _ = SigningKey.objects.filter(kid=kid, state=KeyState.RETIRED).delete()
    if not count:
        raise KeyInUse()
    audit.record("identity.key_withdrawn", by=by, about_kind="signing_key", about_id=kid)
    _rings.clear()


def keys_rotate_when_due(*, by: Actor) -> bool:
    """Rotate when the active keys are old and the next ones were published long enough; drop what retired long ago."""
    SigningKey.objects.filter(state=KeyState.RETIRED, retired_at__lt=now() - LIFETIMES.key_retired).delete()
    old = SigningKey.objects.filter(
        state=KeyState.ACTIVE, active_from__lt=now() - LIFETIMES.key_active
    ).exists()
    young = SigningKey.objects.filter(state=KeyState.NEXT, created_at__gt=now() - LIFETIMES.key_next).exists()
    if old and not young:
        keys_rotate(by=by)
    return old and not young


def _move(row: SigningKey, state: KeyState, **moments: Any) -> None:
    SigningKey.objects.filter(pk=row.pk).update(state=state, **moments)


def _make(alg: str, state: KeyState) -> SigningKey:
    parameters: KeyParameters = {"alg": alg, "use": "sig"}
    key: Key = (
        ECKey.generate_key("P-256", parameters) if alg == "ES256" else RSAKey.generate_key(3072, parameters)
    )
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid}
    return SigningKey.objects.create(
        kid=kid,
        alg=alg,
        state=state,
        sealed=seal(
            orjson.dumps({**key.as_dict(private=True), "kid": kid}), context=f"identity.signing:{kid}"
        ),
        public=public,
        active_from=now() if state is KeyState.ACTIVE else None,
    )


def _private(row: SigningKey) -> Key:
    return _import(row.alg, orjson.loads(unseal(bytes(row.sealed), context=f"identity.signing:{row.kid}")))


def _import(alg: str, member: dict[str, Any]) -> Key:
    return ECKey.import_key(member) if alg == "ES256" else RSAKey.import_key(member)
