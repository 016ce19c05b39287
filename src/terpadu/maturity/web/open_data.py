"""Open data of the index: every published value as JSON and CSV, and the description of this API."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from terpadu.maturity.errors import NotPublished
from terpadu.maturity.selectors.published import PublishedResult, published_round, published_rounds
from terpadu.maturity.web.api_description import description

SHARED_SECONDS = 300
P = ParamSpec("P")
View = Callable[P, HttpResponse]


def public_page(view: View[P]) -> View[P]:
    """Let shared caches keep a page for a few minutes: it is the same for everyone in one language."""

    @wraps(view)
    def cached(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(*args, **kwargs)
        patch_cache_control(response, max_age=SHARED_SECONDS)
        return response

    return cached


def json_errors(view: View[P]) -> View[P]:
    """Answer programs in JSON when a year is not published."""

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except NotPublished as error:
            body = {"code": error.code, "title": str(error.title), "next_step": str(error.next_step)}
            response = JsonResponse(body, status=error.http_status)
            patch_vary_headers(response, ["Accept-Language"])
            return response

    return answered


@require_safe
@public_page
def api(request: HttpRequest) -> JsonResponse:
    """Describe the API as OpenAPI 3.1."""
    return JsonResponse(description())


@require_safe
@public_page
def years_json(request: HttpRequest) -> JsonResponse:
    """List the published years with the addresses of their data."""
    rows = [
        {
            "year": one.year,
            "instrument": one.instrument_code,
            "agencies": len(one.results),
            "json": reverse("maturity:data_json", args=[one.year]),
            "csv": reverse("maturity:data_csv", args=[one.year]),
        }
        for one in published_rounds()
    ]
    return JsonResponse({"years": rows})


@require_safe
@public_page
@json_errors
def data_csv(request: HttpRequest, year: int) -> HttpResponse:
    """Give the published values of a year as CSV, one row for each agency."""
    measured = published_round(year)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="indeks-{year}.csv"'
    writer = csv.writer(response)
    form = measured.instrument
    writer.writerow(
        [
            "year",
            "instrument",
            "rank",
            "agency_code",
            "agency",
            "group",
            "region_code",
            "index",
            "index_exact",
        ]
        + ["band", *(f"domain_{one.number}" for one in form.domains)]
        + [f"aspect_{one.number}" for one in form.aspects]
        + [f"indicator_{number}" for number in form.indicators]
    )
    for one in measured.results:
        head = [year, form.code, one.rank, one.agency_code, one.agency_name, one.group, one.region_code]
        nodes = (*one.domains.values(), *one.aspects.values(), *one.levels.values())
        writer.writerow([*head, one.index, one.index_exact, one.band, *nodes])
    return response


@require_safe
@public_page
@json_errors
def data_json(request: HttpRequest, year: int) -> JsonResponse:
    """Give the published values of a year as JSON, with its instrument, averages and bands."""
    measured = published_round(year)
    form = measured.instrument
    body = {
        "year": year,
        "published_at": measured.published_at.isoformat(),
        "instrument": {"code": form.code, "regulation": form.regulation, "sha256": form.sha256},
        "withheld": measured.withheld,
        "national_average": _text(measured.national.index),
        "group_averages": {key: str(one.index) for key, one in measured.groups.items()},
        "agencies": [_json(one) for one in measured.results],
    }
    return JsonResponse(body)


def _text(number: object) -> str | None:
    return None if number is None else str(number)


def _json(one: PublishedResult) -> dict[str, object]:
    return {
        "rank": one.rank,
        "agency_code": one.agency_code,
        "agency": one.agency_name,
        "group": one.group,
        "region_code": one.region_code,
        "index": str(one.index),
        "index_exact": one.index_exact,
        "band": one.band,
        "domains": dict(one.domains),
        "aspects": dict(one.aspects),
        "indicators": dict(one.levels),
    }
