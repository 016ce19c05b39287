"""Overlaps: the newest report's findings and families for everyone, verdicts for those who manage the applications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from terpadu.directory.public import agency_list
from terpadu.identity.public import signed_in_required
from terpadu.kernel.unseen import without_unseen
from terpadu.portfolio.enums import OverlapKind
from terpadu.portfolio.errors import (
    ApplicationUnknown,
    OverlapsUnknown,
    VerdictInvalid,
    VerdictMeanwhile,
    VerdictUnknown,
)
from terpadu.portfolio.models import OverlapFinding
from terpadu.portfolio.policies import Access
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.rules.overlap.highlight import pieces
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors import overlap_pages as pages
from terpadu.portfolio.selectors.overlap import verdict_on, verdicts_not_learned
from terpadu.portfolio.selectors.overlap_pages import FindingFilter, Record
from terpadu.portfolio.services.overlap_asking import overlap_report_ask
from terpadu.portfolio.services.overlap_verdicts import (
    may_withdraw,
    overlap_verdict_record,
    overlap_verdict_withdraw,
)
from terpadu.portfolio.web.access import current_actor, viewer
from terpadu.portfolio.web.overlap_words import (
    KIND_TAGS,
    VERDICTS,
    percent,
    ring_chart,
    share_rows,
    shares_chart,
)
from terpadu.portfolio.web.words import STATE_TAGS, code_words

PER_PAGE = 25
SCORES = (0.5, 0.8, 0.95)


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """List the findings of the newest report that fit."""
    report = pages.newest_report_or_none()
    if report is None:
        return _nothing_yet(request)
    access = viewer(request)
    wanted = wanted_of(request.GET)
    page = Paginator(pages.findings(report, wanted), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    records = pages.records_of(code for one in rows for code in (one.left, one.right))
    context = {
        **_frame(request, access),
        "rows": [_row(one, records) for one in rows if one.left in records and one.right in records],
        "page": page,
        "count": page.paginator.count,
        "wanted": wanted,
        "agency_name": _agency_name(wanted.agency),
        "own": sorted(access.agencies)[:3],
        "sectors": reference_architecture().lists["RAB"].children(),
        "scores": [(str(one), round(one * 100)) for one in SCORES],
        "room": "findings",
        **_query(request),
    }
    return render(request, "portfolio/overlap/findings.html", context)


@require_safe
def families(request: HttpRequest) -> HttpResponse:
    """List the families of the newest report, largest first."""
    report = pages.newest_report_or_none()
    if report is None:
        return _nothing_yet(request)
    wanted = wanted_of(request.GET)
    rows = pages.family_rows(report, agency=wanted.agency, kind=wanted.kind)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **_frame(request, viewer(request)),
        "rows": [(one, KIND_TAGS[one.kind]) for one in page.object_list],
        "page": page,
        "count": page.paginator.count,
        "wanted": wanted,
        "agency_name": _agency_name(wanted.agency),
        "room": "families",
        **_query(request),
    }
    return render(request, "portfolio/overlap/families.html", context)


@require_safe
def family(request: HttpRequest, key: str) -> HttpResponse:
    """Show a family as picture and table. Raises OverlapsUnknown."""
    found = pages.family_by_key(key)
    if found is None:
        raise OverlapsUnknown()
    records = pages.records_of(found.members)
    links = pages.links_to_centre(found)
    others = [code for code in found.members if code != found.centre and code in links and code in records]
    others.sort(key=lambda code: (-links[code].score, code))
    context = {
        **_frame(request, viewer(request)),
        "family": found,
        "tag": KIND_TAGS[found.kind],
        "centre": records.get(found.centre),
        "others": [
            {
                "number": at,
                "record": records[code],
                "finding": links[code],
                "tag": KIND_TAGS[links[code].kind],
                "percent": percent(links[code].score),
            }
            for at, code in enumerate(others, start=2)
        ],
        "picture": ring_chart([(links[code].kind, links[code].score) for code in others]),
        "missing": len(found.members) - 1 - len(others),
        "agencies": len(found.agencies),
        "room": "families",
    }
    return render(request, "portfolio/overlap/family.html", context)


@require_safe
def pair(request: HttpRequest, left: str, right: str) -> HttpResponse:
    """Compare two applications side by side, with what speaks for and against."""
    return _pair(request, left, right)


def _pair(request: HttpRequest, left: str, right: str, *, error: str = "", status: int = 200) -> HttpResponse:
    low, high = sorted((left, right))
    records = pages.records_of((low, high))
    if low not in records or high not in records or low == high:
        raise ApplicationUnknown()
    access = viewer(request)
    report = pages.newest_report_or_none()
    found = OverlapFinding.objects.filter(report=report, left=low, right=high).first() if report else None
    why = found.why if found else {}
    rows = share_rows(why.get("shares", {}))
    counts, by = verdict_on(low, high), getattr(request, "actor", None)
    context = {
        **_frame(request, access),
        "finding": found,
        "tag": KIND_TAGS[found.kind] if found else "",
        "percent": percent(found.score) if found else 0,
        "sides": [_side(records[code], why) for code in (low, high)],
        "words": [*why.get("words", ())],
        "names": [*why.get("names", ())],
        "only": [why.get("only_left", []), why.get("only_right", [])],
        "shares": rows,
        "picture": shares_chart(rows) if rows else "",
        "verdicts": [
            (one, VERDICTS[one.kind], may_withdraw(one, by=by, access=access))
            for one in pages.verdicts_on(low, high)
        ],
        "counts": (counts, VERDICTS[counts.kind]) if counts else None,
        "may_judge": any(access.writes(records[code].agency_code) for code in (low, high)),
        "choices": list(VERDICTS.items()),
        "left": low,
        "right": high,
        "error": error,
        "typed": request.POST.get("alasan", "") if error else "",
        "chosen": request.POST.get("jenis", "") if error else "",
        "room": "findings",
    }
    return render(request, "portfolio/overlap/pair.html", context, status=status)


@signed_in_required
@require_POST
def judge(request: HttpRequest, left: str, right: str) -> HttpResponse:
    """Keep what somebody says of two applications."""
    kind = request.POST.get("jenis", "")
    if kind not in OverlapKind.values:
        return _pair(
            request, left, right, error=_("Choose what the two applications are to each other."), status=422
        )
    try:
        given = overlap_verdict_record(
            left,
            right,
            kind=OverlapKind(kind),
            reason=without_unseen(request.POST.get("alasan", "")),
            seen=request.POST.get("terbaca", ""),
            by=current_actor(request),
        )
    except VerdictMeanwhile as error:
        return _pair(request, left, right, error=error.in_words, status=error.http_status)
    except VerdictInvalid:
        text = _("Say why, in one or two sentences (at most 2,000 letters).")
        return _pair(request, left, right, error=text, status=422)
    if verdict_on(given.left, given.right) == given:
        messages.success(request, _("Your verdict is kept. You can take it back below."))
    else:
        messages.success(request, _("Your verdict is kept; that of the national team counts before it."))
    return HttpResponseRedirect(reverse("portfolio:overlap_pair", args=[left, right]))


@signed_in_required
@require_POST
def withdraw(request: HttpRequest, left: str, right: str) -> HttpResponse:
    """Take a verdict back."""
    overlap_verdict_withdraw(_id(request.POST.get("putusan", "")), by=current_actor(request))
    messages.success(request, _("The verdict is taken back; it stays on record and does not count any more."))
    return HttpResponseRedirect(reverse("portfolio:overlap_pair", args=[left, right]))


@signed_in_required
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Ask for a new report, with what people said learned first where that is wanted."""
    overlap_report_ask(learn=request.POST.get("belajar") == "ya", by=current_actor(request))
    messages.success(request, _("A new report is asked for. What stands here counts until it is there."))
    return HttpResponseRedirect(reverse("portfolio:overlaps"))


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Say how overlaps are found, where the limits are, and how to appeal."""
    context = {**_frame(request, viewer(request)), "room": "method"}
    return render(request, "portfolio/overlap/method.html", context)


def wanted_of(data: QueryDict) -> FindingFilter:
    """Read the filters from an address; what cannot be read is left out."""
    kind = data.get("jenis", "")
    sector = data.get("kode", "").upper()[:20]
    least = data.get("nilai", "")
    return FindingFilter(
        kind=kind if kind in OverlapKind.values else "",
        agency=data.get("instansi", "").replace("\x00", "").strip()[:60],
        sector=sector if reference_architecture().name(sector) else "",
        least=float(least) if least in map(str, SCORES) else 0.0,
        undecided=data.get("belum") == "ya",
    )


def _id(text: str) -> UUID:
    """Read an identifier that a page sent. Raises VerdictUnknown."""
    try:
        return UUID(text)
    except ValueError:
        raise VerdictUnknown() from None


def _frame(request: HttpRequest, access: Access) -> dict[str, Any]:
    """Return what every page of overlaps shows: the report, how far the next is, the kinds, verdicts to learn from."""
    report = pages.newest_report_or_none()
    return {
        "access": access,
        "here": "overlap",
        "report": report,
        "making": pages.making(),
        "kinds": pages.kind_counts(report) if report else [],
        "threshold": round(100 * report.threshold) if report else 0,
        "not_learned": verdicts_not_learned() if access.is_national else 0,
    }


def _nothing_yet(request: HttpRequest) -> HttpResponse:
    return render(request, "portfolio/overlap/waiting.html", _frame(request, viewer(request)))


def _query(request: HttpRequest) -> dict[str, str]:
    query = request.GET.copy()
    query.pop("page", None)
    return {"filters": query.urlencode(), "query": f"{query.urlencode()}&" if query else ""}


def _agency_name(code: str) -> str:
    return next((one.name for one in agency_list() if one.code == code), code) if code else ""


def _row(one: OverlapFinding, records: dict[str, Record]) -> dict[str, Any]:
    said = getattr(one, "said", None)
    return {
        "finding": one,
        "sides": (records[one.left], records[one.right]),
        "tag": KIND_TAGS[one.kind],
        "percent": percent(one.score),
        "words": [*one.why["words"][:4]],
        "said": VERDICTS[said] if said else "",
        "said_tag": KIND_TAGS[said] if said else "",
    }


def _side(record: Record, why: dict[str, Any]) -> dict[str, Any]:
    def marked(text: str) -> Iterable[tuple[str, bool]]:
        words, acts = set(why.get("words", ())), set(why.get("acts", ()))
        return pieces(text, words=words, acts=acts, vocabulary=vocabulary())

    return {
        "record": record,
        "tag": STATE_TAGS[record.state],
        "name": marked(record.name),
        "function": marked(record.function),
        "codes": code_words(record.rab_codes),
    }
