"""The overlap engine at the desk of clearance: the stored index of the newest frozen report, mapped into memory.

What the engine computes with (numpy, scipy) is imported when it is first asked, since most programs never ask.
On a machine that has not got the files the index is made beside the requests; until it is there, and before the first
report, plain likeness of letters answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock, Thread
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from terpadu.portfolio.models import Application, OverlapReport
from terpadu.portfolio.overlap_desk import Candidate, Finding
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.services.overlap_search import LettersDesk

if TYPE_CHECKING:
    from terpadu.portfolio.rules.overlap.proposal import Index
    from terpadu.portfolio.rules.overlap.report import Finding as Pair

log = structlog.get_logger(__name__)

BESIDE = "overlap-index"
"""Name of the threads that work beside requests."""


class EngineDesk:
    """Hold proposals against the inventory with the model of the newest report."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._index: Index | None = None
        self._made_for: UUID | None = None
        self._letters = LettersDesk()

    def look(self, proposal: OverlapRecord, *, most: int, leave_out: str = "") -> Finding:
        """Return the strongest overlaps, by letters alone while there is no index."""
        index = self._newest_index()
        if index is None:
            return self._letters.look(proposal, most=most, leave_out=leave_out)
        from terpadu.portfolio.rules.overlap.report import ENGINE

        found = index.check(replace(proposal, id=leave_out or proposal.id), most=most)
        versions = {
            "engine": ENGINE,
            "model": index.model.version,
            "vocabulary": index.encoder.normaliser.vocabulary.version,
            "records_sha256": index.sha256,
        }
        return Finding("terpadu-overlap", versions, len(index.ids), tuple(_candidates(found)))

    def warm(self) -> None:
        """Read the stored index beside the requests, so that the first proposal of a new process need not wait."""
        Thread(target=self._warm_beside, name=BESIDE, daemon=True).start()

    def make(self, report_id: UUID) -> None:
        """Make the index for a report, unless it is there or being made."""
        from terpadu.portfolio.services.overlap_index import make_index

        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._made_for != report_id:
                self._index, self._made_for = make_index(report_id), report_id
        finally:
            self._lock.release()

    def _newest_index(self) -> Index | None:
        """Return the index of the newest report, else of the one before, None when there is none."""
        from terpadu.portfolio.services.overlap_index import stored_index

        newest = OverlapReport.objects.order_by("-made_at").values_list("pk", flat=True).first()
        if newest is None:
            return None
        if self._made_for != newest:
            if stored := stored_index(newest):
                self._index, self._made_for = stored, newest
            else:
                Thread(target=self._make_beside, args=(newest,), name=BESIDE, daemon=True).start()
        return self._index

    def _warm_beside(self) -> None:
        try:
            self._newest_index()
        except DatabaseError:
            log.warning("overlap_index_not_warmed")
        finally:
            connection.close()

    def _make_beside(self, report_id: UUID) -> None:
        try:
            self.make(report_id)
        finally:
            connection.close()


def _candidates(found: Sequence[Pair]) -> list[Candidate]:
    rows = Application.objects.filter(code__in=[one.right for one in found]).select_related("agency")
    by_code = {row.code: row for row in rows.defer("search")}
    return [
        Candidate(
            code=row.code,
            name=row.name,
            agency_code=row.agency.code,
            agency_name=row.agency.name,
            state=row.state,
            score=round(one.score, 4),
            kind=one.kind,
            because={name: share for name, share in one.why.shares.items() if share > 0},
            words=tuple(one.why.words[:12]),
        )
        for one in found
        if (row := by_code.get(one.right))
    ]
