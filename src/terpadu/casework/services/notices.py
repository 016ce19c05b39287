"""Messages to the applicant: templates of `messaging`, one for each moment and case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from terpadu.casework import events
from terpadu.casework.definitions.flow import NoticeMoment
from terpadu.casework.dossier import Dossier
from terpadu.casework.models import Case
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.kernel.clock import JAKARTA
from terpadu.messaging import public as messaging

REMINDER = "correction_reminder"


def link_to(case_id: UUID) -> str:
    """Return the address of the applicant's page of a case."""
    return f"/permohonan/{case_id}/"


def received(event: events.CaseSubmitted) -> None:
    """Tell that the case has arrived and when it ends."""
    words = {"service": event.service_name, "due_on": _day(event.due_at)}
    _send(event.case_id, "received", words)


def returned(event: events.CaseReturned) -> None:
    """Tell what to change, until when; once for each time."""
    words = {"service": event.service_name, "reason": event.message, "due_on": _day(event.answer_by)}
    _send(event.case_id, "needs_changes", words, again=event.answer_by.isoformat())


def decided(event: events.CaseDecided) -> None:
    """Tell of a rejection or a lapse."""
    if event.outcome == "rejected":
        _send(event.case_id, "rejected", {"service": event.service_name, "reason": event.reason})
    elif event.outcome == "lapsed":
        _send(event.case_id, "lapsed", {"service": event.service_name})


def issued(event: events.OutputIssued) -> None:
    """Tell that a document is in the wallet."""
    link = f"/dompet/{event.document_id}/"
    _send(event.case_id, "issued", {"document": event.title}, again=event.output_id, link=link)


def late(event: events.DeadlineMissed) -> None:
    """Tell that the promise was broken."""
    _send(event.case_id, "late", {"service": event.service_name, "due_on": _day(event.due_at)})


def remind(case_id: UUID) -> None:
    """Remind that changes are awaited, when they still are."""
    dossier = Dossier.open(case_id)
    case = dossier.case
    if case.answer_by is None:
        return
    messaging.message_send(
        person_id=case.person_id,
        template=REMINDER,
        context={
            "service": dossier.definition.name.as_dict(),
            "case_number": case.number,
            "due_on": _day(case.answer_by),
        },
        dedup_key=f"{REMINDER}:{case.id}:{case.answer_by.isoformat()}",
        link=link_to(case.id),
    )


def _day(at: datetime) -> str:
    return at.astimezone(JAKARTA).date().isoformat()


def _send(
    case_id: UUID, moment: NoticeMoment, words: Mapping[str, object], *, again: str = "", link: str = ""
) -> None:
    """Send the notice of a moment, when the service has one. again: tells repeated moments of one case apart."""
    case = Case.objects.get(pk=case_id)
    notice = compiled_of(case.definition_id).definition.notify.get(moment)
    if notice is None:
        return
    messaging.message_send(
        person_id=case.person_id,
        template=notice.template,
        context={**words, "case_number": case.number},
        dedup_key=f"{notice.template}:{case.id}:{again}",
        link=link or link_to(case.id),
    )


def complaint_received(event: events.ComplaintReceived) -> None:
    """Tell those who may answer that a complaint waits; neither its words nor the person."""
    _tell_handlers(event.handlers, "complaint_waiting", event)


def complaint_missed(event: events.ComplaintMissed) -> None:
    """Tell the applicant and those who may answer that the limit has passed."""
    _tell_handlers(event.handlers, "complaint_overdue", event)
    messaging.message_send(
        person_id=event.person_id,
        template="complaint_late",
        context={
            "service": event.service_name,
            "case_number": event.case_number,
            "due_on": _day(event.due_at),
        },
        dedup_key=f"complaint_late:{event.complaint_id}",
        link=link_to(event.case_id),
    )


def _tell_handlers(
    handlers: Iterable[UUID], template: str, event: events.ComplaintReceived | events.ComplaintMissed
) -> None:
    for person_id in handlers:
        messaging.message_send(
            person_id=person_id,
            template=template,
            context={"service": event.service_name, "due_on": _day(event.due_at)},
            dedup_key=f"{template}:{event.complaint_id}",
            link=f"/petugas/pengaduan/{event.complaint_id}/",
        )


def complaint_answered(event: events.ComplaintAnswered) -> None:
    """Give the applicant the answer."""
    messaging.message_send(
        person_id=event.person_id,
        template="complaint_answered",
        context={"service": event.service_name, "case_number": event.case_number, "answer": event.answer},
        dedup_key=f"complaint_answered:{event.complaint_id}",
        link=link_to(event.case_id),
    )
