"""What the people of a round work on: their agencies, one agency's board, the whole round."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, F, Q

from terpadu.kernel.errors import NotFound
from terpadu.maturity.enums import AgencyGroup, LocusState, Role, RoundState
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Appointment, Assessment, Evidence, Locus, Rating, Round
from terpadu.maturity.rules.agreement import cohen_kappa, fleiss_kappa
from terpadu.maturity.rules.distribution import draw_sample
from terpadu.maturity.rules.instrument import Aspect, Indicator, Instrument, RoundKind, Stage
from terpadu.maturity.rules.score import Score, score_indicators
from terpadu.maturity.rules.stages import final_value


@dataclass(frozen=True)
class WorkItem:
    """One agency that a person works on. done, total: indicators with a level at the stage that is on, and all."""

    locus: Locus
    roles: tuple[Role, ...]
    stage: Stage
    done: int
    total: int


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator on the board. levels: by stage, in order, None where none was given. evidence: pieces."""

    indicator: Indicator
    unit: str
    due_on: date | None
    levels: tuple[Decimal | None, ...]
    evidence: int


@dataclass(frozen=True)
class Board:
    """One agency with all its indicators. score: of what stands there now, None while something is missing."""

    locus: Locus
    form: Instrument
    stages: tuple[Stage, ...]
    aspects: tuple[tuple[Aspect, tuple[IndicatorRow, ...]], ...]
    done: dict[str, int]
    score: Score | None


@dataclass(frozen=True)
class Agreement:
    """How far assessors agree in the independent sample. items: rated by at least two."""

    items: int
    cohen: Fraction | None
    fleiss: Fraction | None


def locus_get(locus_id: UUID) -> Locus:
    """Return an agency of a round, with its round. Raises NotFound. One query."""
    row = Locus.objects.select_related("round").filter(pk=locus_id).first()
    if row is None:
        raise NotFound()
    return row


def round_get(round_id: UUID) -> Round:
    """Return a round. Raises NotFound. One query."""
    row = Round.objects.filter(pk=round_id).first()
    if row is None:
        raise NotFound()
    return row


def work_of(person_id: UUID) -> list[WorkItem]:
    """Return the agencies that a person works on in running rounds, what waits for them first. Two queries."""
    rows = Appointment.objects.filter(
        person_id=person_id, locus__isnull=False, round__state=RoundState.RUNNING
    ).select_related("locus__round")
    roles: dict[UUID, list[Role]] = defaultdict(list)
    loci: dict[UUID, Locus] = {}
    for row in rows:
        if row.locus is not None:
            loci[row.locus.id] = row.locus
            roles[row.locus.id].append(Role(row.role))
    counted = Assessment.objects.filter(locus__in=loci).values("locus", "stage").annotate(count=Count("id"))
    counts = {(row["locus"], row["stage"]): row["count"] for row in counted}
    items = [_work_item(locus, roles[locus.id], counts) for locus in loci.values()]
    return sorted(items, key=lambda item: (item.locus.state == LocusState.FINAL, item.locus.agency_name))


def national_rounds(person_id: UUID) -> list[Round]:
    """Return the rounds in whose national team a person is, newest first. One query."""
    rows = Round.objects.filter(appointments__role=Role.NATIONAL_TEAM, appointments__person_id=person_id)
    return list(rows.order_by("-year"))


def board_of(locus: Locus) -> Board:
    """Return the board of an agency. Three queries."""
    form = instrument_get(locus.round.instrument_code)
    stages = form.stages_of(kind_of(locus))
    given: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for number, stage, level in locus.assessments.values_list("indicator", "stage", "level"):
        given[number][stage] = level
    tasks = {task.indicator: task for task in locus.tasks.all()}
    pieces = Counter(
        Evidence.objects.filter(locus=locus, withdrawn_at__isnull=True).values_list("indicator", flat=True)
    )

    def row(one: Indicator) -> IndicatorRow:
        task = tasks.get(one.number)
        levels = tuple(given[one.number].get(stage.key) for stage in stages)
        return IndicatorRow(
            one, task.unit if task else "", task.due_on if task else None, levels, pieces[one.number]
        )

    return Board(
        locus=locus,
        form=form,
        stages=stages,
        aspects=tuple((aspect, tuple(row(one) for one in aspect.indicators)) for aspect in form.aspects),
        done={stage.key: sum(stage.key in levels for levels in given.values()) for stage in stages},
        score=_score(form, given, kind=kind_of(locus)),
    )


def units_of(locus: Locus) -> list[str]:
    """Return the units of an agency that have a respondent, by name. One query."""
    rows = locus.appointments.filter(role=Role.RESPONDENT).exclude(unit="")
    return sorted(set(rows.values_list("unit", flat=True)))


def stage_of(locus: Locus, *, done: dict[str, int]) -> Stage:
    """Return the stage that is on: the agency's own until it submits, then the first that is not complete."""
    form = instrument_get(locus.round.instrument_code)
    stages = form.stages_of(kind_of(locus))
    if locus.state == LocusState.OPEN:
        return stages[0]
    for stage in stages[1:]:
        if not stage.is_optional and done.get(stage.key, 0) < len(form.indicators):
            return stage
    return [stage for stage in stages if not stage.is_optional][-1]


def kind_of(locus: Locus) -> RoundKind:
    """Return the kind of measurement of a locus."""
    return "evaluation" if locus.kind == "evaluation" else "monitoring"


def state_counts(measured: Round) -> dict[str, int]:
    """Return how many agencies of a round are in each state, in the order of work. One query."""
    rows = measured.loci.values("state").annotate(count=Count("id"))
    found = {row["state"]: row["count"] for row in rows}
    return {state: found.get(state, 0) for state in LocusState.values}


def group_counts(measured: Round) -> list[tuple[str, int]]:
    """Return how many agencies of a round each group has, in the order of the groups. One query."""
    rows = measured.loci.values("group").annotate(count=Count("id"))
    found = {row["group"]: row["count"] for row in rows}
    return [(str(group.label), found.get(group.value, 0)) for group in AgencyGroup]


def waiting_loci(measured: Round, *, limit: int = 50) -> list[Locus]:
    """Return agencies of a round that are not final, those without assessors first. One query."""
    rows = measured.loci.exclude(state=LocusState.FINAL).annotate(
        assessors=Count("appointments", filter=Q(appointments__role=Role.ASSESSOR))
    )
    return list(rows.order_by("assessors", "state", "agency_name")[:limit])


def assessor_pool(measured: Round) -> dict[UUID, str]:
    """Return every assessor of a round with the agency they come from. One query."""
    rows = Appointment.objects.filter(round=measured, role=Role.ASSESSOR)
    return dict(rows.order_by("person_id").values_list("person_id", "agency_code"))


def unassigned_count(measured: Round) -> int:
    """Return how many agencies of a round have no assessor. One query."""
    taken = Appointment.objects.filter(round=measured, role=Role.ASSESSOR).values("locus")
    return measured.loci.exclude(pk__in=taken).count()


def sample_of(measured: Round, *, percent: int) -> list[Locus]:
    """Return the agencies of a round that are drawn for a second look, group by group. One query."""
    found = {locus.agency_code: locus for locus in measured.loci.order_by("agency_code")}
    groups: dict[str, list[str]] = defaultdict(list)
    for code, locus in found.items():
        groups[locus.group].append(code)
    return [found[code] for code in draw_sample(groups, percent=percent, seed=str(measured.id))]


def agreement_of(measured: Round) -> Agreement:
    """Return how far the assessors of a round agree where several rated the same indicator. One query.

    Cohen's kappa over items with exactly two ratings, in the order of the assessors' identifiers; Fleiss' kappa over
    items with the most common number of ratings.
    """
    items: dict[tuple[UUID, str], list[int]] = defaultdict(list)
    rows = Rating.objects.filter(locus__round=measured).order_by("person_id")
    for locus, indicator, level in rows.values_list(F("locus"), "indicator", "level"):
        items[locus, indicator].append(level)
    several = [levels for levels in items.values() if len(levels) > 1]
    pairs = [(levels[0], levels[1]) for levels in several if len(levels) == 2]
    size = Counter(len(levels) for levels in several).most_common(1)
    same = [levels for levels in several if len(levels) == size[0][0]] if size else []
    return Agreement(items=len(several), cohen=cohen_kappa(pairs), fleiss=fleiss_kappa(same))


def _work_item(locus: Locus, roles: list[Role], counts: dict[tuple[UUID, str], int]) -> WorkItem:
    done = {stage: count for (found, stage), count in counts.items() if found == locus.id}
    stage = stage_of(locus, done=done)
    total = len(instrument_get(locus.round.instrument_code).indicators)
    return WorkItem(locus, tuple(roles), stage, done.get(stage.key, 0), total)


def _score(form: Instrument, given: dict[str, dict[str, Decimal]], *, kind: RoundKind) -> Score | None:
    values: dict[str, Fraction | int] = {}
    for number, stages in given.items():
        value = final_value(form, {stage: Fraction(level) for stage, level in stages.items()}, kind=kind)
        if value is not None:
            values[number] = value
    return score_indicators(form, values) if len(values) == len(form.indicators) else None
