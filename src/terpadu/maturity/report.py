"""The evaluation report (LHE) of an agency as an archival, tagged PDF, typeset with typst's own fonts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

import typst
from django.conf import settings

from terpadu.kernel.clock import JAKARTA
from terpadu.kernel.formats import format_date
from terpadu.kernel.ids import uuid7
from terpadu.maturity.enums import AgencyGroup, FindingKind
from terpadu.maturity.models import Finding
from terpadu.maturity.rules.instrument import Aspect, Domain, Level
from terpadu.maturity.selectors.published import PublishedResult, PublishedRound

TEMPLATE = Path(__file__).resolve().parent / "templates" / "maturity" / "report.typ"
STANDARDS: Final[list[Literal["a-2a", "ua-1"]]] = ["a-2a", "ua-1"]
GROUPS = {
    AgencyGroup.MINISTRY: "Kementerian",
    AgencyGroup.BODY: "Lembaga",
    AgencyGroup.PROVINCE: "Provinsi",
    AgencyGroup.REGENCY: "Kabupaten",
    AgencyGroup.CITY: "Kota",
}


def report_pdf(measured: PublishedRound, result: PublishedResult) -> bytes:
    """Return the report of a published result, in Indonesian: it is an official paper.

    Holds index and band, domains and aspects beside the averages of nation and group, findings for each aspect, and
    the table of all levels. Typeset once and kept as a file: a published result does not change. At most one query.
    """
    moment = int(measured.published_at.timestamp())
    path = Path(settings.DOCUMENTS_DIR) / "maturity" / f"{measured.id}-{result.agency_code}-{moment}.pdf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{uuid7()}.draft")
        draft.write_bytes(report_typeset(measured, result))
        draft.rename(path)
    return path.read_bytes()


def report_typeset(measured: PublishedRound, result: PublishedResult) -> bytes:
    """Typeset a report anew, as PDF/A-2a and PDF/UA-1. One query."""
    return typst.compile(
        TEMPLATE,
        format="pdf",
        pdf_standards=list(STANDARDS),
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(_facts(measured, result), ensure_ascii=False)},
        timestamp=int(measured.published_at.timestamp()),
    )


def _facts(measured: PublishedRound, result: PublishedResult) -> dict[str, object]:
    form = measured.instrument
    group, national = measured.groups[result.group], measured.national
    rows = Finding.objects.filter(locus__round_id=measured.id, locus__agency_code=result.agency_code)
    findings = {(row.aspect, row.kind): row.text for row in rows}
    return {
        "title": f"Laporan Hasil {'Evaluasi' if result.kind == 'evaluation' else 'Pemantauan'}",
        "instrument": form.name.id,
        "regulation": form.regulation,
        "year": str(measured.year),
        "published": format_date(measured.published_at.astimezone(JAKARTA).date(), lang="id"),
        "agency": result.agency_name,
        "group": GROUPS[AgencyGroup(result.group)],
        "index": _value(result.index),
        "exact": result.index_exact.replace(".", ","),
        "band": measured.band(result.band).name.id,
        "rank": str(result.rank),
        "count": str(len(measured.results)),
        "national": _value(national.index),
        "groupaverage": _value(group.index),
        "bands": [[band.name.id, _value(band.lower), _value(band.upper)] for band in form.bands],
        "domains": _nodes(form.domains, result.domains, group.domains, national.domains),
        "aspects": _nodes(form.aspects, result.aspects, group.aspects, national.aspects),
        "findings": [
            [one.name.id, *(findings.get((one.number, kind), "") for kind in FindingKind.values)]
            for one in form.aspects
            if any((one.number, kind) in findings for kind in FindingKind.values)
        ],
        "levels": [
            [number, one.name.id, result.levels[number], _level_name(one.levels, result.levels[number])]
            for number, one in form.indicators.items()
        ],
    }


def _value(number: object) -> str:
    return f"{float(str(number)):.2f}".replace(".", ",") if number is not None else "–"


def _level_name(levels: tuple[Level, ...], level: str) -> str:
    return next((one.name.id for one in levels if str(one.number) == level), "")


def _nodes(
    parts: Sequence[Aspect | Domain],
    mine: Mapping[str, str],
    group: Mapping[str, Decimal],
    national: Mapping[str, Decimal],
) -> list[list[str]]:
    return [
        [one.number, one.name.id, *(_value(values[one.number]) for values in (mine, group, national))]
        for one in parts
    ]
