"""Applications in the TIME quadrants: of an agency with picture, table and download, and one with its questions and facts."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from terpadu.directory.public import agency_get
from terpadu.identity.public import signed_in_required
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.formats import format_number, language
from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.clearance_wording import NEEDS
from terpadu.portfolio.enums import Quadrant
from terpadu.portfolio.errors import ApplicationUnknown, RequestIncomplete
from terpadu.portfolio.models import Application
from terpadu.portfolio.policies import Access
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.rules.rationalisation.scores import Axis, AxisScore
from terpadu.portfolio.selectors.dependencies import dependents_of
from terpadu.portfolio.selectors.rationalisation.plans import plan_list
from terpadu.portfolio.selectors.rationalisation.scoring import Scored, scored, scored_one
from terpadu.portfolio.selectors.rationalisation.sources import sign_ins_by_month
from terpadu.portfolio.services.rationalisation.assessments import assessment_give
from terpadu.portfolio.web.access import current_actor, viewer
from terpadu.portfolio.web.clearance_forms import take_faults
from terpadu.portfolio.web.rationalisation_charts import Dot, time_chart
from terpadu.portfolio.web.rationalisation_forms import AssessmentForm

MOST_SHOWN = 400
QUADRANT_TAGS = {
    "invest": "ok",
    "tolerate": "info",
    "migrate": "wait",
    "eliminate": "late",
    "unknown": "info",
}


def frame(request: HttpRequest, *, place: str) -> dict[str, Any]:
    """Return what every page of rationalisation needs."""
    return {"access": viewer(request), "here": "consolidation", "place": place}


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the plans that everyone may see, and the agencies whose applications one may place."""
    context = frame(request, place="plans")
    access: Access = context["access"]
    plans = [one for one in plan_list() if one.state == "adopted" or access.is_national]
    rows = Application.objects.alive()
    if not access.is_national:
        rows = rows.filter(agency__code__in=access.agencies)
    counted = rows.order_by().values_list("agency__code", "agency__name").annotate(count=Count("id"))
    context |= {
        "plans": plans,
        "agencies": counted.order_by("-count", "agency__name")[:60] if access.is_member else [],
    }
    return render(request, "portfolio/rationalisation/overview.html", context)


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Explain scores, quadrants, proposals, waves, savings and legal forms, from the data in force."""
    form = questionnaire()
    axes = [(axis.name[language()], _weights(axis)) for axis in (form.value, form.fit)]
    forms = [(one.form.label, one.basis[language()]) for one in form.forms.values()]
    context = {**frame(request, place="method"), "form": form, "axes": axes, "forms": forms}
    return render(request, "portfolio/rationalisation/method.html", context)


def _weights(axis: Axis) -> list[tuple[str, int]]:
    asked = [(one.text[language()], one.weight) for one in axis.questions]
    return asked + [(one.text[language()], one.weight) for one in axis.measures]


@signed_in_required
@require_safe
def quadrants(request: HttpRequest, agency: str) -> HttpResponse:
    """Show an agency's applications by value and fit."""
    view, found = _of_agency(request, agency)
    most = max((one.row.users_actual or 0 for one in found), default=0) or 1
    dots = [
        Dot(
            one.row.code,
            one.row.name,
            one.value.score or 0,
            one.fit.score or 0,
            (one.row.users_actual or 0) / most,
            one.quadrant,
            reverse("portfolio:consolidation_application", args=[one.row.code]),
        )
        for one in found
        if one.quadrant != Quadrant.UNKNOWN
    ]
    counts = {quadrant: sum(one.quadrant == quadrant for one in found) for quadrant in Quadrant}
    chart = time_chart(
        dots, limit=questionnaire().limits.limit, title=_("Business value against technical fit")
    )
    context = {
        **frame(request, place="quadrants"),
        "agency": view,
        "chart": chart if dots else "",
        "legend": [(quadrant.value, quadrant.label, count) for quadrant, count in counts.items()],
        "rows": [_row(one) for one in sorted(found, key=lambda one: (one.quadrant, one.row.name))],
    }
    return render(request, "portfolio/rationalisation/quadrants.html", context)


@signed_in_required
@require_safe
def quadrants_csv(request: HttpRequest, agency: str) -> HttpResponse:
    """Give an agency's scores as CSV."""
    _view, found = _of_agency(request, agency)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(
        ["code", "name", "quadrant", "value", "value_coverage", "fit", "fit_coverage", "dependents"]
    )
    for one in found:
        numbers = (one.value.score, one.value.coverage, one.fit.score, one.fit.coverage)
        shown = ["" if number is None else f"{number:.3f}" for number in numbers]
        writer.writerow([one.row.code, guarded(one.row.name), one.quadrant.value, *shown, one.dependents])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kuadran.csv"'
    return response


def _of_agency(request: HttpRequest, code: str) -> tuple[Any, list[Scored]]:
    if not viewer(request).sees_internal(code):
        raise NotAllowed()
    rows = Application.objects.alive().of_agency(code).select_related("agency").defer("search")
    return agency_get(code), scored(list(rows.order_by("name")[:MOST_SHOWN]))


def _row(one: Scored) -> dict[str, Any]:
    return {
        "row": one.row,
        "quadrant": one.quadrant.label,
        "tag": QUADRANT_TAGS[one.quadrant.value],
        "value": _score(one.value),
        "fit": _score(one.fit),
    }


def _score(score: AxisScore) -> str:
    if score.score is None:
        return "–"
    known = format_number(score.coverage * 100)
    return _("%(score)s (%(known)s %% known)") % {
        "score": format_number(score.score, decimals=2),
        "known": known,
    }


@signed_in_required
@require_http_methods(["GET", "POST"])
def application(request: HttpRequest, code: str) -> HttpResponse:
    """Show one application's scores with their parts, what breaks when it ends, and the short questionnaire."""
    row = Application.objects.select_related("agency").defer("search").filter(code=code).first()
    access = viewer(request)
    if row is None:
        raise ApplicationUnknown()
    if not access.sees_internal(row.agency.code):
        raise NotAllowed()
    one = scored_one(row)
    initial = {f"q_{key}": str(points) for key, points in one.answers.items()}
    form = AssessmentForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            answers, note = form.answers(), form.cleaned_data["note"]
            assessment_give(row, answers=answers, note=note, by=current_actor(request))
            messages.success(request, _("The answers are saved."))
            return redirect("portfolio:consolidation_application", code)
        except RequestIncomplete as error:
            take_faults(form, error.faults)
    context = {
        **frame(request, place="quadrants"),
        "row": row,
        "one": one,
        "tag": QUADRANT_TAGS[one.quadrant.value],
        "axes": [_axis(questionnaire().value.name, one.value), _axis(questionnaire().fit.name, one.fit)],
        "needs": [(NEEDS[need.kind], need) for need in dependents_of(row)],
        "sign_ins": [(date_format(month, "F Y"), count) for month, count in sign_ins_by_month(row)],
        "form": form,
        "may_write": access.writes(row.agency.code),
    }
    return render(request, "portfolio/rationalisation/application.html", context)


def _axis(name: Any, score: AxisScore) -> dict[str, Any]:
    parts = [
        (
            part.text[language()],
            "–" if part.share is None else format_number(part.share, decimals=2),
            ""
            if part.said is None
            else format_number(part.said, decimals=0 if part.said == int(part.said) else 1),
            part.weight,
            part.is_measured,
        )
        for part in score.parts
    ]
    return {"name": name[language()], "score": _score(score), "parts": parts}
