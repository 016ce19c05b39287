"""The stored index of the inventory: written beside a frozen report, shared by every process that checks proposals."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings

from terpadu.portfolio.models import OverlapFinding
from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import sure_graph
from terpadu.portfolio.rules.overlap.proposal import Index, index_of
from terpadu.portfolio.rules.overlap.stored import IndexStale, read_index, write_index
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors.overlap import model_in_use, overlap_inputs

KEPT = 2
"""Indexes that stay on disk: the newest, and the one that slower processes still read."""


def store_index(index: Index, report_id: UUID) -> None:
    """Write the index of a report, and take away those before the one before."""
    write_index(index, _directory(report_id))
    stored = [one for one in _root().iterdir() if one.is_dir() and not one.name.startswith(".")]
    for old in sorted(stored, key=lambda one: one.name)[:-KEPT]:  # names are UUIDs in the order of time
        shutil.rmtree(old, ignore_errors=True)


def stored_index(report_id: UUID) -> Index | None:
    """Return the stored index of a report; None when this machine has none that this version can read."""
    try:
        return read_index(_directory(report_id), vocabulary())
    except (OSError, IndexStale):
        return None


def make_index(report_id: UUID) -> Index:
    """Make and store an index of the living inventory; which records are sure neighbours comes from the frozen report."""
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
    store_index(index_of(corpus, graph, model=model), report_id)
    return index_of(corpus, graph, model=model)


def _root() -> Path:
    return Path(settings.DATA_DIR) / "overlap"


def _directory(report_id: UUID) -> Path:
    return _root() / str(report_id)
