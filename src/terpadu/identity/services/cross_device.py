"""One screen asks, the person's phone answers: identify, share, verify, be helped (the flows of INApas).

Against relayed codes: a request lives for minutes, belongs to the session that shows it, names who asks and where, and
the person picks the number that stands on the screen in front of them. What it opens is never worth a passkey.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from terpadu.identity.enums import AuthenticationLevel, CrossDeviceKind, CrossDeviceState
from terpadu.identity.errors import NumberDiffers, RequestGone, TooManyTries
from terpadu.identity.events import CrossDeviceAnswered
from terpadu.identity.models import Account, CrossDeviceRequest
from terpadu.identity.selectors.accounts import account_of, person_get
from terpadu.identity.selectors.cross_device import RequestView, request_view
from terpadu.identity.selectors.proofing import proofing_of
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services import codes, tries
from terpadu.identity.services.mandates import help_begin
from terpadu.identity.services.persons import nik_reveal
from terpadu.identity.services.sign_in import Visit
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.audit import Fact
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit

CONTEXT = "cross_device"
CODE_LENGTH = 10
RESULT_FOR = timedelta(minutes=10)
SHARED = ("name", "birth_on", "sex", "nik")
"""What a counter may ask to be shown; "verify" shows name and proofing level only."""


@dataclass(frozen=True)
class Opened:
    """A request that was just opened. code: what the QR code carries; shown once, kept nowhere in clear."""

    request_id: UUID
    code: str


@dataclass(frozen=True)
class Shown:
    """What a counter learns: label-free values by key of `SHARED`, and how sure the identity is."""

    values: dict[str, str]
    level: str


def request_open(
    kind: CrossDeviceKind,
    *,
    visit: Visit,
    by: Actor | None = None,
    purpose: str = "",
    items: Collection[str] = (),
) -> Opened:
    """Open a request for a screen to show. by: the officer at a counter, None for one's own other device.

    items: keys of `SHARED` to share, or identifiers of services to be helped with. Raises TooManyTries when one network
    opens too many.
    """
    if not tries.try_take(tries.SCREEN_CODES, visit.network):
        raise TooManyTries(limit="screen_codes")
    code = codes.code_draw(CODE_LENGTH)
    minutes = assurance_limits().counter.request_minutes
    row = CrossDeviceRequest.objects.create(
        id=uuid7(),
        kind=kind,
        code_hash=codes.code_hash(code, context=CONTEXT),
        number=10 + secrets.randbelow(90),
        network=visit.network,
        device=visit.device,
        officer_id=by.person_id if by else None,
        agency_code=by.agency if by else "",
        position_id=by.position if by else "",
        purpose=purpose.strip()[:200],
        items=list(items),
        expires_at=now() + timedelta(minutes=minutes),
    )
    return Opened(row.id, code)


def request_find(typed: str, *, visit: Visit) -> RequestView:
    """Return the request whose code a phone scanned or a person typed. Raises RequestGone, TooManyTries."""
    if not tries.try_take(tries.TYPED_CODE, visit.network):
        raise TooManyTries(limit="typed_code")
    row = CrossDeviceRequest.objects.filter(code_hash=codes.code_hash(typed, context=CONTEXT) or "-").first()
    if row is None or row.state != CrossDeviceState.WAITING or row.expires_at <= now():
        raise RequestGone()
    tries.try_give_back(tries.TYPED_CODE, visit.network)
    return request_view(row)


def request_answer(
    request_id: UUID, *, agrees: bool, number: int | None, level: AuthenticationLevel, by: Actor
) -> RequestView:
    """Answer a request from the phone. number: the one that the person picked. level: `acr` of the phone's session.

    Raises RequestGone when it is answered or too old, or asks the officer themselves; NumberDiffers for another number:
    then the request is over, so that nobody can try again.
    """
    row = _answer(request_id, agrees=agrees, number=number, level=level, by=by)
    if agrees and row.state == CrossDeviceState.REFUSED:
        raise NumberDiffers()
    return request_view(row)


@transaction.atomic
def _answer(
    request_id: UUID, *, agrees: bool, number: int | None, level: AuthenticationLevel, by: Actor
) -> CrossDeviceRequest:
    row = CrossDeviceRequest.objects.select_for_update().filter(pk=request_id).first()
    is_open = row is not None and row.state == CrossDeviceState.WAITING and row.expires_at > now()
    if row is None or not is_open or by.person_id in (None, row.officer_id) or by.represented_id:
        raise RequestGone()
    is_agreed = agrees and number == row.number
    row.state = CrossDeviceState.APPROVED if is_agreed else CrossDeviceState.REFUSED
    row.person_id, row.decided_at, row.level = by.person_id, now(), level.value
    row.save(update_fields=["state", "person", "decided_at", "level"])
    facts: dict[str, Fact] = {"kind": row.kind, "agreed": is_agreed, "agency": row.agency_code}
    audit.record("identity.cross_device_answered", by=by, about_kind="request", about_id=row.id, facts=facts)
    if is_agreed:
        _agreed(row, by=by)
    return row


def _agreed(row: CrossDeviceRequest, *, by: Actor) -> None:
    if by.person_id is None or row.decided_at is None:
        return
    if row.kind == CrossDeviceKind.ASSIST:
        help_begin(by.person_id, services=row.items, by=_officer(row))
    emit(
        CrossDeviceAnswered(
            row.id, by.person_id, row.decided_at, row.kind, row.agency_code, tuple(row.items), row.device
        )
    )


def _officer(row: CrossDeviceRequest) -> Actor:
    if row.officer_id is None:
        raise RequestGone()
    return Actor.officer(row.officer_id, agency=row.agency_code, position=row.position_id)


def request_state(request_id: UUID) -> RequestView:
    """Return where a request stands, for the session that shows it. Raises RequestGone."""
    row = CrossDeviceRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise RequestGone()
    return request_view(row)


@transaction.atomic
def request_sign_in(request_id: UUID) -> tuple[Account, AuthenticationLevel]:
    """Use an agreed request up: return whose account opens on the asking screen, and how strong the phone's sign-in was.

    Raises RequestGone when it is not agreed, too old, or used.
    """
    row = (
        CrossDeviceRequest.objects.select_for_update()
        .filter(pk=request_id, kind=CrossDeviceKind.IDENTIFY, state=CrossDeviceState.APPROVED)
        .first()
    )
    if row is None or row.expires_at <= now() or row.person_id is None:
        raise RequestGone()
    account = account_of(row.person_id)
    if account is None or not account.is_active:
        raise RequestGone()
    row.state = CrossDeviceState.USED
    row.save(update_fields=["state"])
    return account, AuthenticationLevel(row.level)


def request_shown(request_id: UUID, *, by: Actor) -> Shown:
    """Return what the person agreed to show a counter, to the officer who asked, for ten minutes.

    Raises RequestGone for anybody else or later.
    """
    row = CrossDeviceRequest.objects.filter(pk=request_id, officer_id=by.person_id).first()
    if row is None or row.person_id is None or row.decided_at is None:
        raise RequestGone()
    is_fresh = row.decided_at + RESULT_FOR > now()
    if row.state not in (CrossDeviceState.APPROVED, CrossDeviceState.USED) or not is_fresh:
        raise RequestGone()
    asked = row.items if row.kind == CrossDeviceKind.SHARE else ["name"]
    is_first = row.state == CrossDeviceState.APPROVED
    shown = Shown(_values(row.person_id, asked, by=by), proofing_of(row.person_id).level.value)
    if is_first:
        CrossDeviceRequest.objects.filter(pk=row.pk).update(state=CrossDeviceState.USED)
        facts = {"kind": row.kind, "items": ",".join(asked)}
        audit.record("identity.data_shown", by=by, about_kind="person", about_id=row.person_id, facts=facts)
    return shown


def _values(person_id: UUID, asked: Collection[str], *, by: Actor) -> dict[str, str]:
    person = person_get(person_id)
    known = {"name": person.name, "birth_on": person.birth_on.isoformat(), "sex": person.sex}
    found = {key: known[key] for key in asked if key in known}
    if "nik" in asked:
        found["nik"] = nik_reveal(person_id, reason="identity.counter_share", by=by)
    return found


def requests_purge() -> None:
    """Delete requests of one's own devices after a day; those of counters stay as history."""
    edge = now() - timedelta(days=1)
    CrossDeviceRequest.objects.filter(kind=CrossDeviceKind.IDENTIFY, expires_at__lt=edge).delete()
