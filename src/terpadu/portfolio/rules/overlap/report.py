"""The frozen report of a list's overlaps: the same records, vocabulary and model give the same report, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from terpadu.portfolio.rules.overlap.corpus import UNKNOWN, Corpus, Ints, corpus_of
from terpadu.portfolio.rules.overlap.engine import (
    Overlaps,
    described,
    find_overlaps,
    kind_name,
    threshold_of,
)
from terpadu.portfolio.rules.overlap.explanation import Explanation, explain, names_met
from terpadu.portfolio.rules.overlap.families import families
from terpadu.portfolio.rules.overlap.model import KINDS, Model
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary

ENGINE = "4"
"""Raised by one when the same records, vocabulary and model would give another report."""
EXPLAINED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One pair of a report, by the ids of its records. score: the chance of any overlap, 0 to 1. kind: the likeliest."""

    left: str
    right: str
    score: float
    kind: str
    why: Explanation


@dataclass(frozen=True, slots=True)
class Family:
    """Records of which every two overlap. kind: the closest kind that holds for every two. score: the least between two.

    centre: the member that is most like the others.
    """

    members: tuple[str, ...]
    kind: str
    score: float
    centre: str


@dataclass(frozen=True, slots=True)
class Report:
    """The overlaps of a list with the versions of everything that the result depends on. findings: highest score first."""

    engine: str
    vocabulary: str
    model: str
    records: int
    records_sha256: str
    threshold: float
    findings: tuple[Finding, ...]
    families: tuple[Family, ...]

    def as_json(self) -> str:
        """Return the report as JSON text; equal reports give equal texts."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def facts(self) -> dict[str, Any]:
        """Return the versions and counts without the pairs."""
        return {
            "engine": self.engine,
            "vocabulary": self.vocabulary,
            "model": self.model,
            "records": self.records,
            "records_sha256": self.records_sha256,
            "threshold": self.threshold,
            "findings": len(self.findings),
            "families": len(self.families),
        }


def overlap_report(records: Iterable[OverlapRecord], *, vocabulary: Vocabulary, model: Model) -> Report:
    """Return the report of all overlaps in a list. Raises ValueError when two records have one id."""
    corpus = corpus_of(records, vocabulary)
    return report_of(corpus, find_overlaps(corpus, model), model=model)


def report_of(corpus: Corpus, overlaps: Overlaps, *, model: Model) -> Report:
    """Return the report of overlaps that were found already."""
    findings = findings_at(np.arange(len(overlaps.pairs)), corpus, overlaps, model=model)
    return Report(
        engine=ENGINE,
        vocabulary=corpus.encoder.normaliser.vocabulary.version,
        model=model.version,
        records=len(corpus.records),
        records_sha256=corpus.sha256,
        threshold=threshold_of(model, size=len(corpus.records)),
        findings=tuple(sorted(findings, key=lambda one: (-one.score, one.left, one.right))),
        families=tuple(families_of(corpus, overlaps)),
    )


def families_of(corpus: Corpus, overlaps: Overlaps) -> list[Family]:
    """Return the families by complete linkage, largest first."""
    left, right = overlaps.pairs.T
    size = len(corpus.records)
    numbers = left * size + right
    groups = families(overlaps.pairs, overlaps.score)
    return [_family(group, numbers, corpus=corpus, overlaps=overlaps) for group in groups]


def _family(group: tuple[int, ...], numbers: Ints, *, corpus: Corpus, overlaps: Overlaps) -> Family:
    """Return a family of places; numbers: left place · size + right place of every pair, in order."""
    members = np.array(group)
    low, high = np.triu_indices(len(members), k=1)
    inside = np.searchsorted(numbers, members[low] * len(corpus.records) + members[high])
    scores = overlaps.score[inside]
    likeness = np.bincount(low, scores, len(members)) + np.bincount(high, scores, len(members))
    return Family(
        tuple(corpus.records[place].id for place in group),
        KINDS[int(overlaps.kinds[inside].min())],
        float(scores.min()),
        corpus.records[group[int(np.argmax(np.round(likeness, 4)))]].id,
    )


def telling(corpus: Corpus, overlaps: Overlaps, found: Iterable[Family], *, each: int) -> Ints:
    """Return the places of the pairs that people look at: the `each` strongest of every record, and in each family those
    between its centre and the others.
    """
    chosen = np.zeros(len(overlaps.pairs), dtype=bool)
    pairs = np.arange(len(chosen))
    records, again = overlaps.pairs.T.ravel(), np.concatenate((pairs, pairs))
    order = np.lexsort((again, -overlaps.score[again], records))
    starts = np.flatnonzero(np.append(True, np.diff(records[order]) > 0))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    chosen[again[order[rank < each]]] = True
    places = {record.id: place for place, record in enumerate(corpus.records)}
    family, centre = np.full(len(places), UNKNOWN), np.zeros(len(places), dtype=bool)
    for number, one in enumerate(found):
        family[[places[code] for code in one.members]] = number
        centre[places[one.centre]] = True
    left, right = overlaps.pairs.T
    chosen |= (family[left] == family[right]) & (family[left] >= 0) & (centre[left] | centre[right])
    return np.flatnonzero(chosen)


def findings_at(places: Ints, corpus: Corpus, overlaps: Overlaps, *, model: Model) -> Iterator[Finding]:
    """Yield the pairs that were found at some places, explained; their features are counted anew, block by block."""
    for block in np.array_split(places, -(-len(places) // EXPLAINED_AT_ONCE)) if len(places) else ():
        pairs = overlaps.pairs[block]
        found = described(corpus, overlaps.sure, pairs)
        for at, (left, right), row in zip(block.tolist(), pairs.tolist(), found, strict=True):
            kind = kind_name(int(overlaps.kinds[at]))
            why = explain(
                corpus.encoder.words_of(corpus.rows.words, left),
                corpus.encoder.words_of(corpus.rows.words, right),
                row,
                names=names_met(corpus.rows, corpus.rows, at=left, place=right),
                kind=kind,
                encoder=corpus.encoder,
                model=model,
            )
            score = float(overlaps.score[at])
            yield Finding(corpus.records[left].id, corpus.records[right].id, score, kind, why)
