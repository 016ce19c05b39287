"""An officer's own month: what was handled, how much in time, on which days, with the evidence."""

from __future__ import annotations

import csv
import io

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.civil_service.public import Month, credit_list_for, employee_find
from terpadu.civil_service.selectors import CreditView, tally_of
from terpadu.civil_service.web.chart import chart_of
from terpadu.identity.public import current_person, current_position, officer_required
from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.formats import MONTHS, language

MONTHS_OFFERED = 12
MONTHS_AT_ONCE = 3
EVIDENCE_PER_PAGE = 25
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_safe
@officer_required()
def performance(request: HttpRequest) -> HttpResponse:
    """Show the month; this month when none, or no real one, is asked for."""
    person_id, month = current_person(request), _month_of(request)
    handled = credit_list_for(person_id, month)
    sums = tally_of(handled, month=month)
    context = {
        "area": "officer",
        "position": current_position(request),
        "employee": employee_find(person_id),
        "chosen": str(month),
        "month_name": month_name(month),
        **_offered(month),
        "page": Paginator(handled, EVIDENCE_PER_PAGE).get_page(request.GET.get("page")),
        "page_query": f"month={month}&",
        "tally": sums,
        "chart": chart_of(sums.per_day),
    }
    return render(request, "civil_service/performance.html", context)


@require_safe
@officer_required()
def evidence_csv(request: HttpRequest) -> HttpResponse:
    """Give the evidence of a month as a CSV file that a spreadsheet opens."""
    month = _month_of(request)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            _("Case"),
            _("Service"),
            _("Step"),
            _("Started"),
            _("Finished"),
            _("Effort (minutes)"),
            _("On time"),
            _("State"),
        ]
    )
    writer.writerows(_csv_row(credit) for credit in credit_list_for(current_person(request), month))
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kinerja-{month}.csv"'
    return response


def _csv_row(credit: CreditView) -> list[str]:
    times = [
        at.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M") for at in (credit.started_at, credit.finished_at)
    ]
    cells = [
        credit.case_number,
        credit.service_name.get(language(), ""),
        credit.step_name.get(language(), ""),
        *times,
        str(credit.effort_minutes),
        _("yes") if credit.on_time else _("no"),
        str(credit.state.label),
    ]
    return [_harmless(cell) for cell in cells]


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _month_of(request: HttpRequest) -> Month:
    return Month.parse(request.GET.get("month", "")) or Month.of(today())


def _offered(chosen: Month) -> dict[str, object]:
    """Return the months to pick from: the recent ones at once, the earlier ones one tap away."""
    months = [Month.of(today()).shifted(-n) for n in range(MONTHS_OFFERED)]
    choices = [(str(month), month_name(month)) for month in months]
    return {
        "recent": choices[:MONTHS_AT_ONCE],
        "earlier": choices[MONTHS_AT_ONCE:],
        "is_earlier": chosen in months[MONTHS_AT_ONCE:],
    }


def month_name(month: Month) -> str:
    """Write a month as "November 2026" in the language in force."""
    return f"{MONTHS[language()][month.month - 1]} {month.year}"
