"""What the pages on overlaps show: findings and families of the newest report, with the records as the public sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Subquery, Sum

from terpadu.kernel.clock import now
from terpadu.kernel.models import Timer
from terpadu.portfolio.enums import OverlapKind, OverlapStep
from terpadu.portfolio.families import FamilyFigure, FamilyFigures
from terpadu.portfolio.models import (
    Application,
    OverlapFamily,
    OverlapFinding,
    OverlapReport,
    OverlapRun,
    Verdict,
)

TIMER = "portfolio.overlap_report"
"""The timer that asks for a new report."""
LONGEST_RUN = timedelta(minutes=30)
"""A run that is older has died."""
SOON = timedelta(minutes=1)

TOP = 5
STEPS = (OverlapStep.READING, OverlapStep.COMPARING, OverlapStep.WRITING)


@dataclass(frozen=True)
class FindingFilter:
    """Which findings somebody wants; "" and 0 leave a question out. sector: of the business process list, such as RAB.09."""

    kind: str = ""
    agency: str = ""
    sector: str = ""
    least: float = 0.0
    undecided: bool = False


@dataclass(frozen=True)
class Record:
    """One application as everybody may see it, with what its comparison needs."""

    code: str
    name: str
    function: str
    agency_code: str
    agency_name: str
    state: str
    state_label: str
    rab_codes: tuple[str, ...]
    url: str
    live_on: Any


@dataclass(frozen=True)
class Making:
    """A report on its way. step: 0 when it waits to start, else 1 to 3. has_failed: the last one came to nothing."""

    step: int
    label: str
    has_failed: bool


def newest_report_or_none() -> OverlapReport | None:
    """Return the newest frozen report, None before the first."""
    return OverlapReport.objects.order_by("-made_at").first()


def making() -> Making | None:
    """Return how far the next report is; None when none is being made or waited for. Two queries."""
    run = OverlapRun.objects.order_by("-started_at").first()
    if run and run.step in STEPS and run.started_at > now() - LONGEST_RUN:
        return Making(STEPS.index(OverlapStep(run.step)) + 1, run.get_step_display(), False)
    is_due = Timer.objects.filter(kind=TIMER, fired_at__isnull=True, due_at__lt=now() + SOON).exists()
    has_failed = bool(run and run.step != OverlapStep.DONE)
    return Making(0, "", has_failed) if is_due or has_failed else None


def findings(report: OverlapReport, wanted: FindingFilter) -> QuerySet[OverlapFinding]:
    """Return the findings that fit, highest score first, each with `said`: the verdict that counts, or None."""
    counting = Verdict.objects.filter(left=OuterRef("left"), right=OuterRef("right")).counting()
    rows = OverlapFinding.objects.filter(report=report)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.agency:
        rows = rows.filter(agencies__contains=[wanted.agency])
    if wanted.sector:
        rows = rows.filter(sectors__contains=[wanted.sector])
    if wanted.least:
        rows = rows.filter(score__gte=wanted.least)
    if wanted.undecided:
        rows = rows.filter(~Exists(counting))
    said = Subquery(counting.values("kind")[:1], output_field=CharField())
    return rows.annotate(said=said).order_by("-score", "left", "right")


def family_rows(report: OverlapReport, *, agency: str = "", kind: str = "") -> QuerySet[OverlapFamily]:
    """Return the families of a report, largest first; only those that touch an agency, or of one kind."""
    rows = OverlapFamily.objects.filter(report=report)
    if agency:
        rows = rows.filter(agencies__contains=[agency])
    if kind:
        rows = rows.filter(kind=kind)
    return rows.order_by("-applications", "key")


def family_by_key(key: str) -> OverlapFamily | None:
    """Return the family of a key in the newest report that has it."""
    return OverlapFamily.objects.filter(key=key).select_related("report").order_by("-report__made_at").first()


def links_to_centre(family: OverlapFamily) -> dict[str, OverlapFinding]:
    """Return the findings between a family's centre and its other members, by the other's code. One query."""
    rows = OverlapFinding.objects.filter(report=family.report_id, family=family.key)
    centre = family.centre
    return {
        one.right if one.left == centre else one.left: one for one in rows if centre in (one.left, one.right)
    }


def records_of(codes: Iterable[str]) -> dict[str, Record]:
    """Return records by code; unknown ones are left out. One query."""
    rows = Application.objects.filter(code__in=list(codes)).select_related("agency").defer("search")
    return {one.code: _record(one) for one in rows}


def verdicts_on(left: str, right: str) -> list[Verdict]:
    """Return everything people said of a pair (left before right), newest first, what was taken back too."""
    return list(Verdict.objects.filter(left=left, right=right).order_by("-said_at", "-id"))


def family_figures(agency_code: str, *, addresses: Callable[[str], str]) -> FamilyFigures | None:
    """Return the families of the newest report for a dashboard. addresses: key → address of the page. Three queries."""
    report = newest_report_or_none()
    if report is None:
        return None
    rows = family_rows(report, agency=agency_code)
    counted = rows.order_by().values_list("kind").annotate(Count("id"), Sum("applications"))
    by_kind = {kind: (kind, families, applications) for kind, families, applications in counted}
    figures = [
        FamilyFigure(one.key, _said(one), one.kind, one.applications, len(one.agencies), addresses(one.key))
        for one in rows[:TOP]
    ]
    return FamilyFigures(tuple(by_kind[one] for one in OverlapKind.values if one in by_kind), tuple(figures))


def kind_counts(report: OverlapReport) -> list[tuple[str, Any, int]]:
    """Return key, label and number of pairs of each kind, the closest kind first."""
    kinds = [one for one in OverlapKind if one is not OverlapKind.NONE]
    return [(one.value, one.label, int(report.kinds.get(one.value, 0))) for one in kinds]


def _said(one: OverlapFamily) -> str:
    """Return a family's name with the words that tell what it is about; a coined name alone says nothing."""
    return f"{one.name} ({', '.join(one.words)})" if one.words and "(" not in one.name else one.name


def _record(one: Application) -> Record:
    return Record(
        code=one.code,
        name=one.name,
        function=one.function or one.description,
        agency_code=one.agency.code,
        agency_name=one.agency.name,
        state=one.state,
        state_label=str(one.get_state_display()),
        rab_codes=tuple(one.rab_codes),
        url=one.url,
        live_on=one.live_on,
    )
