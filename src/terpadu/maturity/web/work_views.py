"""Work pages: what waits for me, one agency's board, one indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import DomainError, NotFound
from terpadu.maturity.enums import LocusState, Role
from terpadu.maturity.errors import ChangedMeanwhile, LevelRefused, WrongState
from terpadu.maturity.facts import FactSubject, contradictions, facts_for
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment, Locus
from terpadu.maturity.policies import ANSWERING, SUBMITTING, can_answer, may_open_rounds, open_to
from terpadu.maturity.rules.instrument import Indicator, Instrument, Stage
from terpadu.maturity.selectors.work import (
    Board,
    board_of,
    kind_of,
    locus_get,
    national_rounds,
    stage_of,
    work_of,
)
from terpadu.maturity.services.assessments import assessment_save, indicator_of, rating_give
from terpadu.maturity.services.sheets import level_text
from terpadu.maturity.services.submission import objections_ended
from terpadu.maturity.web.access import actor_of, member_page, seen_locus
from terpadu.maturity.web.forms import AssessmentForm, EvidenceFileForm, EvidenceLinkForm
from terpadu.maturity.web.words import said, value
from terpadu.maturity.wording import explain


@require_safe
@member_page
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person: agencies to answer for, agencies to assess, rounds to lead."""
    person_id = actor_of(request).person_id
    if person_id is None:
        raise NotFound()
    items = [
        {
            "item": item,
            "roles": ", ".join(str(role.label) for role in item.roles),
            "stage": said(item.stage.name),
            "percent": item.done * 100 // item.total,
            "due": item.locus.round.self_due_at if item.locus.state == LocusState.OPEN else None,
            "is_late": item.locus.state == LocusState.OPEN and item.locus.round.self_due_at < now(),
        }
        for item in work_of(person_id)
    ]
    context = {
        "area": "officer",
        "items": items,
        "rounds": national_rounds(person_id),
        "may_open": may_open_rounds(person_id),
    }
    return render(request, "maturity/work_home.html", context)


@require_safe
@member_page
def board(request: HttpRequest, locus_id: UUID) -> HttpResponse:
    """Show all indicators of an agency with their levels, units, due days and evidence, and what comes next."""
    locus, roles = seen_locus(request, locus_id)
    found = board_of(locus)
    shown = _shown_stages(found, roles=roles)
    stage = stage_of(locus, done=found.done) if _sees_assessors(locus, roles) else found.stages[0]
    rows = [
        (
            said(aspect.name),
            [
                {
                    "number": row.indicator.number,
                    "name": said(row.indicator.name),
                    "unit": row.unit,
                    "due_on": row.due_on,
                    "is_late": bool(row.due_on and row.due_on < today() and row.levels[0] is None),
                    "levels": [(said(found.stages[at].name), _level(row.levels[at])) for at in shown],
                    "evidence": row.evidence,
                }
                for row in rows
            ],
        )
        for aspect, rows in found.aspects
    ]
    shows_score = found.score is not None and (
        _sees_assessors(locus, roles) or locus.state == LocusState.OPEN
    )
    context = {
        **locus_context(locus, roles),
        "stages": [said(found.stages[at].name) for at in shown],
        "aspects": rows,
        "aspect_links": [(aspect.number, said(aspect.name)) for aspect in found.form.aspects],
        "total": len(found.form.indicators),
        "done": found.done[stage.key],
        "stage": said(stage.name),
        "next_number": next_number(found, stage=stage, by=actor_of(request)) or "",
        "score": value(found.score.index.published) if found.score and shows_score else "",
        "band": said(found.score.band.name) if found.score and shows_score else "",
    }
    return render(request, "maturity/work_board.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def indicator(request: HttpRequest, locus_id: UUID, number: str) -> HttpResponse:
    """Show one indicator with its criteria, evidence and earlier stages; take the level of the stage that is on."""
    locus, roles = seen_locus(request, locus_id)
    asked = asked_of(locus, roles, number=number)
    form, status, current = asked.form(request.POST if request.method == "POST" else None), 200, None
    if form.is_bound and form.is_valid():
        try:
            _save(request, locus, asked=asked, form=form)
            messages.success(request, _("Indicator %(number)s is saved.") % {"number": number})
            return redirect(_next_address(request, locus, number))
        except ChangedMeanwhile as error:
            current = asked_of(locus, roles, number=number).row
            form = asked.form({**request.POST.dict(), "version": error.version})
            status = _refused(form, error)
        except DomainError as error:
            status = _refused(form, error)
    elif form.is_bound:
        status = 422
    level = level_text(current) if current else ""
    changed = {"form": form, "current": current, "current_level": level}
    return draw_indicator(request, locus, roles, asked=asked, status=status, **changed)


@require_POST
@member_page
def rate(request: HttpRequest, locus_id: UUID, number: str) -> HttpResponse:
    """Take the assessor's own level in the independent sample."""
    locus = locus_get(locus_id)
    try:
        rating_give(locus.id, indicator=number, level=request.POST.get("level", ""), by=actor_of(request))
        messages.success(request, _("Your own level is noted; the others do not see it."))
    except LevelRefused as error:
        messages.error(request, explain(error.fault).message)
    return redirect("maturity:indicator", locus.id, number)


def next_number(found: Board, *, stage: Stage, by: Actor) -> str | None:
    """Return the first indicator that waits for the actor at the stage that is on, None when there is none."""
    mine = open_to(by, locus=found.locus, stage=stage)
    at = found.stages.index(stage)
    rows = (row for _aspect, rows in found.aspects for row in rows)
    numbers = (row.indicator.number for row in rows if row.levels[at] is None)
    return next((number for number in numbers if number in mine), None)


def locus_context(locus: Locus, roles: frozenset[Role]) -> dict[str, object]:
    """Return what every page of an agency shows."""
    return {
        "area": "officer",
        "locus": locus,
        "is_open": locus.state == LocusState.OPEN,
        "is_submitted": locus.state == LocusState.SUBMITTED,
        "is_announced": locus.state == LocusState.ANNOUNCED,
        "objections_ended": objections_ended(locus, at=now()),
        "may_answer": bool(roles & ANSWERING),
        "may_submit": bool(roles & SUBMITTING),
        "may_assess": Role.ASSESSOR in roles,
        "sees_assessors": _sees_assessors(locus, roles),
        "steps": _steps(locus),
        "back": reverse("maturity:board", args=[locus.id]),
        "back_text": locus.agency_name,
    }


def _steps(locus: Locus) -> list[dict[str, object]]:
    states = list(LocusState)
    at = states.index(LocusState(locus.state))
    return [
        {
            "state": "done"
            if step < at or locus.state == LocusState.FINAL
            else "now"
            if step == at
            else "next",
            "title": state.label,
            "note": "",
        }
        for step, state in enumerate(states)
    ]


def _sees_assessors(locus: Locus, roles: frozenset[Role]) -> bool:
    """Tell whether a viewer sees the assessors' levels: the agency only once they are announced."""
    is_known = locus.state in (LocusState.ANNOUNCED, LocusState.FINAL)
    return is_known or bool(roles & {Role.ASSESSOR, Role.NATIONAL_TEAM})


def _shown_stages(found: Board, *, roles: frozenset[Role]) -> list[int]:
    """Return which stages a viewer sees on the board, by place: the agency's own, and those that have begun."""
    if not _sees_assessors(found.locus, roles):
        return [0]
    return [at for at, stage in enumerate(found.stages) if at == 0 or found.done[stage.key]]


def _level(level: Decimal | None) -> str:
    return f"{level.normalize():f}" if level is not None else ""


def _stage(locus: Locus, form: Instrument) -> Stage:
    done: dict[str, int] = {}
    for key in locus.assessments.values_list("stage", flat=True):
        done[key] = done.get(key, 0) + 1
    return stage_of(locus, done=done)


@dataclass(frozen=True)
class Asked:
    """What a page asks about an agency: an indicator, at which stage, and what stands there already."""

    question: Indicator
    stage: Stage
    row: Assessment | None

    def form(self, data: Mapping[str, Any] | None = None) -> AssessmentForm:
        """Return the form for the level, with what was sent or else with what stands there."""
        asks_service = self.question.names_service and self.stage.by == "agency"
        initial: dict[str, str | int] = {"version": 0}
        if row := self.row:
            initial = {
                "level": level_text(row),
                "explanation": row.explanation,
                "service_name": row.service_name,
                "version": row.version,
            }
        return AssessmentForm(data, initial=initial, indicator=self.question, asks_service=asks_service)


def asked_of(locus: Locus, roles: frozenset[Role], *, number: str) -> Asked:
    """Return what is asked of a viewer about an indicator: at the stage that is on, or the first while others are unseen."""
    form_of = instrument_get(locus.round.instrument_code)
    question = indicator_of(form_of, number)
    stage = _stage(locus, form_of) if _sees_assessors(locus, roles) else form_of.stages[0]
    row = locus.assessments.filter(indicator=number, stage=stage.key).first()
    return Asked(question, stage, row)


def _save(request: HttpRequest, locus: Locus, *, asked: Asked, form: AssessmentForm) -> None:
    assessment_save(
        locus.id,
        indicator=asked.question.number,
        stage=asked.stage.key,
        level=form.cleaned_data["level"],
        explanation=form.cleaned_data["explanation"],
        service_name=form.cleaned_data.get("service_name", ""),
        version=form.cleaned_data["version"],
        by=actor_of(request),
    )


def _refused(form: AssessmentForm, error: DomainError) -> int:
    if error.http_status == 404:
        raise error
    if isinstance(error, LevelRefused):
        found = explain(error.fault)
        form.add_error("level", f"{found.message} {found.remedy}")
    elif isinstance(error, WrongState):
        kept = _("What you wrote is kept here to copy.")
        form.add_error(None, f"{error.in_words} {kept}")
    else:
        form.add_error(None, error.in_words)
    return error.http_status


def _next_address(request: HttpRequest, locus: Locus, number: str) -> str:
    numbers = list(instrument_get(locus.round.instrument_code).indicators)
    following = numbers[numbers.index(number) + 1 :]
    if "next" in request.POST and following:
        return reverse("maturity:indicator", args=[locus.id, following[0]])
    return reverse("maturity:board", args=[locus.id])


def draw_indicator(
    request: HttpRequest,
    locus: Locus,
    roles: frozenset[Role],
    *,
    asked: Asked,
    status: int = 200,
    **changed: object,
) -> HttpResponse:
    """Draw the page of an indicator; changed: forms with what was typed, in place of fresh ones."""
    context = {
        "form": asked.form(),
        "file_form": EvidenceFileForm(),
        "link_form": EvidenceLinkForm(),
        **_indicator_context(request, locus, roles, asked=asked),
        **changed,
    }
    return render(request, "maturity/work_indicator.html", context, status=status)


def _indicator_context(
    request: HttpRequest, locus: Locus, roles: frozenset[Role], *, asked: Asked
) -> dict[str, object]:
    by, question, stage = actor_of(request), asked.question, asked.stage
    is_own_stage = stage.by == "agency"
    answers = can_answer(by, locus=locus, indicator=question.number)
    may = locus.state == LocusState.OPEN and answers if is_own_stage else Role.ASSESSOR in roles
    own = locus.assessments.filter(indicator=question.number, stage=_own(locus)).first()
    about = FactSubject(locus.agency_code, locus.region_code)
    facts = facts_for(question, about=about, on=today())
    claimed = int(own.level) if own else 0
    against = contradictions(question, level=claimed, facts=facts)
    return {
        **locus_context(locus, roles),
        "question": question,
        "name": said(question.name),
        "stage": said(stage.name),
        "may_save": may and locus.state != LocusState.FINAL,
        "may_add": answers and locus.state == LocusState.OPEN,
        "may_rate": Role.ASSESSOR in roles and locus.state in (LocusState.SUBMITTED, LocusState.ANNOUNCED),
        "row": asked.row,
        "earlier": _earlier(locus, roles, number=question.number, stage=stage),
        "evidence": locus.evidence.filter(indicator=question.number, withdrawn_at__isnull=True).order_by(
            "added_at"
        ),
        "facts": [{"fact": fact, "text": said(fact.statement)} for fact in facts],
        "against": [said(fact.statement) for fact in against],
        "today": today(),
    }


def _own(locus: Locus) -> str:
    return instrument_get(locus.round.instrument_code).stages[0].key


def _earlier(locus: Locus, roles: frozenset[Role], *, number: str, stage: Stage) -> list[dict[str, object]]:
    """Return what other stages say of an indicator, in order, as far as the viewer may see it."""
    rows = {row.stage: row for row in locus.assessments.filter(indicator=number)}
    stages = instrument_get(locus.round.instrument_code).stages_of(kind_of(locus))
    return [
        {"stage": said(one.name), "row": rows[one.key], "level": level_text(rows[one.key])}
        for one in stages
        if one.key in rows and one.key != stage.key and (one.by == "agency" or _sees_assessors(locus, roles))
    ]
