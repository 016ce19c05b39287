"""What a dry run found, kept as files beside the list: the plan row by row, and the rejected rows to be mended."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from terpadu.kernel.spreadsheets import guarded
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.rules.records import changes_between, cost_changes
from terpadu.portfolio.services.planning import Outcome, Planned
from terpadu.portfolio.wording import explain

REJECT_COLUMNS = ("baris", "kolom", "alasan", "saran", "kode", "nama")


def report_path(run_id: UUID, part: str) -> str:
    """Return the storage name of a part of a run: "source", "plan" or "rejects"."""
    return f"portfolio/imports/{run_id}/{part}"


class PlanReport:
    """Collects the outcome of every row, on disk. shows_new: new rows with all their values, for somebody to look at."""

    def __init__(self, run_id: UUID, *, shows_new: bool = False) -> None:
        self.run_id = run_id
        self.shows_new = shows_new
        self.rows = 0
        self.counts: dict[str, Any] = {one.value: 0 for one in Outcome}
        self._lines: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `finish`

    def add(self, block: Sequence[Planned]) -> None:
        """Take the outcome of a block of rows."""
        for one in block:
            self.rows += 1
            self.counts[one.outcome.value] += 1
            self._lines.write(json.dumps(_line(one, shows_new=self.shows_new)).encode() + b"\n")

    def finish(self, late: Sequence[Fault], *, names: Sequence[str]) -> None:
        """Write the plan and the rejects. late: faults found after all rows, which reject theirs as well."""
        by_row: dict[int, list[Fault]] = {}
        for fault in late:
            by_row.setdefault(fault.row, []).append(fault)
        self.counts["held_back"] = sorted(by_row)
        with tempfile.TemporaryFile() as plan, tempfile.TemporaryFile() as rejects:
            self._split(by_row, plan, rejects)
            for part, file in (("plan", plan), ("rejects", rejects)):
                file.seek(0)
                default_storage.delete(report_path(self.run_id, part))
                default_storage.save(report_path(self.run_id, part), File(file))
        self._lines.close()

    def _split(self, late: dict[int, list[Fault]], plan: IO[bytes], rejects: IO[bytes]) -> None:
        text = TextIOWrapper(rejects, encoding="utf-8-sig", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(REJECT_COLUMNS)
        self._lines.seek(0)
        for raw in self._lines:
            line = json.loads(raw)
            if faults := late.get(line["row"], []):
                self.counts[line["outcome"]] -= 1
                self.counts[Outcome.REJECTED.value] += 1
                line["outcome"] = Outcome.REJECTED.value
                line["faults"] += [_fault_json(one) for one in faults]
            plan.write(json.dumps(line).encode() + b"\n")
            if line["outcome"] == Outcome.REJECTED:
                writer.writerows(_reject_rows(line))
        text.flush()
        text.detach()


def plan_lines(run_id: UUID, *, outcome: str = "", start: int = 0, count: int = 50) -> list[dict[str, Any]]:
    """Return a page of the plan, only rows of one outcome when that is given."""
    found = []
    for at, line in enumerate(_matching(run_id, outcome)):
        if at >= start + count:
            break
        if at >= start:
            found.append(line)
    return found


def fault_from(line: dict[str, Any]) -> Fault:
    """Return a fault as the plan keeps it."""
    return Fault(line["code"], row=line["row"], column=line["column"], values=line["values"])


def _matching(run_id: UUID, outcome: str) -> Iterator[dict[str, Any]]:
    with default_storage.open(report_path(run_id, "plan")) as file:
        for raw in file:
            line = json.loads(raw)
            if not outcome or line["outcome"] == outcome:
                yield line


def _line(one: Planned, *, shows_new: bool) -> dict[str, Any]:
    changes = one.changes
    if shows_new and one.outcome is Outcome.CREATED:
        changes = changes_between({}, one.read.values) + cost_changes({}, one.read.costs)
    return {
        "row": one.read.row,
        "outcome": one.outcome.value,
        "name": one.name,
        "agency": one.agency.short_name if one.agency else one.read.agency,
        "changes": [[change.field, change.before[:200], change.after[:200]] for change in changes],
        "faults": [_fault_json(fault) for fault in one.read.faults],
        "notices": [_fault_json(fault) for fault in one.notices],
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "row": fault.row, "column": fault.column, "values": dict(fault.values)}


def _reject_rows(line: dict[str, Any]) -> Iterator[list[str]]:
    for fault in (fault_from(one) for one in line["faults"]):
        said = explain(fault)
        cells = [str(fault.row), said.column, said.message, said.remedy, said.code, line["name"]]
        yield [guarded(cell) for cell in cells]
