"""Lists on their way into the inventory: upload, columns confirmed, dry run, then all of it or nothing."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import emit
from terpadu.portfolio.enums import ChangeSource, CostKind, RunState
from terpadu.portfolio.errors import FileRefused, ImportNotReady
from terpadu.portfolio.events import ApplicationsImported, ImportQueued
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, ColumnMapping, Cost, ImportRun
from terpadu.portfolio.policies import access_of, check_writes
from terpadu.portfolio.reference import synonyms
from terpadu.portfolio.rules.fields import is_target
from terpadu.portfolio.rules.headings import Header, find_header, guess
from terpadu.portfolio.rules.records import Column, FieldChange
from terpadu.portfolio.rules.tables import Table, TableRefused, open_table
from terpadu.portfolio.selectors.imports import run_get
from terpadu.portfolio.services.bulk import settle, update_rows
from terpadu.portfolio.services.import_watch import at_work, imports_watch
from terpadu.portfolio.services.planning import Outcome, Planner
from terpadu.portfolio.services.progress import say_progress
from terpadu.portfolio.services.reports import PlanReport, report_path
from terpadu.portfolio.services.writing import Road, write_history, write_planned

MOST_UPLOAD_BYTES = 64 * 1024 * 1024
SMALL_FILE_BYTES = 512 * 1024
COST_KINDS = frozenset(CostKind.values)
LOCK = 0x504F5254  # one list is written at a time: what it compares with must not move
RunColumns = Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """How a file will be read. columns: heading by target. is_saved: a person confirmed this reading before."""

    sheet: str
    header: Header
    columns: RunColumns
    is_saved: bool
    sample: tuple[tuple[str, ...], ...]


def import_start(file: IO[bytes], *, name: str, agency_code: str = "", by: Actor) -> ImportRun:
    """Take a file and look at its headings; nothing is read into the inventory yet. Lists that were broken off are marked.

    agency_code: whose list it is, "" when a column names the owner of each row (the national team's lists).
    Raises FileRefused, NotAllowed.
    """
    check_writes(by, agency_code=agency_code)
    imports_watch()
    digest, size = _measure(file)
    _reading(file, name=name, agency_code=agency_code)
    run = ImportRun(
        agency_code=agency_code,
        file_name=name[-200:],
        sha256=digest,
        size_bytes=size,
        started_by=by.person_id,
    )
    file.seek(0)
    default_storage.save(report_path(run.id, "source"), File(file))
    with transaction.atomic():
        run.save(force_insert=True)
        facts: dict[str, audit.Fact] = {"agency": agency_code, "sha256": digest, "bytes": size}
        audit.record("portfolio.import_started", by=by, about_kind="import", about_id=run.id, facts=facts)
    return run


def import_reading(run: ImportRun) -> Reading:
    """Return how the file of a run will be read: as saved for these headings, else as guessed. Raises FileRefused."""
    with source_of(run) as file:
        found = _reading(file, name=run.file_name, agency_code=run.agency_code)
    return found if not run.columns else Reading(found.sheet, found.header, run.columns, True, found.sample)


@transaction.atomic
def import_confirm(run_id: UUID, *, columns: RunColumns, by: Actor, is_queued: bool = True) -> ImportRun:
    """Take a person's word on what the columns mean, keep it for the next file alike, and ask for the dry run.

    columns: heading by target. is_queued: a worker checks a large file; otherwise the caller does, alone and `at_work`, as for a small one.
    Raises ImportNotReady, NotAllowed, FileRefused.
    """
    run = _locked(run_id, by=by)
    if run.state not in (RunState.UPLOADED, RunState.CHECKED, RunState.FAILED, RunState.BROKEN_OFF):
        raise ImportNotReady(state=run.state)
    header = import_reading(run).header
    kept = {t: n for t, n in columns.items() if n in header.names and is_target(t, kinds=COST_KINDS)}
    if "name" not in kept and "code" not in kept:
        raise FileRefused(fault="columns_nameless")
    ColumnMapping.objects.update_or_create(
        agency_code=run.agency_code,
        headers=header.fingerprint,
        defaults={"columns": kept, "confirmed_at": now()},
    )
    run.columns = kept
    _await(run, RunState.CHECKING, is_queued=is_queued)
    return run


@transaction.atomic
def import_ask(run_id: UUID, *, skip_rejected: bool, by: Actor, is_queued: bool = True) -> ImportRun:
    """Ask for a checked list to be written; rejected rows are left out only when that is said.

    is_queued: as for `import_confirm`. Raises ImportNotReady: not checked, nothing to write, or rows are rejected and may not be left out. NotAllowed.
    """
    run = _locked(run_id, by=by)
    counts = run.counts
    if run.state != RunState.CHECKED or (counts.get(Outcome.REJECTED) and not skip_rejected):
        raise ImportNotReady(state=run.state)
    run.counts = {**counts, "skip_rejected": skip_rejected}
    _await(run, RunState.APPLYING, is_queued=is_queued)
    return run


def import_check(run_id: UUID, *, by: Actor) -> ImportRun:
    """Make the dry run: plan every row, keep the plan and the rejected rows as files, write nothing."""
    run = run_get(run_id)
    try:
        report = _check(run, by=by)
    except (FileRefused, TableRefused) as error:
        return _fail(run, error)
    run.counts, run.rows, run.state = report.counts, report.rows, RunState.CHECKED
    run.fault, run.fault_values = "", {}
    run.save(update_fields=["counts", "rows", "state", "fault", "fault_values"])
    return run


@transaction.atomic
def import_apply(run_id: UUID, *, by: Actor) -> ImportRun:
    """Write a checked list in one transaction, planned anew against what stands there now.

    Raises ImportNotReady when a row is rejected that may not be left out: then nothing was written.
    """
    run = _ready(run_id)
    counts, late = _write(run, by=by, report=None)
    held_back = len(run.counts.get("held_back", []))
    if late or (counts[Outcome.REJECTED] and not run.counts.get("skip_rejected")):
        raise ImportNotReady(state="changed_meanwhile")
    counts[Outcome.REJECTED] += held_back
    return _finish(run, {**run.counts, **{one.value: counts[one] for one in Outcome}}, by=by)


def import_take(run_id: UUID, *, columns: RunColumns, by: Actor) -> ImportRun:
    """Check and write a list in one go, when none of its rows is rejected; otherwise leave it checked, nothing written.

    For lists whose columns are known and that nobody has to look at first. Raises FileRefused, NotAllowed.
    """
    with at_work(run_id):
        return _take(import_confirm(run_id, columns=columns, by=by, is_queued=False), by=by)


def _take(run: ImportRun, *, by: Actor) -> ImportRun:
    ImportRun.objects.filter(pk=run.id).update(state=RunState.APPLYING)
    report = PlanReport(run.id)
    try:
        with transaction.atomic():
            run = _ready(run.id)
            _write(run, by=by, report=report)
            if report.counts[Outcome.REJECTED]:
                raise _RowsRejected()
            _finish(run, report.counts, by=by)
    except _RowsRejected:
        run.state = RunState.CHECKED
    except TableRefused as error:
        return _fail(run, error)
    run.counts, run.rows = report.counts, report.rows
    run.save(update_fields=["counts", "rows", "state"])
    return run


class _RowsRejected(Exception):
    """Rows are rejected, so that what was written must be undone."""


def import_proceed(run_id: UUID, *, by: Actor) -> ImportRun:
    """Do what a run waits for: check it or write it. What stops the writing is kept with the run, which is checked again."""
    run = run_get(run_id)
    if run.state == RunState.CHECKING:
        return import_check(run_id, by=by)
    try:
        return import_apply(run_id, by=by)
    except ImportNotReady:
        ImportRun.objects.filter(pk=run_id, state=RunState.APPLYING).update(state=RunState.CHECKING)
        run = import_check(run_id, by=by)
        run.fault = "changed_meanwhile"
        run.save(update_fields=["fault"])
        return run


def import_small(run: ImportRun) -> bool:
    """Tell whether a run is small enough to be handled while the person waits."""
    return run.size_bytes <= SMALL_FILE_BYTES


def _check(run: ImportRun, *, by: Actor) -> PlanReport:
    report = PlanReport(run.id, shows_new=True)
    with _planning(run, by=by) as (planner, rows, file_header):
        for block in planner.blocks(rows):
            report.add(block)
            say_progress(run.id, report.rows)
        report.finish(planner.successors()[1], names=file_header.names)
    return report


def _write(run: ImportRun, *, by: Actor, report: PlanReport | None) -> tuple[Counter[Outcome], list[Fault]]:
    """Write a list; return the rows by outcome and the faults that only the whole list shows."""
    road = Road(ChangeSource.IMPORT, run.file_name, by)
    counts: Counter[Outcome] = Counter()
    with _planning(run, by=by) as (planner, rows, header):
        for block in planner.blocks(rows):
            write_planned(block, road=road)
            counts.update(one.outcome for one in block)
            if report:
                report.add(block)
            say_progress(run.id, counts.total())
        chosen, late = planner.successors()
        if report:
            report.finish(late, names=header.names)
    _link(chosen, road=road)
    return counts, late


def _ready(run_id: UUID) -> ImportRun:
    """Return a run whose turn it is to be written; others wait until the transaction ends. Raises ImportNotReady."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    run = run_get(run_id)
    if run.state != RunState.APPLYING:
        raise ImportNotReady(state=run.state)
    return run


def _finish(run: ImportRun, counts: Mapping[str, Any], *, by: Actor) -> ImportRun:
    for model in (Application, Cost):
        settle(model)
    run.counts, run.state, run.finished_at = dict(counts), RunState.DONE, now()
    run.save(update_fields=["counts", "state", "finished_at"])
    facts: dict[str, audit.Fact] = {one.value: counts[one.value] for one in Outcome}
    audit.record("portfolio.import_applied", by=by, about_kind="import", about_id=run.id, facts=facts)
    emit(ApplicationsImported(run.id, run.agency_code, counts[Outcome.CREATED], counts[Outcome.CHANGED]))
    return run


def _link(chosen: Mapping[UUID, UUID], *, road: Road) -> None:
    if not chosen:
        return
    codes = dict(Application.objects.filter(id__in=chosen.values()).values_list("id", "code"))
    before = dict(Application.objects.filter(id__in=chosen).values_list("id", "successor__code"))
    moved = {one: to for one, to in chosen.items() if before.get(one) != codes[to]}
    rows = ({"id": one, "successor": to} for one, to in moved.items())
    update_rows(Application, rows, fields=["successor"])
    write_history(
        ((one, [FieldChange("successor", before.get(one) or "", codes[to])]) for one, to in moved.items()),
        road=road,
    )


@contextmanager
def _planning(
    run: ImportRun, *, by: Actor
) -> Iterator[tuple[Planner, Iterator[tuple[int, list[str]]], Header]]:
    access = access_of(by)
    with source_of(run) as file:
        table, reading = _table(file, name=run.file_name, agency_code=run.agency_code)
        header = reading.header
        places = {name: at for at, name in enumerate(header.names) if name}
        known = [Column(target, places[name], name) for target, name in run.columns.items() if name in places]
        columns = sorted(known, key=lambda one: one.at)
        planner = Planner(
            columns=columns,
            agency_code=run.agency_code,
            writable=None if access.is_national else access.agencies,
            held_back=frozenset(run.counts.get("held_back", []))
            if run.state == RunState.APPLYING
            else frozenset(),
        )
        rows = (row for row in table.rows(reading.sheet) if row[0] >= header.first_data)
        yield planner, rows, header


@contextmanager
def source_of(run: ImportRun) -> Iterator[IO[bytes]]:
    """Open the file that a run was started with."""
    with default_storage.open(report_path(run.id, "source")) as file:
        yield file


def _reading(file: IO[bytes], *, name: str, agency_code: str) -> Reading:
    try:
        return _table(file, name=name, agency_code=agency_code)[1]
    except TableRefused as error:
        raise FileRefused(fault=error.code, row=error.row, **error.values) from None


def _table(file: IO[bytes], *, name: str, agency_code: str) -> tuple[Table, Reading]:
    """Open the table and choose the sheet whose headings are known best."""
    table = open_table(file, name=name)
    found = []
    for sheet in table.sheets:
        sample = table.sample(sheet)
        if header := find_header(sample, synonyms=synonyms()):
            guessed = guess(header.names, synonyms=synonyms())
            found.append((len(guessed), sheet, header, guessed, sample))
    if not found:
        raise TableRefused("headings_unknown")
    _, sheet, header, guessed, sample = max(found, key=lambda one: one[0])
    saved = ColumnMapping.objects.filter(agency_code=agency_code, headers=header.fingerprint).first()
    data = tuple(tuple(cells) for number, cells in sample if number >= header.first_data)[:3]
    return table, Reading(sheet, header, saved.columns if saved else guessed, saved is not None, data)


def _measure(file: IO[bytes]) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    file.seek(0)
    while chunk := file.read(1024 * 1024):
        digest.update(chunk)
        size += len(chunk)
        if size > MOST_UPLOAD_BYTES:
            raise FileRefused(fault="file_large", most=MOST_UPLOAD_BYTES // 1024**2)
    file.seek(0, io.SEEK_SET)
    return digest.hexdigest(), size


def _await(run: ImportRun, state: RunState, *, is_queued: bool) -> None:
    run.state, run.progress = state, 0
    run.is_queued = is_queued and not import_small(run)
    run.save(update_fields=["state", "progress", "is_queued", "columns", "counts"])
    if run.is_queued:
        emit(ImportQueued(run.id, state.value))


def _locked(run_id: UUID, *, by: Actor) -> ImportRun:
    run = run_get(run_id, lock=True)
    check_writes(by, agency_code=run.agency_code)
    return run


def _fail(run: ImportRun, error: FileRefused | TableRefused) -> ImportRun:
    fault = Fault(error.fault if isinstance(error, FileRefused) else error.code)
    row = getattr(error, "row", 0) or 0
    run.state, run.fault = RunState.FAILED, fault.code
    run.fault_values = {**error.values, "row": str(row)}
    run.save(update_fields=["state", "fault", "fault_values"])
    return run
