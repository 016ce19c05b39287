"""What the door gives: frozen views of services, pages and cases. Texts in both languages are {"id": …, "en": …}."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django import forms

from terpadu.casework.enums import AnswerStatus, PublicState
from terpadu.kernel.clock import JAKARTA

Texts = dict[str, str]


@dataclass(frozen=True)
class ServiceView:
    """A service of the catalogue, newest published version.

    standard: the fourteen components of UU 25/2009 art. 21 in their order, name (texts) to lines (texts); a component
    that is not given has no lines. steps: (name, usual working days or None), as the applicant meets them.
    authentication, proofing: the least levels of identity's enums that the applicant needs.
    """

    service_id: str
    version: int
    name: Texts
    summary: Texts
    agency_code: str
    agency_name: str
    life_events: tuple[str, ...]
    who: Texts
    requirements: tuple[Texts, ...]
    fee_rupiah: int
    fee_basis: str
    working_days: int
    product: tuple[Texts, ...]
    legal_basis: tuple[str, ...]
    standard: tuple[tuple[Texts, tuple[Texts, ...]], ...]
    steps: tuple[StepOutlook, ...]
    sources: tuple[Texts, ...]
    questions_at_most: int
    authentication: str
    proofing: str


@dataclass(frozen=True)
class InterfaceUse:
    """A service, in its newest version, reads or writes an interface: "<agency code>/<service name>"."""

    service_id: str
    name: Texts
    agency_code: str
    interface: str


@dataclass(frozen=True)
class StepOutlook:
    """One step of a service before a case exists. working_days: its limit, None when it has none."""

    name: Texts
    working_days: int | None


@dataclass(frozen=True)
class SourceView:
    """The register a fact came from: its name, when it was read and under which transaction of the exchange."""

    name: Texts
    read_at: datetime
    transaction_id: str


@dataclass(frozen=True)
class FactView:
    """A value that needs no question, or an answer shown back.

    value: as written for the language in force. status: who vouches for it. source: None when the applicant declared it.
    registry_value: what the register says, when the applicant disputes it; note: the applicant's explanation.
    changed: registry and present value differ. can_dispute: "Datanya keliru?" is offered.
    marked: the officer's note, when this answer was sent back. is_checkable: a register usually gives it.
    """

    field_id: str
    label: Texts
    value: str
    status: AnswerStatus
    source: SourceView | None = None
    registry_value: str = ""
    note: str = ""
    can_dispute: bool = False
    marked: str = ""
    is_checkable: bool = False

    @property
    def changed(self) -> bool:
        """Tell whether the applicant's value differs from the register's."""
        return self.status is AnswerStatus.CORRECTED


@dataclass(frozen=True)
class OutageView:
    """A register that did not answer. retry: the page can be asked again with `retry=True`.

    kind: "unavailable" (down or slow), "garbled" (its answer makes no sense), "refused" (no contract or withdrawn) or
    "mismatch" (it answered about somebody else; the answer was thrown away).
    """

    source_id: str
    name: Texts
    kind: Literal["unavailable", "garbled", "refused", "mismatch"]
    message: str
    at: datetime


@dataclass(frozen=True)
class AttachmentView:
    """An uploaded file. `link` is for whoever may see the case: pass the id to `attachment_open`."""

    id: UUID
    field_id: str
    label: Texts
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True)
class PageView:
    """One page of questions of a draft, or of a case that was sent back.

    page_id: part of the address. step, steps: "question page 2 of 3" (the check page is the last). form: an unbound or
    bound Django form; file inputs need multipart. facts: shown beside the form, each with its source. disputing: the
    fact whose correction the form now asks for, "" for none. previous: page before this, None on the first.
    attachments: what was uploaded on this page already. marked: the officer's note by field id, when it was sent back.
    """

    case_id: UUID
    number: str
    service_id: str
    service_name: Texts
    page_id: str
    title: Texts
    intro: Texts | None
    step: int
    steps: int
    form: forms.Form
    facts: tuple[FactView, ...]
    outages: tuple[OutageView, ...]
    attachments: tuple[AttachmentView, ...]
    previous: str | None
    saved_at: datetime
    message: str = ""
    disputing: str = ""
    marked: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NextPage:
    """Where the applicant goes after a page was saved.

    kind: "page" (to page_id), "check" (all answered), "invalid" (show `page`, whose bound form has the errors; what was
    typed is kept in it), or "stopped" (a condition is not met: `reason` says why, `see` names another service or "").
    """

    kind: Literal["page", "check", "invalid", "stopped"]
    page_id: str = ""
    page: PageView | None = None
    reason: Texts = field(default_factory=dict)
    see: str = ""


@dataclass(frozen=True)
class CheckSection:
    """The answers of one page, for checking before sending; `page_id` is where they can be changed."""

    page_id: str
    title: Texts
    facts: tuple[FactView, ...]
    attachments: tuple[AttachmentView, ...]


@dataclass(frozen=True)
class CheckView:
    """Everything once more before sending.

    removed: answers that no longer belong to this way and are removed when it is sent. form: the declaration to tick
    (field `declaration`) with hidden `submit_key`. resubmit: the case was sent back and goes to the officer again.
    """

    case_id: UUID
    number: str
    service_id: str
    service_name: Texts
    agency_name: str
    sections: tuple[CheckSection, ...]
    removed: tuple[FactView, ...]
    declaration: Texts
    form: forms.Form
    due_on: date
    steps: int
    resubmit: bool = False


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened or will happen. state: "done", "now" or "next". at: None for what is still ahead."""

    title: Texts
    state: Literal["done", "now", "next"]
    at: datetime | None = None
    who: str = ""
    note: str = ""


@dataclass(frozen=True)
class CaseView:
    """A case as its applicant sees it.

    state: public state; open_page: where a draft goes on (page id, "periksa" for the check page), "" when sent.
    due_on: promised day, None for a draft or an end. marked: field ids sent back with the officer's note.
    message: what the officer wrote last to the applicant. objection: how to object, when rejected.
    """

    case_id: UUID
    number: str
    service_id: str
    service_name: Texts
    agency_code: str
    agency_name: str
    person_id: UUID
    subject_name: str
    state: PublicState
    step_id: str
    started_at: datetime
    saved_at: datetime
    submitted_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    is_late: bool
    open_page: str
    message: str
    marked: dict[str, str]
    reason: str
    objection: Texts | None
    answer_by: datetime | None
    timeline: tuple[TimelineEntry, ...] = ()
    sections: tuple[CheckSection, ...] = ()
    document_ids: tuple[UUID, ...] = ()

    @property
    def due_on(self) -> date | None:
        """The promised day in Asia/Jakarta."""
        return self.due_at.astimezone(JAKARTA).date() if self.due_at else None

    @property
    def is_draft(self) -> bool:
        """Tell whether it was not sent yet."""
        return self.state is PublicState.DRAFT


@dataclass(frozen=True)
class AttachmentFile:
    """An uploaded file with its bytes, for serving to one who may see it."""

    attachment: AttachmentView
    content: bytes


@dataclass(frozen=True)
class BatchOutcome:
    """What became of one case of a batch. error: "" when it was done, else the sentence to show."""

    case_id: UUID
    number: str
    error: str = ""
