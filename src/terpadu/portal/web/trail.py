"""The trail: who read the person's data, on whose behalf, which data, why, on which legal basis, for which case."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override
from django.views.decorators.http import require_safe

from terpadu.casework.public import case_list_for
from terpadu.exchange.enums import Outcome
from terpadu.exchange.public import TrailEntry, disclosure_law, trail_for_person
from terpadu.identity.public import current_person, signed_in_required
from terpadu.kernel.clock import JAKARTA, today
from terpadu.kernel.formats import language
from terpadu.portal.rules import by_day, safe_cell
from terpadu.portal.web.parameters import uuid_or_none
from terpadu_wire.properties import Text

PAGE_SIZE = 25
SCAN_SIZE = 100  # the most that one call gives


COLUMNS = (
    gettext_lazy("When"),
    gettext_lazy("What"),
    gettext_lazy("Data"),
    gettext_lazy("Held by"),
    gettext_lazy("Read through"),
    gettext_lazy("Purpose"),
    gettext_lazy("Legal basis"),
    gettext_lazy("Case"),
    gettext_lazy("Asked by"),
    gettext_lazy("Transaction"),
    gettext_lazy("Shown since"),
)


@dataclass(frozen=True)
class TrailLine:
    """One exchange in the words of the page.

    sentence: who did what, plainly. data: names of the data in the language in force. asked_by: at whose request.
    reader: the agency that wanted the data; via: the one that read it for them, or "".
    succeeded: whether anything was handed over. is_confirmed: the records of both sides are there and agree. shown_since: when it
    appeared, None for at once; kept_back_by: article of the law until then. looks: when the supervisor looked at it until then.
    can_ask: whether the agency that wanted the data can be asked why. is_disputed: the records contradict
    each other.
    """

    at: datetime
    sentence: str
    data: tuple[str, ...]
    purpose: str
    legal_basis: str
    case_number: str
    asked_by: str
    reader: str
    holder: str
    via: str
    succeeded: bool
    transaction_id: str
    is_confirmed: bool
    shown_since: datetime | None = None
    kept_back_by: str = ""
    looks: tuple[datetime, ...] = ()
    can_ask: bool = False
    is_disputed: bool = False


@require_safe
@signed_in_required
def trail(request: HttpRequest) -> HttpResponse:
    """Show the exchanges about the person by day, newest first; `instansi` keeps one agency's readings."""
    person_id, before = current_person(request), uuid_or_none(request.GET.get("before"))
    cases = cases_of(person_id)
    entries = trail_for_person(person_id, cases=cases, before=before, limit=SCAN_SIZE)
    scanned = [line_of(entry) for entry in entries]
    chosen = request.GET.get("instansi", "")
    kept = [line for line in scanned if not chosen or line.reader == chosen]
    context = {
        "days": by_day(kept[:PAGE_SIZE], at=lambda line: line.at),
        "agencies": sorted({line.reader for line in scanned}),
        "chosen": chosen,
        "older": _older(scanned, kept),
        "is_first": before is None,
        "cases": cases,
        "grounds": _grounds(),
    }
    return render(request, "portal/trail.html", context)


def _grounds() -> list[dict[str, object]]:
    """Return by which laws a reading may be shown later, in the words of the page; whether there is one is not told."""
    lang = language()
    return [
        {
            "text": _in(lang, one.text),
            "article": one.article,
            "is_assumed": one.is_assumed,
            "delayed": one.longest.get("delayed"),
            "closed": one.longest.get("closed"),
            "is_never": "supervisor" in one.longest,
        }
        for one in disclosure_law().grounds
    ]


def cases_of(person_id: UUID) -> dict[str, UUID]:
    """Return the person's cases by number."""
    return {case.number: case.case_id for case in case_list_for(person_id) if case.number}


def _older(scanned: list[TrailLine], kept: list[TrailLine]) -> str:
    """Return the transaction after which the next page starts, "" when there is nothing older."""
    if len(kept) > PAGE_SIZE:
        return kept[PAGE_SIZE - 1].transaction_id
    return scanned[-1].transaction_id if len(scanned) == SCAN_SIZE else ""


@require_safe
@signed_in_required
def trail_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the whole trail as a spreadsheet file (CSV, UTF-8 with a mark that spreadsheets know), sent while it is read."""
    parts = _file(current_person(request), lang=language())
    response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="jejak-{today():%Y-%m-%d}.csv"'
    return response


def _file(person_id: UUID, *, lang: str) -> Iterator[str]:
    """Yield the file page by page. lang: of whoever asked; between two parts the server may speak another."""
    with override(lang):
        head = csv_of([[str(name) for name in COLUMNS]])
    yield f"\ufeff{head}"
    pages = _pages(person_id)
    while True:
        with override(lang):
            page = [_cells(line_of(entry)) for entry in next(pages, ())]
        if not page:
            return
        yield csv_of(page)


def _pages(person_id: UUID) -> Iterator[list[TrailEntry]]:
    before: UUID | None = None
    cases = cases_of(person_id)
    while entries := trail_for_person(person_id, cases=cases, before=before, limit=SCAN_SIZE):
        yield entries
        before = entries[-1].transaction_id


def line_of(entry: TrailEntry) -> TrailLine:
    """Write an exchange in plain words of the language in force."""
    lang = language()
    return TrailLine(
        at=entry.at,
        sentence=_sentence(entry),
        data=tuple(_in(lang, item) for item in entry.data_items),
        purpose=_in(lang, entry.purpose_text),
        legal_basis=entry.legal_basis,
        case_number=entry.evidence,
        asked_by=_asked_by(entry),
        reader=entry.delegator_name or entry.consumer_name,
        holder=entry.provider_name,
        via=entry.consumer_name if entry.delegator_name else "",
        succeeded=entry.outcome == Outcome.ANSWERED,
        transaction_id=str(entry.transaction_id),
        is_confirmed=entry.is_confirmed,
        shown_since=entry.disclosed_from if entry.ground else None,
        kept_back_by=entry.ground,
        looks=entry.looks,
        can_ask=bool(entry.reader_code),
        is_disputed=entry.is_disputed,
    )


def _asked_by(entry: TrailEntry) -> str:
    known = {
        "person:self": _("You"),
        "person:representative": _("Somebody who acts for you"),
        "agency:event": _("Nobody; the agency is told of such events"),
    }
    return known.get(entry.on_behalf_of) or _("An officer of the agency")


def _in(lang: str, text: Text) -> str:
    return text.en if lang == "en" else text.id


def _sentence(entry: TrailEntry) -> str:
    count = len(entry.data_items)
    words = {"reader": entry.delegator_name or entry.consumer_name, "count": count}
    if entry.outcome != Outcome.ANSWERED:
        return _("%(reader)s asked for your data and received none") % words
    if not entry.is_own:
        text = ngettext(
            "%(reader)s read %(count)d item about the person your application is for",
            "%(reader)s read %(count)d items about the person your application is for",
            count,
        )
        return text % words
    text = ngettext(
        "%(reader)s read %(count)d item of your data", "%(reader)s read %(count)d items of your data", count
    )
    return text % words


def csv_of(rows: Iterable[Sequence[str]]) -> str:
    """Write rows as comma-separated values; no cell can be taken for a formula."""
    buffer = StringIO()
    csv.writer(buffer).writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _cells(line: TrailLine) -> list[str]:
    when, since = _moment(line.at), _moment(line.shown_since or line.at)
    what = [line.sentence, "; ".join(line.data), line.holder, line.via]
    why = [line.purpose, line.legal_basis, line.case_number, line.asked_by]
    return [when, *what, *why, line.transaction_id, since]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(JAKARTA):%Y-%m-%d %H:%M:%S} WIB"
