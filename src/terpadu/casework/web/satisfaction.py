"""What people say of an office's services: the page for its officers, and the same as CSV."""

from __future__ import annotations

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from terpadu.casework.selectors.catalogue import service_names
from terpadu.casework.selectors.survey import SurveyRecord, survey_of_agencies, surveys_by_service
from terpadu.identity.public import current_actor, current_position, officer_required
from terpadu.kernel.clock import today
from terpadu.kernel.formats import language
from terpadu.kernel.spreadsheets import guarded

HEADINGS = ("service_id", "since", "until", "answers", "index", "grade", "element", "element_answers", "mean")


@require_safe
@officer_required()
def satisfaction(request: HttpRequest) -> HttpResponse:
    """Show the result of the office and of each of its services."""
    agency = current_actor(request).agency
    names, lang = service_names(), language()
    services = [
        (names.get(key, {}).get(lang, key), record) for key, record in surveys_by_service(agency, on=today())
    ]
    context = {
        "office": survey_of_agencies([agency], on=today()),
        "services": services,
        "position": current_position(request),
    }
    return render(request, "casework/satisfaction.html", context)


@require_safe
@officer_required()
def satisfaction_file(request: HttpRequest) -> HttpResponse:
    """Give the same figures as CSV, one line for each service and element; results of too few answers stay empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    for service_id, record in surveys_by_service(current_actor(request).agency, on=today()):
        writer.writerows(_lines(service_id, record))
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kepuasan-{today():%Y-%m-%d}.csv"'
    return response


def _lines(service_id: str, record: SurveyRecord) -> list[list[object]]:
    span = [guarded(service_id), record.since.isoformat(), record.until.isoformat(), record.answers]
    result = record.result
    if result is None:
        return [[*span, "", "", "", "", ""]]
    whole = ["" if result.index is None else result.index, result.grade.letter if result.grade else ""]
    return [
        [*span, *whole, one.element.key, one.answers, "" if one.mean is None else one.mean]
        for one in result.elements
    ]
