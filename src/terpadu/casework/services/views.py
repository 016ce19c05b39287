"""Cases as their applicants see them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_noop as _

from terpadu.casework.definitions.flow import Step
from terpadu.casework.definitions.form import FieldSpec
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import FINAL_STATES, PublicState
from terpadu.casework.models import Attachment, CaseEvent
from terpadu.casework.read_models import CaseView, CheckSection, TimelineEntry
from terpadu.casework.services.facts import UPLOADS, attachment_views, fact_of
from terpadu.casework.wording import both
from terpadu.directory import public as directory
from terpadu.directory.errors import AgencyUnknown
from terpadu.identity.public import PersonView, person_many
from terpadu.kernel.actors import Actor

EVENT_TITLES = {
    "started": _("Draft started"),
    "submitted": _("Sent"),
    "resubmitted": _("Changes sent"),
    "approve": _("Approved by an officer"),
    "sign": _("Signed"),
    "send_back": _("Changes asked for"),
    "reject": _("Rejected"),
    "return": _("Looked at once more"),
    "issued": _("Document issued"),
    "late": _("The promised time has passed"),
    "lapsed": _("Closed"),
    "cancelled": _("Withdrawn"),
    "complaint_answered": _("Your complaint was answered"),
}


def agency_name(code: str) -> str:
    """Return an agency's name, or its code when the directory does not know it. One query."""
    try:
        return directory.agency_get(code).name
    except AgencyUnknown:
        return code


def case_view(
    dossier: Dossier, *, by: Actor, full: bool = False, names: dict[str, str] | None = None
) -> CaseView:
    """Return a case. full: with timeline, answers and documents. names: agency names by code, when known already."""
    case, definition = dossier.case, dossier.definition
    step = definition.steps_by_id.get(case.step_id)
    name = (
        names.get(case.agency_code, case.agency_code) if names is not None else agency_name(case.agency_code)
    )
    return CaseView(
        case_id=case.id,
        number=case.number,
        service_id=case.service_id,
        service_name=definition.name.as_dict(),
        agency_code=case.agency_code,
        agency_name=name,
        person_id=case.person_id,
        subject_name=case.subject_name,
        state=PublicState(case.state),
        step_id=case.step_id,
        started_at=case.started_at,
        saved_at=case.saved_at,
        submitted_at=case.submitted_at,
        closed_at=case.closed_at,
        due_at=case.due_at,
        is_late=case.is_late,
        open_page=dossier.open_page if full and case.is_editable else "",
        message=case.message,
        marked=case.marked,
        reason=case.reason,
        objection=step.objection.how.as_dict() if step and step.objection else None,
        answer_by=case.answer_by,
        timeline=timeline(dossier) if full else (),
        sections=sections(dossier) if full and not case.is_editable else (),
        document_ids=document_ids(dossier) if full else (),
    )


def sections(dossier: Dossier) -> tuple[CheckSection, ...]:
    """Return the answers by page, with their files."""
    rows = list(dossier.case.attachments.filter(removed_at=None).order_by("uploaded_at"))
    return tuple(_section(dossier, page_id, rows) for page_id in dossier.page_ids)


def _section(dossier: Dossier, page_id: str, rows: list[Attachment]) -> CheckSection:
    page = dossier.page(page_id)
    shown: list[FieldSpec] = [field for field in page.fields if field.type not in UPLOADS]
    facts = [fact_of(dossier, field) for field in shown]
    ids = {field.id for field in page.fields}
    return CheckSection(
        page_id=page_id,
        title=page.title.as_dict(),
        facts=tuple(fact for fact in facts if fact.value),
        attachments=attachment_views(dossier, [row for row in rows if row.field_id in ids]),
    )


def document_ids(dossier: Dossier) -> tuple[UUID, ...]:
    """Return the documents that were issued for a case, oldest first."""
    return tuple(UUID(event.facts["document_id"]) for event in dossier.events if event.kind == "issued")


def timeline(dossier: Dossier) -> tuple[TimelineEntry, ...]:
    """Return what happened and what is still ahead, in order. One query."""
    helpers = _helpers(dossier)
    past = [_past(event, helpers) for event in dossier.events if event.kind in EVENT_TITLES]
    if dossier.case.state in FINAL_STATES:
        return tuple(past)
    return (*past, *_ahead(dossier))


def _helpers(dossier: Dossier) -> Mapping[UUID, PersonView]:
    """Return those who acted for the applicant. One query when somebody did, none otherwise."""
    acted = {event.actor_person_id for event in dossier.events if event.actor_kind == "person"}
    others = {person_id for person_id in acted if person_id and person_id != dossier.case.person_id}
    return person_many(others) if others else {}


def _past(event: CaseEvent, helpers: Mapping[UUID, PersonView]) -> TimelineEntry:
    helper = helpers.get(event.actor_person_id) if event.actor_person_id else None
    return TimelineEntry(
        title=both(EVENT_TITLES[event.kind]),
        state="done",
        at=event.at,
        who=helper.name if helper else "",
        note=str(event.facts.get("message", "")),
    )


def _ahead(dossier: Dossier) -> list[TimelineEntry]:
    """Return the present step and those on the way to the good end."""
    definition = dossier.definition
    step: Step | None = definition.steps_by_id.get(dossier.case.step_id)
    entries = [TimelineEntry(title=step.name.as_dict(), state="now")] if step else []
    following = _good_step(step) if step else definition.first_step.id
    seen: set[str] = set()
    while following and following not in seen:
        seen.add(following)
        step = definition.steps_by_id[following]
        if step.end:
            break
        entries.append(TimelineEntry(title=step.name.as_dict(), state="next"))
        following = _good_step(step)
    return entries


def _good_step(step: Step) -> str:
    """Return where a step leads when all goes well."""
    for action in ("approve", "sign", "send", "ok"):
        for known, target in step.actions.items():
            if known.value == action:
                return target
    return ""
