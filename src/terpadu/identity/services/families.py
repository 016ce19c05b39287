"""Acting for a child or a ward: parents as the family registry names them, guardians by evidence that an officer saw."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from pydantic import BaseModel, ConfigDict

from terpadu.identity.enums import EvidenceKind, MandateEnd, MandateKind
from terpadu.identity.errors import (
    DataNotConfirmed,
    FamilyUnavailable,
    MandateInvalid,
    MandateUnknown,
    NikMalformed,
    SecondOfficerNeeded,
)
from terpadu.identity.models import Mandate, Person
from terpadu.identity.models.mandates import MandateQuerySet
from terpadu.identity.rules.accounts import clean_nik, find_nik_fault, tidy_name
from terpadu.identity.rules.mandates import (
    ALL_SERVICES,
    FamilyMember,
    birthday,
    end_of_childhood,
    is_parent_of,
)
from terpadu.identity.selectors.accounts import open_nik
from terpadu.identity.selectors.reference import assurance_limits
from terpadu.identity.services.mandates import mandate_begin, mandate_close
from terpadu.identity.services.persons import person_ensure
from terpadu.identity.services.population import family_check, population_check
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now, today
from terpadu.kernel.crypto import seal, unseal

BY = Actor.system("family")
LEAST_NUMBER = 3


def family_refresh(person_id: UUID, *, by: Actor) -> None:
    """Ask the family registry anew whose parent a person is: new children are added, others end.

    Raises FamilyUnavailable; then nothing changes.
    """
    members = family_check(person_id, by=by)
    nik = open_nik(Person.objects.get(pk=person_id))
    children = {}
    for member in members:
        if is_parent_of(nik, member):
            children[_child_id(member)] = member
    _apply(person_id, children)


def _child_id(member: FamilyMember) -> UUID:
    return person_ensure(nik=member.nik, name=member.name, birth_on=member.birth_on, sex=member.sex, by=BY)


@transaction.atomic
def _apply(person_id: UUID, children: dict[UUID, FamilyMember]) -> None:
    """Make the parent's mandates equal to what the registry says."""
    Person.objects.select_for_update().get(pk=person_id)
    age = assurance_limits().representation.parent_until_age
    known = {row.subject_id: row for row in _parent_mandates(person_id).select_for_update()}
    for child_id, row in known.items():
        member = children.get(child_id) if child_id else None
        end = end_of_childhood(member, age=age, today=today()) if member else MandateEnd.REGISTRY
        if end:
            mandate_close(row, end=end, by=BY)
        else:
            Mandate.objects.filter(pk=row.pk).update(read_at=now())
    for child_id in children.keys() - known.keys():
        member = children[child_id]
        if end_of_childhood(member, age=age, today=today()) is None:
            _begin_parent(person_id, child_id, until=_day_begins(birthday(member.birth_on, age=age)))


def _parent_mandates(person_id: UUID) -> MandateQuerySet:
    return Mandate.objects.filter(kind=MandateKind.PARENT, actor_id=person_id, ended_at__isnull=True)


def _begin_parent(person_id: UUID, child_id: UUID, *, until: datetime) -> None:
    row = Mandate(
        kind=MandateKind.PARENT,
        subject_id=child_id,
        actor_id=person_id,
        services=[ALL_SERVICES],
        valid_until=until,
        read_at=now(),
    )
    mandate_begin(row, by=BY)


def _day_begins(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=JAKARTA)


def family_confirm(row: Mandate, *, by: Actor) -> None:
    """Ask the registry again when it confirmed a parent's mandate too long ago; it may have ended meanwhile.

    Raises FamilyUnavailable when the registry is down and the last answer is older than a week, MandateUnknown when the
    mandate has just ended.
    """
    limits = assurance_limits().representation
    age = now() - (row.read_at or row.created_at)
    if row.kind != MandateKind.PARENT or row.actor_id is None or age < timedelta(days=limits.reread_days):
        return
    try:
        family_refresh(row.actor_id, by=by)
    except FamilyUnavailable:
        if age > timedelta(days=limits.use_without_registry_days):
            raise
    if not Mandate.objects.in_force(now()).filter(pk=row.pk).exists():
        raise MandateUnknown(reason="ended")


class Ward(BaseModel):
    """Whom somebody says to be the guardian of, as typed."""

    model_config = ConfigDict(frozen=True)

    nik: str
    name: str
    birth_on: date


@transaction.atomic
def guardianship_request(ward: Ward, *, evidence: EvidenceKind, number: str, by: Actor) -> UUID:
    """Ask to act for a ward; an officer sees the evidence first. Nothing tells whether the ward is known here.

    number: of the court decision or deed. Raises NikMalformed, MandateInvalid without a number.
    """
    fault = find_nik_fault(ward.nik, today=today())
    if fault:
        raise NikMalformed(fault=fault.value)
    if len(number.strip()) < LEAST_NUMBER or by.person_id is None:
        raise MandateInvalid()
    row = Mandate(
        kind=MandateKind.GUARDIAN,
        actor_id=by.person_id,
        services=[ALL_SERVICES],
        evidence=evidence,
        evidence_number=number.strip()[:80],
    )
    tidy = Ward(nik=clean_nik(ward.nik), name=tidy_name(ward.name), birth_on=ward.birth_on)
    row.sealed = seal(tidy.model_dump_json().encode(), context=_context(row.id))
    row.save(force_insert=True)
    audit.record("identity.guardianship_requested", by=by, about_kind="mandate", about_id=row.id)
    return row.id


def _context(mandate_id: UUID) -> str:
    return f"identity.ward:{mandate_id}"


def ward_of(mandate_id: UUID) -> Ward:
    """Return whom a guardianship that waits is about, for the officer who decides. Raises MandateUnknown."""
    row = Mandate.objects.filter(pk=mandate_id, kind=MandateKind.GUARDIAN, ended_at__isnull=True).first()
    if row is None or row.sealed is None:
        raise MandateUnknown()
    return Ward.model_validate_json(unseal(bytes(row.sealed), context=_context(row.id)))


def guardianship_confirm(mandate_id: UUID, *, until: date | None, by: Actor) -> None:
    """Put a guardianship into force after an officer saw the original evidence.

    until: last day as the decision says; for a child it ends at 17 at the latest, for an adult a day is needed.
    Raises MandateUnknown, PopulationUnavailable, DataNotConfirmed when registry and request differ, MandateInvalid,
    SecondOfficerNeeded for an officer's own request.
    """
    ward = ward_of(mandate_id)
    answer = population_check(ward.nik, ward.name, ward.birth_on, by=by)
    if not answer.is_confirmed:
        raise DataNotConfirmed()
    end = _ward_end(ward, until=until)
    ward_id = person_ensure(
        nik=ward.nik, name=answer.name or ward.name, birth_on=ward.birth_on, sex=answer.sex, by=by
    )
    try:
        with transaction.atomic():
            row = _hold(mandate_id, by=by)
            row.subject_id, row.sealed, row.valid_until = ward_id, None, end
            row.officer_id, row.agency_code = by.person_id, by.agency
            mandate_begin(row, by=by)
    except IntegrityError:
        raise MandateInvalid(reason="for oneself") from None


def _ward_end(ward: Ward, *, until: date | None) -> datetime:
    last = birthday(ward.birth_on, age=assurance_limits().representation.parent_until_age)
    is_child = last > today()
    if until is None and not is_child:
        raise MandateInvalid(reason="an adult's guardianship needs an end")
    chosen = min(until + timedelta(days=1), last) if until and is_child else (until or last)
    if chosen <= today():
        raise MandateInvalid(reason="in the past")
    return _day_begins(chosen)


def _hold(mandate_id: UUID, *, by: Actor) -> Mandate:
    row = (
        Mandate.objects.select_for_update()
        .filter(pk=mandate_id, kind=MandateKind.GUARDIAN, started_at__isnull=True, ended_at__isnull=True)
        .first()
    )
    if row is None:
        raise MandateUnknown()
    if row.actor_id == by.person_id:
        raise SecondOfficerNeeded(reason="oneself")
    return row


@transaction.atomic
def guardianship_refuse(mandate_id: UUID, *, by: Actor) -> None:
    """Refuse a guardianship whose evidence does not hold. Raises MandateUnknown, SecondOfficerNeeded."""
    row = _hold(mandate_id, by=by)
    row.sealed = None
    row.save(update_fields=["sealed"])
    mandate_close(row, end=MandateEnd.REFUSED, by=by)
