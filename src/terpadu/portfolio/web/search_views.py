"""Search and browse of the inventory."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.directory.public import agency_list
from terpadu.portfolio.enums import ApplicationClass, LifeState, Platform
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.rules.cells import Unreadable, read_rupiah
from terpadu.portfolio.selectors.search import Wanted, search
from terpadu.portfolio.web.access import viewer
from terpadu.portfolio.web.words import STATE_TAGS
from terpadu.portfolio.wording import explain

PER_PAGE = 25
MORE = ("kelas", "basis", "teknologi", "biaya_dari", "biaya_sampai")
SHOWN = (
    "code",
    "name",
    "short_name",
    "function",
    "state",
    "application_class",
    "agency__code",
    "agency__name",
)


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show the applications that fit, a page at a time."""
    access = viewer(request)
    wanted = wanted_of(request.GET)
    hits = search(wanted, access=access)
    page = Paginator(hits.rows.only(*SHOWN), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    code_name = reference_architecture().name(wanted.code)
    context: dict[str, Any] = {
        "page": page,
        "query": f"{query.urlencode()}&" if query else "",
        "filters": query.urlencode(),
        "rows": [{"row": row, "tag": STATE_TAGS[row.state]} for row in page.object_list],
        "count": page.paginator.count,
        "is_like": hits.is_like,
        "here": "search",
        "wanted": wanted,
        "access": access,
        "states": LifeState.choices,
        "classes": ApplicationClass.choices,
        "platforms": Platform.choices,
        "sectors": reference_architecture().lists["RAB"].children(),
        "code_name": code_name,
        "agency_name": next((one.name for one in agency_list() if one.code == wanted.agency), wanted.agency)
        if wanted.agency
        else "",
        "more_open": any(request.GET.get(name) for name in MORE),
        "amounts": _amounts(request.GET),
    }
    return render(request, "portfolio/search.html", context)


def wanted_of(data: QueryDict) -> Wanted:
    """Read a search from an address; what cannot be read is left out."""

    def text(name: str) -> str:
        return data.get(name, "").replace("\x00", "").strip()[:120]

    return Wanted(
        q=text("q"),
        agency=text("instansi")[:60],
        code=text("kode").upper()[:20],
        state=text("status") if text("status") in LifeState.values else "",
        application_class=text("kelas") if text("kelas") in ApplicationClass.values else "",
        platform=text("basis") if text("basis") in Platform.values else "",
        technology=text("teknologi"),
        cost_from=_amount(text("biaya_dari")),
        cost_to=_amount(text("biaya_sampai")),
    )


def _amounts(data: QueryDict) -> list[tuple[str, str, str, str]]:
    """Return name, label, what was typed and what is wrong with it of the fields for an amount."""
    labels = {"biaya_dari": _("Cost of all years from"), "biaya_sampai": _("Cost of all years to")}
    typed = {name: data.get(name, "").strip()[:60] for name in labels}
    return [(name, labels[name], text, _wrong(text)) for name, text in typed.items()]


def _wrong(text: str) -> str:
    """Say what is wrong with an amount; "" for one that can be read."""
    try:
        read_rupiah(text or "0")
    except Unreadable as error:
        said = explain(Fault(error.code, values={"given": text, **error.values}))
        return f"{said.message} {said.remedy}"
    return ""


def _amount(text: str) -> int | None:
    try:
        return read_rupiah(text) if text else None
    except Unreadable:
        return None
