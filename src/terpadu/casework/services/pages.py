"""Pages as the portal draws them."""

from __future__ import annotations

from typing import Any, Literal

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from terpadu.casework.definitions.form import FieldSpec, Page
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import FieldType
from terpadu.casework.read_models import OutageView, PageView
from terpadu.casework.services.facts import UPLOADS, attachment_views, fact_of
from terpadu.casework.services.questions import PageForm, is_fact, questions_of
from terpadu.kernel.clock import now


def page_view(dossier: Dossier, page: Page, *, disputing: str = "", form: PageForm | None = None) -> PageView:
    """Return a page. form: the bound form with its errors, else a fresh one with what is known."""
    rows = list(dossier.case.attachments.filter(removed_at=None).order_by("uploaded_at"))
    mine = [row for row in rows if any(field.id == row.field_id for field in page.fields)]
    if form is None:
        held = {row.field_id for row in rows}
        questions = questions_of(dossier, page.fields, disputing=disputing, held=held)
        form = PageForm(questions, initial=_initial(dossier, page))
    pages = dossier.marked_pages if dossier.case.marked else list(dossier.page_ids)
    position = pages.index(page.id)
    service = dossier.definition
    return PageView(
        case_id=dossier.case.id,
        number=dossier.case.number,
        service_id=service.id,
        service_name=service.name.as_dict(),
        page_id=page.id,
        title=page.title.as_dict(),
        intro=page.intro.as_dict() if page.intro else None,
        step=position + 1,
        steps=len(pages) + 1,
        form=form,
        facts=tuple(
            fact_of(dossier, field, can_dispute=True)
            for field in page.fields
            if is_fact(dossier, field, disputing=disputing)
        ),
        outages=outages(dossier),
        attachments=attachment_views(dossier, mine),
        previous=pages[position - 1] if position else None,
        saved_at=dossier.case.saved_at,
        message=dossier.case.message if dossier.case.marked else "",
        disputing=disputing,
        marked={
            field.id: dossier.case.marked[field.id]
            for field in page.fields
            if field.id in dossier.case.marked
        },
    )


def _initial(dossier: Dossier, page: Page) -> dict[str, Any]:
    return {field.id: _initial_value(dossier, field) for field in page.fields if field.type not in UPLOADS}


def _initial_value(dossier: Dossier, field: FieldSpec) -> Any:
    value = dossier.given(field.id)
    if field.type is FieldType.PERSON:
        return None  # a sealed number is never written back into a page
    if isinstance(value, dict):
        return value.get("id")
    if isinstance(value, bool) and field.type is FieldType.YES_NO:
        return "yes" if value else "no"
    return value if value is not None else dossier.prefill(field)[0]


def outages(dossier: Dossier) -> tuple[OutageView, ...]:
    """Return the registers that did not answer for this case, in the order of the definition."""
    return tuple(
        OutageView(
            source_id=name,
            name=source.label.as_dict(),
            kind=entry["kind"],
            message=outage_text(entry["kind"]),
            at=parse_datetime(entry["at"]) or now(),
        )
        for name, source in dossier.definition.sources.items()
        if (entry := dossier.outage_of(name))
    )


def outage_text(kind: Literal["unavailable", "garbled", "refused", "mismatch"]) -> str:
    """Say what happened with a register and how to go on, in the language in force."""
    return {
        "unavailable": _(
            "The register does not answer at the moment. Try again, or go on and enter the data yourself."
        ),
        "garbled": _(
            "The register gave an answer that we cannot read. You can go on and enter the data yourself."
        ),
        "refused": _("The register did not give the data. You can go on and enter the data yourself."),
        "mismatch": _(
            "The register answered about somebody else, so we threw the answer away. You can go on and enter the data"
            " yourself."
        ),
    }[kind]
