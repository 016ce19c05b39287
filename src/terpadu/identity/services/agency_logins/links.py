"""Links between persons and agencies' logins: made once, by the person, in their own session; the way in afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from terpadu.identity.enums import LoginPurpose, SignInMethod
from terpadu.identity.errors.officers import LinkTaken, LoginExpired, LoginUnknown, NoPositionHere, NotLinked
from terpadu.identity.events import SignInMethodChanged
from terpadu.identity.models import Account, OfficerLink
from terpadu.identity.selectors.accounts import assignments_of
from terpadu.identity.services.agency_logins.attempts import Arrived
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.outbox import emit


@dataclass(frozen=True)
class Entrant:
    """Who enters by an agency's login. level: `acr` as agreed."""

    account: Account
    link_id: UUID
    level: str


@transaction.atomic
def link_make(arrived: Arrived, *, by: Actor) -> None:
    """Link the person with whom came back, after they began it themselves in their own session.

    Raises LoginExpired when somebody else began, NoPositionHere, LinkTaken.
    """
    if arrived.purpose != LoginPurpose.LINK or by.kind != "person" or arrived.person_id != by.person_id:
        raise LoginExpired()
    if arrived.person_id is None or not holds_position(arrived.person_id, arrived.agency_code):
        raise NoPositionHere()
    try:
        with transaction.atomic():
            row = OfficerLink.objects.create(
                login_id=arrived.login_id, person_id=arrived.person_id, subject_hash=arrived.subject_hash
            )
    except IntegrityError:
        raise LinkTaken() from None
    _tell("identity.officer_linked", row, change="added", by=by)


@transaction.atomic
def link_end(link_id: UUID, *, by: Actor) -> None:
    """Remove a link of one's own; sessions that it opened are worth nothing. Raises LoginUnknown."""
    rows = OfficerLink.objects.select_for_update().filter(ended_at__isnull=True)
    row = rows.filter(pk=link_id).first()
    if row is None or row.person_id != by.person_id:
        raise LoginUnknown()
    OfficerLink.objects.filter(pk=row.pk).update(ended_at=now())
    _tell("identity.officer_unlinked", row, change="removed", by=by)


def entrant_of(arrived: Arrived) -> Entrant:
    """Return who enters. Raises LoginExpired, NotLinked (also for a closed account), NoPositionHere.

    Who held a position here and holds none any more does not enter, whatever their agency's login says.
    """
    if arrived.purpose != LoginPurpose.ENTER:
        raise LoginExpired()
    rows = OfficerLink.objects.filter(
        login_id=arrived.login_id, subject_hash=arrived.subject_hash, ended_at__isnull=True
    )
    link = rows.first()
    accounts = Account.objects.select_related("person").filter(is_active=True)
    account = accounts.filter(person_id=link.person_id).first() if link else None
    if link is None or account is None:
        raise NotLinked()
    if not holds_position(account.person_id, arrived.agency_code):
        raise NoPositionHere()
    return Entrant(account, link.id, arrived.acr)


def holds_position(person_id: UUID, agency_code: str) -> bool:
    """Tell whether a person holds a position in an agency today."""
    held = assignments_of(person_id, on=today())
    return any(view.position.agency.code == agency_code for view in held)


def _tell(event: str, row: OfficerLink, *, change: str, by: Actor) -> None:
    facts = {"login": str(row.login_id)}
    audit.record(event, by=by, about_kind="officer_link", about_id=row.id, facts=facts)
    emit(SignInMethodChanged(row.person_id, now(), SignInMethod.AGENCY.value, change))
