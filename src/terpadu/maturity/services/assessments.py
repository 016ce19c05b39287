"""The level of an indicator at a stage: given by the agency, then by its assessors."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotFound
from terpadu.kernel.unseen import without_unseen
from terpadu.maturity.errors import (
    ChangedMeanwhile,
    ExplanationMissing,
    IndicatorUnknown,
    LevelRefused,
    ServiceNameMissing,
    TextTooLong,
    WrongState,
)
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment, Locus, Rating
from terpadu.maturity.policies import check_can_answer, check_can_assess, person_of
from terpadu.maturity.rules.instrument import Indicator, Instrument, Stage
from terpadu.maturity.rules.levels import read_level
from terpadu.maturity.selectors.work import kind_of

LONGEST_EXPLANATION = 4_000  # assumed; a cell of a workbook holds it whatever its characters are
LONGEST_SERVICE_NAME = 200


@transaction.atomic
def assessment_save(
    locus_id: UUID,
    *,
    indicator: str,
    stage: str,
    level: str,
    explanation: str,
    service_name: str = "",
    version: int = 0,
    by: Actor,
) -> Assessment:
    """Save the level of an indicator at a stage.

    level: as typed. version: of the assessment that the writer saw, 0 when there was none. Nothing is overwritten that
    somebody else saved in between. Raises IndicatorUnknown, WrongState, NotAllowed, AnswerTooLate, OwnAgency,
    LevelRefused, ServiceNameMissing, ExplanationMissing, TextTooLong, ChangedMeanwhile.
    """
    locus = locus_lock(locus_id)
    form = instrument_get(locus.round.instrument_code)
    question = indicator_of(form, indicator)
    step = _stage_of(form, stage, locus=locus)
    if step.by == "agency":
        check_can_answer(by, locus=locus, indicator=indicator)
    else:
        check_can_assess(by, locus=locus)
    value = _level_of(level, form=form, question=question)
    explanation, service_name = (without_unseen(text).strip() for text in (explanation, service_name))
    _check_texts(question, step=step, explanation=explanation, service_name=service_name)
    row = _versioned(locus, indicator=indicator, stage=stage, version=version)
    row.level, row.explanation, row.service_name = value, explanation, service_name
    row.assessed_by, row.assessed_at = by.person_id, now()
    row.save()
    facts: dict[str, audit.Fact] = {"indicator": indicator, "stage": stage, "level": str(value)}
    audit.record("maturity.assessed", by=by, about_kind="locus", about_id=locus.id, facts=facts)
    return row


@transaction.atomic
def rating_give(locus_id: UUID, *, indicator: str, level: str, by: Actor) -> Rating:
    """Give one's own level in an independent sample, without seeing the others'. Raises as `assessment_save` does."""
    locus = locus_lock(locus_id)
    form = instrument_get(locus.round.instrument_code)
    check_can_assess(by, locus=locus)
    value = _level_of(level, form=form, question=indicator_of(form, indicator))
    row, _ = Rating.objects.update_or_create(
        locus=locus, indicator=indicator, person_id=person_of(by), defaults={"level": int(value)}
    )
    audit.record(
        "maturity.rated", by=by, about_kind="locus", about_id=locus.id, facts={"indicator": indicator}
    )
    return row


def locus_lock(locus_id: UUID) -> Locus:
    """Return a locus with its round, locked until the transaction ends. Raises NotFound."""
    row = Locus.objects.select_for_update(of=("self",)).select_related("round").filter(pk=locus_id).first()
    if row is None:
        raise NotFound()
    return row


def indicator_of(form: Instrument, number: str) -> Indicator:
    """Return an indicator of an instrument. Raises IndicatorUnknown."""
    if number not in form.indicators:
        raise IndicatorUnknown(indicator=number[:10])
    return form.indicators[number]


def _stage_of(form: Instrument, key: str, *, locus: Locus) -> Stage:
    for stage in form.stages_of(kind_of(locus)):
        if stage.key == key:
            return stage
    raise WrongState(stage=key[:20])


def _level_of(text: str, *, form: Instrument, question: Indicator) -> Decimal:
    value = read_level(text, instrument=form, indicator=question)
    if isinstance(value, Fault):
        raise LevelRefused(fault=value)
    return Decimal(value.numerator) / Decimal(value.denominator)


def _check_texts(question: Indicator, *, step: Stage, explanation: str, service_name: str) -> None:
    if not explanation:
        raise ExplanationMissing(indicator=question.number)
    if question.names_service and step.by == "agency" and not service_name:
        raise ServiceNameMissing(indicator=question.number)
    if len(explanation) > LONGEST_EXPLANATION:
        raise TextTooLong(most=LONGEST_EXPLANATION, field="explanation")
    if len(service_name) > LONGEST_SERVICE_NAME:
        raise TextTooLong(most=LONGEST_SERVICE_NAME, field="service_name")


def _versioned(locus: Locus, *, indicator: str, stage: str, version: int) -> Assessment:
    """Return the assessment to write on, one version further. Raises ChangedMeanwhile."""
    row = Assessment.objects.filter(locus=locus, indicator=indicator, stage=stage).first()
    current = row.version if row else 0
    if current != version:
        raise ChangedMeanwhile(indicator=indicator, version=current)
    row = row or Assessment(locus=locus, indicator=indicator, stage=stage, version=0)
    row.version = current + 1
    return row
