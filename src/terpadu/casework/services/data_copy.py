"""What casework holds about a person, for the copy of their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.casework.models import Case, Complaint, SurveyReceipt
from terpadu.casework.selectors.cases import cases_of
from terpadu.identity.public import DataSection
from terpadu.kernel.crypto import unseal

PLATFORM = "portal"


def _owner(person_id: UUID) -> str:
    """Return the agency of the newest case: it keeps the file; without a case the platform."""
    cases = cases_of(person_id)
    return cases[0].agency_code if cases else PLATFORM


def _read(person_id: UUID) -> Any:
    return [
        {
            "number": case.number,
            "service": case.service_id,
            "agency": case.agency_code,
            "about": case.subject_name,
            "state": case.state,
            "started_at": case.started_at.isoformat(),
            "sent_at": case.submitted_at.isoformat() if case.submitted_at else None,
            "answers": {name: _plain(case.id, entry) for name, entry in case.answers.answers.items()},
            "read_from_registers": case.answers.sources,
            "history": [
                {"at": event.at.isoformat(), "what": event.kind, "by": event.actor_kind}
                for event in case.events.order_by("seq")
            ],
            "complaints": _complaints(case),
            "rated_on": _rated_on(case),
        }
        for case in cases_of(person_id)
    ]


def _complaints(case: Case) -> list[dict[str, str]]:
    return [
        {"at": one.received_at.isoformat(), "state": one.state, "words": one.text, "answer": one.answer}
        for one in Complaint.objects.filter(case=case).order_by("received_at")
    ]


def _rated_on(case: Case) -> str | None:
    """Return the day on which the survey was answered for a case; what was answered is not known."""
    receipt = SurveyReceipt.objects.filter(case=case).first()
    return receipt.answered_on.isoformat() if receipt else None


def _plain(case_id: UUID, entry: Any) -> Any:
    """Return an answer's value; a sealed one (a NIK that the person typed) is opened for the person."""
    value = entry.get("value") if isinstance(entry, dict) else entry
    if isinstance(value, dict) and "sealed" in value:
        return unseal(bytes.fromhex(value["sealed"]), context=f"casework.nik:{case_id}").decode()
    return value


SECTION = DataSection(
    key="cases",
    title={"id": "Permohonan", "en": "Applications"},
    owner=_owner,
    purpose={
        "id": "Menangani permohonan Anda (UU 25/2009 ps. 15)",
        "en": "To handle your applications (UU 25/2009 art. 15)",
    },
    read=_read,
)
