"""The frozen report of a list's overlaps: the same records, vocabulary and model give the same report, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from terpadu.portfolio.rules.overlap.corpus import Corpus, corpus_of
from terpadu.portfolio.rules.overlap.engine import Overlaps, find_overlaps, kind_name, threshold_of
from terpadu.portfolio.rules.overlap.explanation import Explanation, explain
from terpadu.portfolio.rules.overlap.families import families
from terpadu.portfolio.rules.overlap.model import KINDS, Model
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary

ENGINE = "1"
"""Raised by one when the same records, vocabulary and model would give another report."""


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
    """Records of which every two overlap. kind: the closest kind that holds for every two. score: the least between two."""

    members: tuple[str, ...]
    kind: str
    score: float


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
    findings = [_finding(at, corpus, overlaps, model=model) for at in range(len(overlaps.pairs))]
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
    pairs = overlaps.pairs.tolist()
    scores = overlaps.score.tolist()
    by_pair = {
        (left, right): (score, kind)
        for (left, right), score, kind in zip(pairs, scores, overlaps.kinds.tolist(), strict=True)
    }
    groups = families((left, right, score) for (left, right), score in zip(pairs, scores, strict=True))
    found = []
    for group in groups:
        inside = [by_pair[low, high] for at, low in enumerate(group) for high in group[at + 1 :]]
        kind = KINDS[min(kind for _, kind in inside)]
        members = tuple(corpus.records[place].id for place in group)
        found.append(Family(members, kind, min(score for score, _ in inside)))
    return found


def _finding(at: int, corpus: Corpus, overlaps: Overlaps, *, model: Model) -> Finding:
    left, right = overlaps.pairs[at].tolist()
    kind = kind_name(int(overlaps.kinds[at]))
    said = corpus.rows.said
    why = explain(said[left], said[right], overlaps.found[at], kind=kind, encoder=corpus.encoder, model=model)
    return Finding(corpus.records[left].id, corpus.records[right].id, float(overlaps.score[at]), kind, why)
