"""Answers of the API, one page at a time, found again by a cursor that grows with the code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from terpadu.identity.public import current_actor
from terpadu.kernel.errors import BadInput, NotAllowed
from terpadu.kernel.http.middleware import for_programs
from terpadu.portfolio.api.schema import document
from terpadu.portfolio.enums import ApplicationClass, LifeState
from terpadu.portfolio.exports import json_of, views_of
from terpadu.portfolio.policies import PUBLIC, Access, access_of
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.applications import application_by_code
from terpadu.portfolio.selectors.search import Wanted, search

PER_PAGE, MOST = 100, 500


@require_safe
@for_programs
def applications(request: HttpRequest) -> HttpResponse:
    """List the applications that fit, by code. Raises BadInput."""
    access = _access(request)
    given = request.GET
    wanted = Wanted(
        q=_text(request, "q"),
        agency=_text(request, "agency"),
        code=_code(_text(request, "code").upper()),
        state=_one_of(_text(request, "state"), LifeState.values),
        application_class=_one_of(_text(request, "class"), ApplicationClass.values),
    )
    limit = _limit(given.get("limit", str(PER_PAGE)))
    rows = (
        search(wanted, access=access)
        .rows.filter(code__gt=_text(request, "after"))
        .order_by("code")[: limit + 1]
    )
    found = [json_of(view, is_internal=is_internal) for view, is_internal in views_of(rows, access=access)]
    more = found[limit - 1]["code"] if len(found) > limit else None
    return JsonResponse({"applications": found[:limit], "after": more})


@require_safe
@for_programs
def application(request: HttpRequest, code: str) -> HttpResponse:
    """Return one application. Raises ApplicationUnknown."""
    view = application_by_code(code)
    return JsonResponse(json_of(view, is_internal=_access(request).sees_internal(view.agency_code)))


@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """Return the description of this API."""
    return JsonResponse(document())


def _access(request: HttpRequest) -> Access:
    try:
        return access_of(current_actor(request))
    except NotAllowed:
        return PUBLIC


def _text(request: HttpRequest, name: str) -> str:
    text = request.GET.get(name, "")
    if "\x00" in text or len(text) > 120:
        raise BadInput(parameter=name)
    return text.strip()


def _one_of(text: str, known: list[str]) -> str:
    if text and text not in known:
        raise BadInput(known=", ".join(known))
    return text


def _code(code: str) -> str:
    if code and not reference_architecture().name(code):
        raise BadInput(parameter="code")
    return code


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:6]) <= MOST:
        raise BadInput(parameter="limit")
    return int(text)
