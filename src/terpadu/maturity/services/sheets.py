"""Work without a connection: the agency's answers as a spreadsheet, out and in."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.maturity.errors import (
    ChangedMeanwhile,
    ExplanationMissing,
    LevelRefused,
    ServiceNameMissing,
    TableInvalid,
)
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment, Locus
from terpadu.maturity.policies import ANSWERING, can_answer, check_role
from terpadu.maturity.rules.sheets import SheetHead, SheetRow, read_sheet, write_sheet
from terpadu.maturity.services.assessments import assessment_save, locus_lock


def sheet_out(locus: Locus, *, by: Actor) -> str:
    """Write the agency's own answers as CSV, one row for each indicator that the actor may answer. Raises NotAllowed."""
    form = instrument_get(locus.round.instrument_code)
    answers = _answers(locus, stage=form.stages[0].key)
    rows = [
        _row(number, answers.get(number))
        for number in form.indicators
        if can_answer(by, locus=locus, indicator=number)
    ]
    if not rows:
        check_role(by, locus=locus, roles=ANSWERING)
    return write_sheet(_head(locus), rows, instrument=form)


@transaction.atomic
def sheet_in(locus_id: UUID, *, text: str, by: Actor) -> int:
    """Save every answer that differs from what stands here, all or none; return how many.

    text: the CSV, decoded. Raises TableInvalid naming each row that cannot be saved, and as answers do.
    """
    locus = locus_lock(locus_id)
    form = instrument_get(locus.round.instrument_code)
    rows, faults = read_sheet(text, head=_head(locus), instrument=form)
    answers = _answers(locus, stage=form.stages[0].key)
    changed = [row for row in rows if not _is_same(row, answers.get(row.indicator))]
    for row in changed:
        if fault := _save(locus, row, stage=form.stages[0].key, by=by):
            faults.append(fault)
    if faults:
        raise TableInvalid(faults=faults)
    facts: dict[str, audit.Fact] = {"count": len(changed)}
    audit.record("maturity.sheet_read", by=by, about_kind="locus", about_id=locus.id, facts=facts)
    return len(changed)


def _save(locus: Locus, row: SheetRow, *, stage: str, by: Actor) -> Fault | None:
    place = f"indicator {row.indicator}"
    values = {"indicator": row.indicator}
    try:
        assessment_save(
            locus.id,
            indicator=row.indicator,
            stage=stage,
            level=row.level,
            explanation=row.explanation,
            service_name=row.service_name,
            version=row.version,
            by=by,
        )
    except LevelRefused as error:
        return error.fault
    except ChangedMeanwhile:
        return Fault(code="sheet_changed", place=place, values=values)
    except ExplanationMissing:
        return Fault(code="sheet_explanation", place=place, values=values)
    except ServiceNameMissing:
        return Fault(code="sheet_service", place=place, values=values)
    return None


def _is_same(row: SheetRow, answer: Assessment | None) -> bool:
    if answer is None:
        return not (row.level or row.explanation.strip() or row.service_name.strip())
    now_ = (level_text(answer), answer.explanation, answer.service_name)
    return now_ == (row.level.replace(",", "."), row.explanation.strip(), row.service_name.strip())


def _row(number: str, answer: Assessment | None) -> SheetRow:
    if answer is None:
        return SheetRow(indicator=number, level="", explanation="", service_name="", version=0)
    return SheetRow(number, level_text(answer), answer.explanation, answer.service_name, answer.version)


def level_text(answer: Assessment) -> str:
    """Write a level without needless zeros: "3", "2.61"."""
    return f"{answer.level.normalize():f}"


def _answers(locus: Locus, *, stage: str) -> dict[str, Assessment]:
    return {row.indicator: row for row in locus.assessments.filter(stage=stage)}


def _head(locus: Locus) -> SheetHead:
    return SheetHead(locus.round.instrument_code, locus.round.year, locus.agency_code)
