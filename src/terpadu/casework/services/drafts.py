"""A draft from its start to its last page: one page at a time, kept at each, found again later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.datastructures import MultiValueDict

from terpadu.casework import policies
from terpadu.casework.definitions.compiled import OTHERWISE
from terpadu.casework.definitions.form import FieldSpec, Page
from terpadu.casework.dossier import CHECK_PAGE, Dossier
from terpadu.casework.enums import FieldType
from terpadu.casework.errors import CaseMoved
from terpadu.casework.models import Case, CaseAnswers
from terpadu.casework.read_models import CaseView, NextPage, PageView
from terpadu.casework.selectors.catalogue import compiled_of, latest_row
from terpadu.casework.services import deadlines, history
from terpadu.casework.services.facts import UPLOADS, entry_for
from terpadu.casework.services.pages import page_view
from terpadu.casework.services.questions import NOTE_SUFFIX, PageForm, questions_of, rows_of
from terpadu.casework.services.sources import sources_refresh
from terpadu.casework.services.uploads import attachment_keep
from terpadu.casework.services.views import case_view
from terpadu.identity import public as identity
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA, now
from terpadu.kernel.crypto import seal
from terpadu.kernel.errors import BadInput, NotAllowed
from terpadu.kernel.privacy import mask_digits

NEXT_NUMBER = """
insert into casework_casenumber (agency_code, year, last) values (%s, %s, 1)
on conflict (agency_code, year) do update set last = casework_casenumber.last + 1 returning last
"""


@transaction.atomic
def case_start(service_id: str, *, applicant: UUID, by: Actor) -> CaseView:
    """Open a draft of a service's newest version, with its number.

    applicant: the person it is for: the actor, or whom the actor represents under a mandate for this service.
    Raises NotFound for an unknown service, NotAllowed.
    """
    if by.kind != "person" or by.principal_id != applicant or not by.may_use(service_id):
        raise NotAllowed()
    row = latest_row(service_id)
    definition = compiled_of(row.pk).definition
    year = now().astimezone(JAKARTA).year
    sequence = _next_number(row.agency_code, year)
    place = definition.agency.region.replace(".", "")
    case = Case.objects.create(
        person_id=applicant,
        definition=row,
        service_id=row.service_id,
        agency_code=row.agency_code,
        number=f"{definition.number_prefix}-{place}-{year}-{sequence:06d}",
        sequence=sequence,
    )
    sheet = CaseAnswers.objects.create(case=case, person_id=applicant)
    history.event_add(case, "started", by=by)
    audit.record("casework.case_started", by=by, about_kind="case", about_id=case.id)
    identity.use_record(action="case_started", service_id=service_id, reference=case.number, by=by)
    deadlines.draft_lapse_set(case, days=definition.privacy.drafts_days)
    return case_view(Dossier(case, sheet), by=by)


def _next_number(agency_code: str, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [agency_code, year])
        row = cursor.fetchone()
    return int(row[0])


def page_get(
    case_id: UUID, page_id: str | None = None, *, by: Actor, disputing: str = "", retry: bool = False
) -> PageView:
    """Return a page of the actor's draft, prefilled from the registers; None gives the one where it goes on.

    disputing: field id of the locked fact that the applicant calls wrong: the form then asks for the right value.
    retry: ask registers that were out again at once. A page further than the answers reach gives the open one.
    Raises NotAllowed for anybody else's, CaseMoved when the applicant does not have the ball. Registers that are out
    make outages in the page, never an error.
    """
    dossier = _own_draft(case_id, by=by)
    dossier = sources_refresh(dossier, by=by, retry=retry)
    return page_view(dossier, _reachable(dossier, page_id), disputing=disputing)


def _own_draft(case_id: UUID, *, by: Actor) -> Dossier:
    dossier = Dossier.open(case_id)
    policies.check_applicant(dossier.case, by=by)
    if not dossier.case.is_editable:
        raise CaseMoved(state=dossier.case.state)
    return dossier


def _reachable(dossier: Dossier, page_id: str | None) -> Page:
    pages = dossier.marked_pages if dossier.case.marked else list(dossier.page_ids)
    open_page = dossier.open_page
    if page_id in pages and (page_id in dossier.sheet.pages or page_id == open_page):
        return dossier.page(page_id)
    return dossier.page(pages[-1] if open_page == CHECK_PAGE else open_page)


def page_save(
    case_id: UUID,
    page_id: str,
    data: Mapping[str, Any],
    files: MultiValueDict[str, Any] | None = None,
    *,
    by: Actor,
    disputing: str = "",
) -> NextPage:
    """Keep the answers of a page and say where to go on.

    data, files: as a form sends them (POST, FILES). disputing: as in `page_get`. With errors nothing is kept and the
    bound form comes back. Raises NotAllowed, CaseMoved, BadInput for a page that is not open.
    """
    dossier = _own_draft(case_id, by=by)
    page = _reachable(dossier, page_id)
    if page.id != page_id:
        raise BadInput(page=page_id)
    form = _bound_form(dossier, page, data, files, disputing=disputing)
    if not form.is_valid():
        return NextPage("invalid", page_id, page=page_view(dossier, page, disputing=disputing, form=form))
    _keep(case_id, page, form, disputing=disputing, by=by)
    return _next(sources_refresh(Dossier.open(case_id), by=by), after=page_id)


def _bound_form(
    dossier: Dossier,
    page: Page,
    data: Mapping[str, Any],
    files: MultiValueDict[str, Any] | None,
    *,
    disputing: str,
) -> PageForm:
    held = set(dossier.case.attachments.filter(removed_at=None).values_list("field_id", flat=True))
    questions = questions_of(dossier, page.fields, disputing=disputing, held=held)
    return PageForm(questions, data=data, files=files if files is not None else MultiValueDict())


@transaction.atomic
def _keep(case_id: UUID, page: Page, form: PageForm, *, disputing: str, by: Actor) -> None:
    dossier = Dossier.lock(case_id)
    if not dossier.case.is_editable:
        raise CaseMoved(state=dossier.case.state)
    before = dossier.subject_id
    sheet, case = dossier.sheet, dossier.case
    for field in page.fields:
        if field.id in form.fields:
            note = form.cleaned_data.get(field.id + NOTE_SUFFIX, "")
            _keep_answer(dossier, field, form.cleaned_data[field.id], note=note)
    sheet.pages = [*(p for p in sheet.pages if p != page.id), page.id]
    if Dossier(case, sheet).subject_id != before:
        _forget_what_follows(dossier, page)
    case.saved_at = now()
    case.data_version += 1
    case.save(update_fields=["saved_at", "data_version"])
    sheet.save(update_fields=["answers", "pages"])
    if case.submitted_at is None:
        deadlines.draft_lapse_set(case, days=dossier.definition.privacy.drafts_days)


def _keep_answer(dossier: Dossier, field: FieldSpec, value: Any, *, note: str) -> None:
    answers = dossier.sheet.answers
    if field.type in UPLOADS:
        if isinstance(value, UploadedFile):
            row = attachment_keep(dossier.case, field.id, value)
            answers[field.id] = {"value": [str(row.id)], "status": "declared", "source": ""}
        return
    if field.type is FieldType.CHILD and value != OTHERWISE:
        value = next(row for row in rows_of(dossier, field) if row.get("id") == value)
    if field.type is FieldType.PERSON and value:
        value = _sealed(dossier.case, value)
    if value is None or value == "":
        answers.pop(field.id, None)
        return
    entry = entry_for(dossier, field, value, note=note)
    if field.locked and entry["status"] == "registry":
        answers.pop(field.id, None)  # the applicant took the dispute back
    else:
        answers[field.id] = entry


def _sealed(case: Case, nik: str) -> dict[str, str]:
    """Return a NIK that somebody typed as it may be stored outside identity: sealed, with its last digits to show."""
    return {"sealed": seal(nik.encode(), context=f"casework.nik:{case.id}").hex(), "shown": mask_digits(nik)}


def _forget_what_follows(dossier: Dossier, page: Page) -> None:
    """Ask the later pages anew when the case is about another person now; disputes of the other's data go."""
    order = [p.id for p in dossier.definition.pages]
    later = set(order[order.index(page.id) + 1 :])
    dossier.sheet.pages = [p for p in dossier.sheet.pages if p not in later]
    for field in dossier.definition.fields.values():
        if field.locked:
            dossier.sheet.answers.pop(field.id, None)


def _next(dossier: Dossier, *, after: str) -> NextPage:
    stopped = dossier.route.stopped
    if stopped:
        return NextPage("stopped", after, reason=stopped.fail.as_dict(), see=stopped.see or "")
    found = dossier.open_page
    return NextPage("check", CHECK_PAGE) if found == CHECK_PAGE else NextPage("page", found)
