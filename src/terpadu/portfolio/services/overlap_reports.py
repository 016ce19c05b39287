"""Overlap reports: made by a program of its own so that nothing else waits, and frozen."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np
from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import OverlapStep
from terpadu.portfolio.errors import NoVerdicts
from terpadu.portfolio.models import OverlapFamily, OverlapFinding, OverlapReport, OverlapRun
from terpadu.portfolio.policies import access_of
from terpadu.portfolio.rules.overlap.corpus import RAB_SECTOR, Corpus, Ints, corpus_of
from terpadu.portfolio.rules.overlap.engine import Overlaps, find_overlaps, kind_name, threshold_of
from terpadu.portfolio.rules.overlap.model import Model
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.report import ENGINE, Family, families_of, findings_at, telling
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors.overlap import model_in_use, overlap_inputs
from terpadu.portfolio.services.bulk import copy_rows
from terpadu.portfolio.services.overlap_index import store_index
from terpadu.portfolio.services.overlap_retention import overlap_reports_prune
from terpadu.portfolio.services.overlap_training import model_kept, model_train

KEPT_EACH = 2
MOST_WORDS = 4
FINDING_FIELDS = ("report", "left", "right", "kind", "score", "why", "agencies", "sectors", "family")
FAMILY_FIELDS = (
    "report", "key", "name", "kind", "score", "centre", "applications", "words", "members", "agencies",
)  # fmt: skip


def overlap_run(*, learn: bool = False, by: Actor) -> OverlapReport:
    """Find all overlaps of the inventory, and freeze them. Raises NotAllowed.

    learn: with a new model that learned from people's verdicts, where there are any; else with the one in use.
    """
    if not access_of(by).is_national:
        raise NotAllowed()
    run = OverlapRun.objects.create()
    try:
        report = _made(run, learn=learn, by=by)
    except BaseException:
        _tell(run, OverlapStep.FAILED)
        raise
    _tell(run, OverlapStep.DONE)
    overlap_reports_prune(by=by)
    return report


def _made(run: OverlapRun, *, learn: bool, by: Actor) -> OverlapReport:
    corpus = corpus_of(overlap_inputs(), vocabulary())
    _tell(run, OverlapStep.COMPARING)
    if learn:
        with suppress(NoVerdicts):
            model_train(corpus, by=by)
    model = model_in_use()
    overlaps = find_overlaps(corpus, model)
    _tell(run, OverlapStep.WRITING)
    report = _freeze(corpus, overlaps, model=model, by=by)
    store_index(index_of(corpus, overlaps.sure, model=model), report.id)
    return report


def _tell(run: OverlapRun, step: OverlapStep) -> None:
    run.step = step
    run.save(update_fields=["step"])


@transaction.atomic
def _freeze(corpus: Corpus, overlaps: Overlaps, *, model: Model, by: Actor) -> OverlapReport:
    """Keep the report: all families, the strongest pairs, and the number of the rest."""
    report = OverlapReport.objects.create(
        engine=ENGINE,
        vocabulary=vocabulary().version,
        model=model_kept(model, verdicts=int(model.training.get("verdicts", 0))),
        records=len(corpus.records),
        records_sha256=corpus.sha256,
        threshold=threshold_of(model, size=len(corpus.records)),
        found=len(overlaps.pairs),
        kinds={kind_name(kind): count for kind, count in sorted(Counter(overlaps.kinds.tolist()).items())},
    )
    found = families_of(corpus, overlaps)
    copy_rows(OverlapFamily, _family_rows(report, found, corpus), fields=FAMILY_FIELDS)
    kept = telling(corpus, overlaps, found, each=KEPT_EACH)
    keys = {code: _key(one) for one in found for code in one.members}
    rows = _finding_rows(report, corpus, overlaps, kept=kept, keys=keys, model=model)
    copy_rows(OverlapFinding, rows, fields=FINDING_FIELDS)
    audit.record(
        "portfolio.overlap_reported",
        by=by,
        about_kind="overlap_report",
        about_id=report.id,
        facts={"found": len(overlaps.pairs), "findings": len(kept), "families": len(found)},
    )
    return report


def _finding_rows(
    report: OverlapReport,
    corpus: Corpus,
    overlaps: Overlaps,
    *,
    kept: Ints,
    keys: dict[str, str],
    model: Model,
) -> Iterator[dict[str, Any]]:
    records = {record.id: record for record in corpus.records}
    for one in findings_at(kept, corpus, overlaps, model=model):
        both = [records[one.left], records[one.right]]
        yield {
            "report": report.id,
            "left": one.left,
            "right": one.right,
            "kind": one.kind,
            "score": one.score,
            "why": json.dumps(asdict(one.why)),
            "agencies": tuple(sorted({record.agency_code for record in both})),
            "sectors": tuple(sorted({code[:RAB_SECTOR] for record in both for code in record.rab})),
            "family": keys[one.left] if keys.get(one.left) == keys.get(one.right, "") else "",
        }


def _family_rows(report: OverlapReport, found: list[Family], corpus: Corpus) -> Iterator[dict[str, Any]]:
    places = {record.id: place for place, record in enumerate(corpus.records)}
    for one in found:
        members = [corpus.records[places[code]] for code in one.members]
        others = tuple(code for code in one.members if code != one.centre)
        yield {
            "report": report.id,
            "key": _key(one),
            "name": corpus.records[places[one.centre]].name,
            "kind": one.kind,
            "score": one.score,
            "centre": one.centre,
            "applications": len(members),
            "words": _common_words(corpus, [places[code] for code in one.members]),
            "members": (one.centre, *others),
            "agencies": tuple(sorted({record.agency_code for record in members})),
        }


def _key(one: Family) -> str:
    return hashlib.sha256(" ".join(one.members).encode()).hexdigest()[:16]


def _common_words(corpus: Corpus, places: list[int]) -> tuple[str, ...]:
    """Return the words that most members say, the one that the fewest others say first."""
    said = Counter(word for place in places for word in corpus.encoder.words_of(corpus.rows.objects, place))
    space = corpus.encoder.space
    common = [word for word, count in said.items() if 2 * count > len(places)]
    rarity = {word: float(np.round(space.rarity[space.columns[word]], 4)) for word in common}
    return tuple(sorted(common, key=lambda word: (-rarity[word], word))[:MOST_WORDS])
