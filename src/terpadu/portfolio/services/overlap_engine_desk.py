"""The overlap engine at the desk of clearance: an index of the inventory in memory, made anew for each frozen report.

Making it takes seconds, so it is made beside the requests; until it is there, plain likeness of letters answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock, Thread
from uuid import UUID

import numpy as np
from django.db import connection

from terpadu.portfolio.models import Application, OverlapFinding, OverlapReport
from terpadu.portfolio.overlap_desk import Candidate, Finding
from terpadu.portfolio.rules.overlap import report as reports
from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import sure_graph
from terpadu.portfolio.rules.overlap.proposal import Index
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors.overlap import model_in_use, overlap_inputs
from terpadu.portfolio.services.overlap_search import LettersDesk


class EngineDesk:
    """Hold proposals against the inventory with the model in use."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._index: Index | None = None
        self._made_for: UUID | None = None
        self._letters = LettersDesk()

    def look(self, proposal: OverlapRecord, *, most: int, leave_out: str = "") -> Finding:
        """Return the strongest overlaps, by letters alone while the index is not there."""
        newest = OverlapReport.objects.order_by("-made_at").values_list("pk", flat=True).first()
        if newest is None:
            return self._letters.look(proposal, most=most, leave_out=leave_out)
        if self._made_for != newest:
            Thread(target=self._make_beside, args=(newest,), daemon=True).start()
        index = self._index
        if index is None:
            return self._letters.look(proposal, most=most, leave_out=leave_out)
        found = index.check(replace(proposal, id=leave_out or proposal.id), most=most)
        versions = {
            "engine": reports.ENGINE,
            "model": index.model.version,
            "vocabulary": index.corpus.encoder.normaliser.vocabulary.version,
            "records_sha256": index.corpus.sha256,
        }
        return Finding("terpadu-overlap", versions, len(index.corpus.records), tuple(_candidates(found)))

    def make(self, report_id: UUID) -> None:
        """Make the index for a report, unless it is there or being made."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._made_for != report_id:
                self._index = make_index(report_id)
                self._made_for = report_id
        finally:
            self._lock.release()

    def _make_beside(self, report_id: UUID) -> None:
        try:
            self.make(report_id)
        finally:
            connection.close()


def make_index(report_id: UUID) -> Index:
    """Return an index of the living inventory; which records are sure neighbours comes from the frozen report."""
    model = model_in_use()
    corpus = corpus_of(overlap_inputs(), vocabulary())
    places = {record.id: place for place, record in enumerate(corpus.records)}
    sure = OverlapFinding.objects.filter(report=report_id, score__gte=model.strong)
    known = [
        (*sorted((places[left], places[right])), score)
        for left, right, score in sure.values_list("left", "right", "score")
        if left in places and right in places
    ]
    pairs = np.array([one[:2] for one in known], dtype=np.int64).reshape(-1, 2)
    chance = np.array([one[2] for one in known], dtype=np.float64)
    graph = sure_graph(pairs, chance, strong=model.strong, size=len(places))
    return Index(corpus, graph, corpus.rows.near.T.tocsr(), model)


def _candidates(found: Sequence[reports.Finding]) -> list[Candidate]:
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
