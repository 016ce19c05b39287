"""Proofing: a check of who a person is, kept with who made it and how. It is never mixed with how they sign in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from terpadu.identity.enums import EvidenceKind, ProofingMethod
from terpadu.identity.errors import (
    FaceNotMatched,
    FaceUnusable,
    SecondOfficerNeeded,
    TicketRefused,
    TooManyTries,
)
from terpadu.identity.events import PersonProofed
from terpadu.identity.models import CounterTicket, Person, Proofing
from terpadu.identity.selectors.accounts import open_nik
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services import codes, tries
from terpadu.identity.services.faces import FaceAnswer, face_matcher
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.audit import Fact
from terpadu.kernel.clock import now
from terpadu.kernel.errors import DomainError
from terpadu.kernel.outbox import emit

TICKET = "counter_ticket"
TICKET_LENGTH = 8
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@transaction.atomic
def proofing_record(
    person_id: UUID,
    *,
    method: ProofingMethod,
    by: Actor,
    evidence: str = "",
    face: tuple[float, float, str] | None = None,
    is_passed: bool = True,
) -> None:
    """Keep one check of a person. evidence: what an officer saw. face: (score, threshold, name of the adapter)."""
    officer = by.person_id if by.kind == "officer" else None
    score, threshold, checked_by = face or (None, None, "")
    row = Proofing.objects.create(
        person_id=person_id,
        method=method,
        is_passed=is_passed,
        evidence=evidence,
        officer_id=officer,
        agency_code=by.agency,
        score=score,
        threshold=threshold,
        checked_by=checked_by,
    )
    facts: dict[str, Fact] = {"method": method.value, "passed": is_passed, "evidence": evidence}
    audit.record("identity.person_proofed", by=by, about_kind="person", about_id=person_id, facts=facts)
    if is_passed:
        emit(PersonProofed(person_id, row.at, method.value, by.agency))


@transaction.atomic
def ticket_open(person_id: UUID) -> str:
    """Return a code for the person's phone to show at a counter; an earlier one stops working."""
    CounterTicket.objects.filter(person_id=person_id, used_at__isnull=True).delete()
    code = codes.code_draw(TICKET_LENGTH)
    life = timedelta(minutes=assurance_limits().counter.ticket_minutes)
    CounterTicket.objects.create(
        person_id=person_id, code_hash=codes.code_hash(code, context=TICKET), expires_at=now() + life
    )
    return code


def ticket_person(typed: str, *, by: Actor) -> UUID:
    """Return whose phone shows a code. Raises TicketRefused; TooManyTries for an officer who keeps guessing."""
    if not tries.try_take(tries.COUNTER_CODE, str(by.person_id)):
        raise TooManyTries(limit="counter_code")
    row = CounterTicket.objects.filter(code_hash=codes.code_hash(typed, context=TICKET) or "-").first()
    if row is None or row.used_at is not None or row.expires_at <= now():
        raise TicketRefused()
    tries.try_give_back(tries.COUNTER_CODE, str(by.person_id))
    person_id: UUID = row.person_id
    if person_id == by.person_id:
        raise SecondOfficerNeeded(reason="oneself")
    return person_id


@transaction.atomic
def proofing_confirm(typed: str, *, evidence: EvidenceKind, by: Actor) -> UUID:
    """Confirm at a counter who a person is, by the code on their phone; the code is used up. Returns the person.

    Raises TicketRefused, TooManyTries, and SecondOfficerNeeded for an officer's own code.
    """
    person_id = ticket_person(typed, by=by)
    CounterTicket.objects.select_for_update().filter(person_id=person_id, used_at__isnull=True).update(
        used_at=now()
    )
    proofing_record(person_id, method=ProofingMethod.COUNTER, evidence=evidence.value, by=by)
    return person_id


def face_check(person_id: UUID, *, image: bytes, by: Actor) -> None:
    """Compare a picture with the registry's. Score and decision are kept, the picture never.

    image: JPEG or PNG, at most 1 MB. Raises FaceUnusable, FaceUnavailable (nothing is kept, no try is lost),
    FaceNotMatched, and TooManyTries after three.
    """
    limits = assurance_limits().face
    if not image.startswith(PICTURES) or len(image) > limits.max_bytes:
        raise FaceUnusable(reason="format")
    matcher = face_matcher()
    if not tries.try_take(tries.FACE, str(person_id)):
        raise TooManyTries(limit="face")
    try:
        answer = matcher.compare(open_nik(Person.objects.get(pk=person_id)), image)
    except DomainError:
        tries.try_give_back(tries.FACE, str(person_id))  # only an answer costs a try
        raise
    is_match = _is_match(answer, threshold=limits.threshold)
    face = (answer.score, limits.threshold, matcher.name)
    proofing_record(person_id, method=ProofingMethod.FACE, face=face, is_passed=is_match, by=by)
    if not is_match:
        raise FaceNotMatched()


def _is_match(answer: FaceAnswer, *, threshold: float) -> bool:
    return answer.found and answer.active and answer.score >= threshold


def tickets_purge() -> None:
    """Delete codes that nobody can use any more."""
    CounterTicket.objects.filter(expires_at__lt=now() - timedelta(days=1)).delete()
