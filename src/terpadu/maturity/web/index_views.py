"""The index for everyone: overview, ranking, comparison, one agency, method, open data, report."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from terpadu.maturity.enums import AgencyGroup
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get
from terpadu.maturity.report import report_pdf
from terpadu.maturity.rules.instrument import Indicator
from terpadu.maturity.selectors.published import (
    PublishedResult,
    PublishedRound,
    history,
    published_result,
    published_round,
    published_rounds,
)
from terpadu.maturity.web import charts, presenters
from terpadu.maturity.web.open_data import public_page
from terpadu.maturity.web.words import province_name, said, value

PER_PAGE = 50
MOST_COMPARED = 5


@require_safe
def overview(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show a published year as a whole, the latest one when none is named."""
    rounds = published_rounds()
    if year is None and not rounds:
        return render(request, "maturity/index_empty.html", {"area": "citizen"})
    measured = published_round(year) if year else rounds[0]
    average = measured.national.index
    tiles, bars = presenters.tiles(measured), presenters.bars(measured)
    title = _("Agencies by index, in ranges of 0.20")
    return render(
        request,
        "maturity/index_overview.html",
        {
            **_page(measured, rounds),
            "average": value(average) if average is not None else "",
            "band": said(measured.instrument.band_of(average).name) if average is not None else "",
            "bands": presenters.band_counts(measured),
            "bars": [
                {"from": value(bar.lower), "to": value(bar.lower + presenters.BIN), "count": bar.count}
                for bar in bars
            ],
            "distribution": charts.distribution(bars, title=title),
            "distribution_rows": charts.distribution_rows(bars, title=title),
            "map": charts.tile_map(tiles, title=_("Average index by province")),
            "provinces": [
                {"name": tile.name, "value": value(tile.number), "href": tile.href} for tile in tiles
            ],
            "fifths": presenters.fifths(tiles),
            "groups": [
                {
                    "key": key,
                    "name": presenters.group_name(key),
                    "count": one.count,
                    "value": value(one.index),
                }
                for key, one in measured.groups.items()
                if one.index is not None
            ],
            "top": presenters.rank_rows(measured, measured.results[:10]),
        },
    )


@require_safe
def ranking(request: HttpRequest, year: int) -> HttpResponse:
    """List the agencies of a year by index, with a choice of group, province and name."""
    measured = published_round(year)
    wanted = {name: request.GET.get(name, "").strip()[:60] for name in ("grup", "provinsi", "q")}
    found = [one for one in measured.results if _fits(one, wanted)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "maturity/index_ranking.html",
        {
            **_page(measured, published_rounds()),
            "page": page,
            "query": f"{query.urlencode()}&" if query else "",
            "rows": presenters.rank_rows(measured, list(page.object_list)),
            "count": len(found),
            "groups": AgencyGroup.choices,
            "provinces": [(code, province_name(code)) for code in measured.provinces],
            "wanted": wanted,
        },
    )


@require_safe
def compare(request: HttpRequest, year: int) -> HttpResponse:
    """Put up to five agencies of a year side by side, aspect by aspect."""
    measured = published_round(year)
    codes = list(dict.fromkeys(request.GET.getlist("i")))
    if extra := request.GET.get("tambah", "").strip():
        codes += [one.agency_code for one in measured.results if one.agency_name == extra]
    chosen = [measured.by_code[code] for code in codes if code in measured.by_code][:MOST_COMPARED]
    return render(
        request,
        "maturity/index_compare.html",
        {
            **_page(measured, published_rounds()),
            "chosen": _legend(chosen, measured),
            "chart": presenters.compare_dots(measured, chosen) if chosen else "",
            "rows": [
                (said(one.name), _labelled([value(result.aspects[one.number]) for result in chosen], chosen))
                for one in measured.instrument.aspects
            ],
            "indices": _labelled([value(result.index) for result in chosen], chosen),
            "all": [one.agency_name for one in measured.results],
            "is_full": len(chosen) == MOST_COMPARED,
            "is_unknown": bool(extra) and all(one.agency_name != extra for one in chosen),
        },
    )


@require_safe
def agency(request: HttpRequest, code: str, year: int | None = None) -> HttpResponse:
    """Show one agency: index, aspects beside the averages, years, every indicator and what to do next."""
    past = history(code)
    measured = published_round(year) if year else (past[-1][0] if past else published_round(0))
    result = published_result(code, year=measured.year)
    years, trend = presenters.history_rows(code)
    target, steps = presenters.next_steps(measured, result)
    return render(
        request,
        "maturity/index_agency.html",
        {
            **_page(measured, [one for one, _result in reversed(past)]),
            "result": result,
            "index": value(result.index),
            "band": said(measured.band(result.band).name),
            "group": presenters.group_name(result.group),
            "province": province_name(result.province) if result.province else "",
            "count": len(measured.results),
            "aspects": presenters.node_rows(measured, result, of="aspects"),
            "domains": presenters.node_rows(measured, result, of="domains"),
            "chart": presenters.aspect_dots(measured, result),
            "history": years,
            "trend": trend if len(years) > 1 else "",
            "target": said(target.name) if target else "",
            "target_index": value(target.lower) if target else "",
            "steps": steps,
            "indicators": presenters.indicator_rows(measured, result),
        },
    )


@require_safe
def method(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Explain how the index is computed under an instrument, with every formula, weight, band and article."""
    form = instrument_get(code or published_code())
    return render(
        request,
        "maturity/index_method.html",
        {
            "area": "citizen",
            "form": form,
            "name": said(form.name),
            "bands": [
                (said(band.name), presenters.band_limits(band, top=band.upper == form.scale_max))
                for band in form.bands
            ],
            "aspects": [
                (aspect, said(aspect.name), presenters.percent(aspect.weight), _indicators(aspect.indicators))
                for aspect in form.aspects
            ],
            "domains": [(one.number, said(one.name), presenters.percent(one.weight)) for one in form.domains],
            "stages": [(said(stage.name), stage) for stage in form.stages],
            "annotations": [(one.about, said(one.text)) for one in form.annotations],
            "instruments": [instrument_get(one) for one in instrument_codes()],
        },
    )


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """List the open data of every published year."""
    return render(request, "maturity/index_data.html", {"area": "citizen", "rounds": published_rounds()})


@require_safe
@public_page
def report(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Give the report of an agency as a tagged PDF."""
    measured = published_round(year)
    result = published_result(code, year=year)
    response = HttpResponse(report_pdf(measured, result), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="lhe-{year}-{code}.pdf"'
    return response


def published_code() -> str:
    """Return the instrument of the latest published year, or the latest there is."""
    rounds = published_rounds()
    return rounds[0].instrument_code if rounds else instrument_codes()[-1]


def _page(measured: PublishedRound, rounds: list[PublishedRound]) -> dict[str, object]:
    return {
        "area": "citizen",
        "measured": measured,
        "instrument": said(measured.instrument.name),
        "years": [one.year for one in rounds],
        "home": reverse("maturity:overview"),
    }


def _fits(one: PublishedResult, wanted: dict[str, str]) -> bool:
    return (
        (not wanted["grup"] or one.group == wanted["grup"])
        and (not wanted["provinsi"] or one.province == wanted["provinsi"])
        and wanted["q"].casefold() in one.agency_name.casefold()
    )


def _labelled(values: list[str], chosen: list[PublishedResult]) -> list[tuple[str, str]]:
    """Return each value with the agency it belongs to, as a phone shows it."""
    names = [f"{letter}. {one.agency_name}" for letter, one in zip(presenters.LETTERS, chosen, strict=False)]
    return list(zip(names, values, strict=True))


def _legend(chosen: list[PublishedResult], measured: PublishedRound) -> list[dict[str, object]]:
    codes = [one.agency_code for one in chosen]
    address = reverse("maturity:compare", args=[measured.year])
    return [
        {
            "letter": letter,
            "series": at,
            "code": one.agency_code,
            "name": one.agency_name,
            "without": f"{address}?" + "&".join(f"i={code}" for code in codes if code != one.agency_code),
        }
        for at, (letter, one) in enumerate(zip(presenters.LETTERS, chosen, strict=False))
    ]


def _indicators(indicators: tuple[Indicator, ...]) -> list[dict[str, object]]:
    return [
        {"one": one, "name": said(one.name), "weight": presenters.percent(one.weight)} for one in indicators
    ]
