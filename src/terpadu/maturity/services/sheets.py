"""Work without a connection: the agency's answers as a spreadsheet, out and in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import DomainError
from terpadu.maturity.errors import (
    ChangedMeanwhile,
    ExplanationMissing,
    LevelRefused,
    ServiceNameMissing,
    TableInvalid,
    TextTooLong,
)
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment, Locus
from terpadu.maturity.policies import ANSWERING, can_answer, check_role
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.sheets import SheetHead, SheetRead, SheetRow, read_csv, write_csv
from terpadu.maturity.services.assessments import assessment_save, locus_lock

LARGEST_BYTES = 2_000_000
ZIP = b"PK\x03\x04"


def sheet_out(locus: Locus, *, by: Actor) -> str:
    """Write the agency's own answers as CSV, one row for each indicator that the actor may answer. Raises NotAllowed."""
    form = instrument_get(locus.round.instrument_code)
    return write_csv(_head(locus), _rows(locus, form=form, by=by), instrument=form)


def workbook_out(locus: Locus, *, by: Actor) -> bytes:
    """Write the same as a workbook, with the criteria of every level beside it. Raises NotAllowed."""
    from terpadu.maturity.rules.workbooks import write_workbook  # here, not above: it needs openpyxl

    form = instrument_get(locus.round.instrument_code)
    return write_workbook(_head(locus), _rows(locus, form=form, by=by), instrument=form)


@transaction.atomic
def sheet_in(locus_id: UUID, *, content: bytes, by: Actor) -> int:
    """Save every answer that differs from what stands here, all or none; return how many.

    content: a workbook or CSV in UTF-8, told apart by what it is. Raises TableInvalid naming each row that cannot be
    saved, and as answers do.
    """
    locus = locus_lock(locus_id)
    form = instrument_get(locus.round.instrument_code)
    read = sheet_read(content, head=_head(locus), form=form)
    answers = _answers(locus, stage=form.stages[0].key)
    changed = [row for row in read.rows if not _is_same(row, answers.get(row.indicator))]
    saved = [_save(locus, row, stage=form.stages[0].key, columns=read.columns, by=by) for row in changed]
    faults = [*read.faults, *(fault for fault in saved if fault)]
    if faults:
        raise TableInvalid(faults=sorted(faults, key=lambda fault: fault.line))
    facts: dict[str, audit.Fact] = {"count": len(changed)}
    audit.record("maturity.sheet_read", by=by, about_kind="locus", about_id=locus.id, facts=facts)
    return len(changed)


def sheet_read(content: bytes, *, head: SheetHead, form: Instrument) -> SheetRead:
    """Read a sheet of either kind; nothing in its name or what the sender calls it counts."""
    if len(content) > LARGEST_BYTES:
        megabytes = {"megabytes": str(LARGEST_BYTES // 1_000_000)}
        return SheetRead([], [Fault(code="sheet_too_large", values=megabytes)])
    if content.startswith(ZIP):
        from terpadu.maturity.rules.workbooks import read_workbook  # here, not above: it needs openpyxl

        return read_workbook(content, head=head, instrument=form)
    try:
        return read_csv(content.decode("utf-8-sig"), head=head, instrument=form)
    except UnicodeDecodeError:
        return SheetRead([], [Fault(code="sheet_not_text")])


def _rows(locus: Locus, *, form: Instrument, by: Actor) -> list[SheetRow]:
    answers = _answers(locus, stage=form.stages[0].key)
    rows = [
        _row(number, answers.get(number))
        for number in form.indicators
        if can_answer(by, locus=locus, indicator=number)
    ]
    if not rows:
        check_role(by, locus=locus, roles=ANSWERING)
    return rows


def _save(locus: Locus, row: SheetRow, *, stage: str, columns: Mapping[str, str], by: Actor) -> Fault | None:
    """Save one row; return what is wrong with it, with its line and column, or None."""
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
        return replace(error.fault, line=row.line, column=columns["level"])
    except (ChangedMeanwhile, ExplanationMissing, ServiceNameMissing, TextTooLong) as error:
        code, column = _refusal(error)
        values = {"indicator": row.indicator, "most": str(getattr(error, "most", ""))}
        place = f"indicator {row.indicator}"
        return Fault(code=code, line=row.line, place=place, column=columns[column], values=values)
    return None


def _refusal(error: DomainError) -> tuple[str, str]:
    """Return the code of a refused row and the column in which it is mended."""
    if isinstance(error, TextTooLong):
        return "sheet_text_long", error.field
    if isinstance(error, ChangedMeanwhile):
        return "sheet_changed", "version"
    return (
        ("sheet_service", "service_name")
        if isinstance(error, ServiceNameMissing)
        else ("sheet_explanation", "explanation")
    )


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
