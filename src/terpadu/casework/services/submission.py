"""Sending: a last look at everything, then one case, however often the button is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _

from terpadu.casework import policies
from terpadu.casework.definitions.form import FieldSpec
from terpadu.casework.dossier import CHECK_PAGE, Dossier
from terpadu.casework.enums import Action, FieldType, PublicState
from terpadu.casework.errors import CaseMoved, NotComplete, NotEligible
from terpadu.casework.events import CaseSubmitted
from terpadu.casework.read_models import CaseView, CheckView, FactView
from terpadu.casework.services import deadlines, history
from terpadu.casework.services.facts import UPLOADS, entry_for, fact_of
from terpadu.casework.services.flow import step_enter
from terpadu.casework.services.questions import text_in
from terpadu.casework.services.sources import sources_refresh
from terpadu.casework.services.views import agency_name, case_view, sections
from terpadu.identity import public as identity
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import emit
from terpadu.kernel.ui.fields import WordsField


class CheckForm(forms.Form):
    """The declaration to tick, and the key that makes two presses of the button one."""

    declaration = forms.BooleanField()
    submit_key = WordsField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, declaration: str = "") -> None:
        super().__init__(data=data, initial={"submit_key": uuid7().hex})
        self.fields["declaration"].label = declaration
        self.fields["declaration"].error_messages["required"] = _("Tick this before you send.")


def check_get(case_id: UUID, *, by: Actor, data: Mapping[str, Any] | None = None) -> CheckView:
    """Return everything once more before sending. data: the sent form, to be shown with its errors.

    Raises NotAllowed for anybody else's, CaseMoved when the applicant does not have the ball, NotComplete with the page
    that is open, NotEligible when a condition is not met.
    """
    dossier = Dossier.open(case_id)
    policies.check_applicant(dossier.case, by=by)
    if not dossier.case.is_editable:
        raise CaseMoved(state=dossier.case.state)
    dossier = sources_refresh(dossier, by=by)
    _check_ready(dossier)
    case, definition = dossier.case, dossier.definition
    end = case.due_at or deadlines.promised_end(definition, start=now())
    return CheckView(
        case_id=case.id,
        number=case.number,
        service_id=case.service_id,
        service_name=definition.name.as_dict(),
        agency_name=agency_name(case.agency_code),
        sections=sections(dossier),
        removed=_removed(dossier),
        declaration=definition.declaration.as_dict(),
        form=CheckForm(data, declaration=text_in(definition.declaration)),
        due_on=end.astimezone(JAKARTA).date(),
        steps=len(dossier.page_ids) + 1,
        resubmit=case.submitted_at is not None,
    )


def _removed(dossier: Dossier) -> tuple[FactView, ...]:
    fields = dossier.definition.fields
    facts = [fact_of(dossier, fields[name]) for name in dossier.hidden if name in fields]
    return tuple(fact for fact in facts if fact.value)


def _check_ready(dossier: Dossier) -> None:
    stopped = dossier.route.stopped
    if stopped:
        raise NotEligible(rule_id=stopped.id, reason=stopped.fail.as_dict(), see=stopped.see or "")
    if dossier.open_page != CHECK_PAGE:
        raise NotComplete(dossier.open_page)
    for page_id in dossier.page_ids:
        if any(_is_missing(dossier, field) for field in dossier.page(page_id).fields):
            raise NotComplete(page_id)


def _is_missing(dossier: Dossier, field: FieldSpec) -> bool:
    """Tell whether a required answer is neither given nor known; a register may have gone since the page was saved."""
    if not field.required or field.type in (FieldType.INFO, FieldType.COMPUTED):
        return False
    if field.id in dossier.sheet.answers:
        return False
    return not (field.locked and dossier.prefill(field)[0] is not None)


def case_submit(case_id: UUID, *, by: Actor, submit_key: str) -> CaseView:
    """Send a draft, or the changes that an officer asked for, to the agency.

    submit_key: from the check page's form; a second call for a case that was sent changes nothing and returns it.
    Raises NotAllowed, NotComplete, NotEligible, CaseMoved for a case that lapsed or was withdrawn.
    """
    dossier = Dossier.open(case_id)
    policies.check_applicant(dossier.case, by=by)
    with transaction.atomic():
        dossier = Dossier.lock(case_id)
        if dossier.case.is_editable:
            _check_ready(dossier)
            _send(dossier, by=by, submit_key=submit_key[:64])
        elif dossier.case.submitted_at is None:
            raise CaseMoved(state=dossier.case.state)
    return case_view(Dossier.open(case_id), by=by, full=True)


def _send(dossier: Dossier, *, by: Actor, submit_key: str) -> None:
    case, definition = dossier.case, dossier.definition
    is_first = case.state == PublicState.DRAFT
    _fix_answers(dossier)
    _name_subject(dossier)
    case.submit_key, case.saved_at = submit_key, now()
    if is_first:
        case.submitted_at = now()
        deadlines.draft_lapse_cancel(case)
        deadlines.clock_start(case, definition, minutes=deadlines.promised_minutes(definition))
        target = definition.first_step.id
    else:
        deadlines.answer_wait_cancel(case)
        target = definition.steps_by_id[case.step_id].actions[Action.SEND]
    case.marked = {}
    step_enter(dossier, target, is_returned=not is_first)
    event = "submitted" if is_first else "resubmitted"
    history.event_add(case, event, by=by, facts={"key": submit_key})
    audit.record(f"casework.case_{event}", by=by, about_kind="case", about_id=case.id)
    identity.use_record(action="case_submitted", service_id=case.service_id, reference=case.number, by=by)
    if is_first and case.due_at:
        emit(
            CaseSubmitted(
                case_id=case.id,
                case_number=case.number,
                person_id=case.person_id,
                service_id=case.service_id,
                service_name=definition.name.as_dict(),
                agency_code=case.agency_code,
                due_at=case.due_at,
            )
        )


def _fix_answers(dossier: Dossier) -> None:
    """Store what registers fill with its provenance, and take out what the way does not pass."""
    sheet = dossier.sheet
    fixed = dict(sheet.answers)
    for page_id in dossier.page_ids:
        for field in dossier.page(page_id).fields:
            value = _known_value(dossier, field)
            if value is not None and field.id not in fixed:
                fixed[field.id] = entry_for(dossier, field, value)
    for name in dossier.hidden:
        sheet.removed[name] = fixed.pop(name)
    sheet.answers = fixed
    sheet.save(update_fields=["answers", "removed"])
    gone = [name for name in sheet.removed if name not in fixed]
    dossier.case.attachments.filter(field_id__in=gone, removed_at=None).update(removed_at=now())


def _known_value(dossier: Dossier, field: FieldSpec) -> Any:
    if field.type in UPLOADS:
        return None
    if field.type is FieldType.COMPUTED:
        return dossier.values.get(field.id)
    return dossier.prefill(field)[0] if field.locked else None


def _name_subject(dossier: Dossier) -> None:
    subject = dossier.values["subject"]
    dossier.case.subject_person_id = dossier.subject_id
    dossier.case.subject_name = str(subject.get("nama") or "")[:120]
