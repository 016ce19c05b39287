"""Dashboards: the country for everyone, with more for the national team; one agency, with more for its managers."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.directory.public import agency_get
from terpadu.kernel.formats import language
from terpadu.portfolio.enums import LifeState
from terpadu.portfolio.reference import completeness_parts, reference_architecture
from terpadu.portfolio.rules.cells import plain
from terpadu.portfolio.selectors.summaries import summary_get
from terpadu.portfolio.web import presenters
from terpadu.portfolio.web.access import viewer
from terpadu.portfolio.web.words import list_name
from terpadu.portfolio.wording import label

PER_PAGE = 50


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the figures of the whole country."""
    access = viewer(request)
    summary = summary_get(with_internal=access.is_national)
    if summary is None:
        return render(request, "portfolio/empty.html", {"access": access})
    context = presenters.dashboard(summary)
    context["largest"] = summary.facts["agencies"][:5]
    return render(request, "portfolio/overview.html", {**context, "access": access, "here": "overview"})


@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """List the agencies by how many applications they own, with a search by name."""
    access = viewer(request)
    summary = summary_get(with_internal=False)
    wanted = request.GET.get("q", "").strip()[:60]
    rows = summary.facts["agencies"] if summary else []
    found = [row for row in rows if plain(wanted) in plain(row[1])]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": page,
        "query": f"{query.urlencode()}&" if query else "",
        "rows": list(page.object_list),
        "count": len(found),
        "wanted": wanted,
        "summary": summary,
        "access": access,
        "here": "agencies",
    }
    return render(request, "portfolio/agencies.html", context)


@require_safe
def agency(request: HttpRequest, code: str) -> HttpResponse:
    """Show the figures of one agency. Raises AgencyUnknown."""
    access = viewer(request)
    owner = agency_get(code)
    summary = summary_get(code, with_internal=access.sees_internal(code))
    context = {"here": "agencies", "owner": owner, "access": access, "may_write": access.writes(code)}
    if summary is None:
        return render(request, "portfolio/agency_empty.html", context)
    name = owner.name_en if language() == "en" and owner.name_en else owner.name
    return render(
        request, "portfolio/agency.html", {**context, **presenters.dashboard(summary), "name": name}
    )


@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """Browse the reference architecture from the top down to the applications of a code."""
    architecture = reference_architecture()
    code = request.GET.get("kode", "").strip().upper()[:20]
    known = architecture.name(code) or code in architecture.lists
    chosen = architecture.lists[code.partition(".")[0]] if code and known else None
    context = {
        "architecture": architecture,
        "lists": [
            (key, list_name(one))
            for key, one in architecture.lists.items()
            if key in ("RAB", "RAL", "RAD", "RAA")
        ],
        "chosen": list_name(chosen) if chosen else "",
        "code": code if known else "",
        "key": code.partition(".")[0],
        "path": architecture.path(code),
        "children": chosen.children(code) if chosen else [],
        "trust": chosen.trust if chosen else "",
    }
    return render(request, "portfolio/tree.html", {"here": "tree", **context, "access": viewer(request)})


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Explain what is counted and how, with the weights of completeness."""
    parts = [
        {
            "labels": ", ".join(str(label(name)) for name in part.fields),
            "weight": part.weight,
            "states": ", ".join(str(LifeState(state).label) for state in part.states) or _("every state"),
        }
        for part in completeness_parts()
    ]
    context = {"parts": parts, "access": viewer(request)}
    return render(request, "portfolio/method.html", {**context, "architecture": reference_architecture()})
