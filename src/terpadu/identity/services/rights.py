"""Data rights of UU 27/2022: the copy of everything, and requests with the law's clock of 3 x 24 hours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from terpadu.identity.enums import DataRequestState, DataRight
from terpadu.identity.errors import AnswerMissing, DataRequestUnknown
from terpadu.identity.events import DataRequestMoved
from terpadu.identity.models import DataRequest
from terpadu.identity.rules.rights import DataSection, due_at
from terpadu.identity.selectors.reference import rights_law
from terpadu.identity.selectors.rights import context_of
from terpadu.identity.services.closing import account_delete
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now
from terpadu.kernel.crypto import seal
from terpadu.kernel.errors import DomainError
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu.kernel.timers import timer_cancel, timer_set

DUE = "identity.data_request_due"
LEAST_WORDS = 10
LONGEST_WORDS = 4000
PLATFORM = "portal"

_sections: dict[str, DataSection] = {}


def register_data_section(section: DataSection) -> None:
    """Add a body of data to everybody's copy. Call it from an app's `ready`; the same key replaces the earlier one."""
    _sections[section.key] = section


def data_sections() -> list[DataSection]:
    """Return every body of data about people that this platform holds, by key."""
    return [_sections[key] for key in sorted(_sections)]


@transaction.atomic
def access_copy(person_id: UUID, *, by: Actor) -> dict[str, Any]:
    """Return everything that all domains hold about a person, as plain JSON values, and note that it was given.

    A domain that cannot answer now is named with its error instead of being left out in silence.
    """
    law, moment = rights_law(), now()
    right = law.rights[DataRight.ACCESS.value]
    DataRequest.objects.create(
        person_id=person_id,
        right=DataRight.ACCESS,
        state=DataRequestState.DONE,
        agency_code=PLATFORM,
        made_at=moment,
        made_by=by.person_id or person_id,
        due_at=due_at(moment, hours=right.hours),
        decided_at=moment,
    )
    audit.record("identity.data_copied", by=by, about_kind="person", about_id=person_id)
    return {
        "format": "terpadu.data-copy/1",
        "made_at": moment.astimezone(JAKARTA).isoformat(),
        "law": f"{law.law} art. {right.articles}",
        "person_id": str(person_id),
        "sections": [_copied(section, person_id) for section in data_sections()],
    }


def _copied(section: DataSection, person_id: UUID) -> dict[str, Any]:
    described = {
        "key": section.key,
        "title": dict(section.title),
        "owner": section.owner(person_id),
        "purpose": dict(section.purpose),
    }
    try:
        return {**described, "data": section.read(person_id)}
    except DomainError as error:
        return {**described, "data": None, "unavailable": error.code}


def data_request_make(person_id: UUID, *, right: DataRight, section: str, words: str, by: Actor) -> UUID:
    """Use a right: the owner of the data has the law's hours from now on. Returns the request.

    section: key of the body of data; for a deletion of the account "". Raises AnswerMissing when it is not said what is
    meant, DataRequestUnknown for an unknown body of data.
    """
    if right is not DataRight.DELETION and len(words.strip()) < LEAST_WORDS:
        raise AnswerMissing()
    owner = PLATFORM if right is DataRight.DELETION else _owner(section, person_id)
    return _make(person_id, right=right, section=section, words=words, owner=owner, by=by)


def explanation_ask(person_id: UUID, *, agency_code: str, reference: str, words: str, by: Actor) -> UUID:
    """Ask an agency why it read one's data; it has the law's hours to answer. Returns the request.

    reference: transaction id of the reading. words: what the person wants to know. Raises AnswerMissing.
    """
    if len(words.strip()) < LEAST_WORDS:
        raise AnswerMissing()
    asked = f"{words.strip()}\n\n{reference}"
    return _make(person_id, right=DataRight.EXPLANATION, section="", words=asked, owner=agency_code, by=by)


@transaction.atomic
def _make(person_id: UUID, *, right: DataRight, section: str, words: str, owner: str, by: Actor) -> UUID:
    request_id, moment = uuid7(), now()
    row = DataRequest.objects.create(
        id=request_id,
        person_id=person_id,
        right=right,
        section=section,
        agency_code=owner,
        sealed=seal(words.strip()[:LONGEST_WORDS].encode(), context=context_of(request_id)),
        made_at=moment,
        made_by=by.person_id or person_id,
        due_at=due_at(moment, hours=rights_law().rights[right.value].hours),
    )
    timer_set(DUE, key=str(row.id), due_at=row.due_at)
    _moved(row, "made", by=by)
    return row.id


def _owner(section: str, person_id: UUID) -> str:
    if section not in _sections:
        raise DataRequestUnknown(reason="section")
    return _sections[section].owner(person_id)


@transaction.atomic
def data_request_decide(request_id: UUID, *, is_granted: bool, answer: str, by: Actor) -> None:
    """Answer a request as an officer of the owner. answer: what was done, or why not; shown to the person.

    Raises DataRequestUnknown, AnswerMissing.
    """
    if len(answer.strip()) < LEAST_WORDS:
        raise AnswerMissing()
    row = _hold(request_id)
    if by.kind != "officer" or by.agency != row.agency_code or by.person_id == row.person_id:
        raise DataRequestUnknown(reason="officer")
    row.answer = answer.strip()[:LONGEST_WORDS]
    _close(row, DataRequestState.DONE if is_granted else DataRequestState.REFUSED, by=by)


@transaction.atomic
def data_request_cancel(request_id: UUID, *, by: Actor) -> None:
    """Take back one's own request while it is open, or lift a restriction that was granted. Raises DataRequestUnknown."""
    if by.person_id is None:
        raise DataRequestUnknown(reason="person")
    granted = DataRequest.objects.filter(
        pk=request_id,
        person_id=by.person_id,
        right=DataRight.RESTRICTION,
        state=DataRequestState.DONE,
        lifted_at__isnull=True,
    )
    if granted.update(lifted_at=now()):
        audit.record("identity.restriction_lifted", by=by, about_kind="data_request", about_id=request_id)
        return
    row = _hold(request_id)
    if row.person_id != by.person_id:
        raise DataRequestUnknown(reason="person")
    _close(row, DataRequestState.CANCELLED, by=by)


@transaction.atomic
def data_request_due(request_id: UUID) -> None:
    """Do what the end of the law's clock means: a deletion happens now, anything else is late and says so."""
    row = DataRequest.objects.select_for_update().filter(pk=request_id, state=DataRequestState.OPEN).first()
    if row is None or row.due_at > now():
        return
    if row.right == DataRight.DELETION:
        _close(row, DataRequestState.DONE, by=Actor.system("rights"))
        account_delete(row.person_id, by=Actor.system("rights"))
        return
    row.is_late = True
    row.save(update_fields=["is_late"])
    _moved(row, "late", by=Actor.system("rights"))


def _hold(request_id: UUID) -> DataRequest:
    row = DataRequest.objects.select_for_update().filter(pk=request_id, state=DataRequestState.OPEN).first()
    if row is None:
        raise DataRequestUnknown(reason="not open")
    return row


def _close(row: DataRequest, state: DataRequestState, *, by: Actor) -> None:
    row.state, row.decided_at, row.decided_by = state, now(), by.person_id
    row.save(update_fields=["state", "decided_at", "decided_by", "answer"])
    timer_cancel(DUE, key=str(row.id))
    _moved(row, state.value, by=by)


def _moved(row: DataRequest, state: str, *, by: Actor) -> None:
    facts = {"right": row.right, "state": state, "agency": row.agency_code}
    audit.record(
        "identity.data_request_moved", by=by, about_kind="data_request", about_id=row.id, facts=facts
    )
    emit(DataRequestMoved(row.id, row.person_id, row.right, state, row.agency_code, row.due_at, now()))
