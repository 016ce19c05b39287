"""Joining with four eyes: one person asks for an agency, another one who operates the exchange decides."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.directory.public import agency_get
from terpadu.exchange.enums import JoiningState
from terpadu.exchange.errors.disclosure import JoiningClosed, JoiningUnknown, SecondPersonNeeded
from terpadu.exchange.models import JoiningRequest
from terpadu.exchange.policies import check_acts_for, check_operates
from terpadu.exchange.services.peers import key_register, peer_join
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed

LONGEST_REASON = 500


@transaction.atomic
def joining_ask(agency_code: str, *, certificate_request: str = "", by: Actor) -> UUID:
    """Ask for an agency to join; return the request. An officer of the agency may, and whoever operates the exchange.

    certificate_request: PEM of a key that the agency keeps, "" for one that is made here. The key itself is looked at when
    the request is decided. Raises AgencyUnknown, JoiningClosed while one waits, NotAllowed.
    """
    agency = agency_get(agency_code)
    if by.agency == agency_code:
        check_acts_for(agency_code, by=by)
    else:
        check_operates(by)
    if by.person_id is None:
        raise NotAllowed()
    row, is_new = JoiningRequest.objects.get_or_create(
        agency_id=agency.id,
        state=JoiningState.WAITING,
        defaults={"asked_by": by.person_id, "certificate_request": certificate_request.strip()},
    )
    if not is_new:
        raise JoiningClosed()
    audit.record("exchange.joining_asked", by=by, about_kind="agency", about_id=agency.id)
    return row.id


@transaction.atomic
def joining_decide(request_id: UUID, *, is_approved: bool, reason: str = "", by: Actor) -> None:
    """Approve that an agency joins, which happens at once, or refuse it. Never for whoever asked.

    reason: why it is refused. Raises JoiningUnknown, JoiningClosed, SecondPersonNeeded, RequestInvalid, NotAllowed.
    """
    person_id = check_operates(by)
    rows = JoiningRequest.objects.select_for_update(of=("self",)).select_related("agency")
    row = rows.filter(pk=request_id).first()
    if row is None:
        raise JoiningUnknown()
    if row.state != JoiningState.WAITING:
        raise JoiningClosed()
    if row.asked_by == person_id:
        raise SecondPersonNeeded()
    row.state = JoiningState.APPROVED if is_approved else JoiningState.REFUSED
    row.decided_by, row.decided_at, row.reason = person_id, now(), reason.strip()[:LONGEST_REASON]
    if is_approved:
        row.certificate = _join(row)
    row.save()
    facts = {"state": str(row.state)}
    audit.record("exchange.joining_decided", by=by, about_kind="agency", about_id=row.agency_id, facts=facts)


def _join(row: JoiningRequest) -> str:
    """Let the agency join; return the certificate of its own key, "" when the key is made here."""
    by = Actor.system("exchange.operator")
    if row.certificate_request:
        return key_register(row.agency.code, row.certificate_request.encode(), by=by)
    peer_join(row.agency.code, by=by)
    return ""
