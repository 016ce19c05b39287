"""All overlaps among 27,000 applications, how many of the planted and the hand-labelled ones are found, and one proposal.

The planted truth is the made-up country's, with the demo's seed, which the model was not trained on but its authors looked at
while they worked, and with one that was looked at once, when all stood. Recall is the highest at which the
pairs found, all pairs that were not planted counted as wrong, are right in nine cases of ten. The labelled pairs are of a real
city list, by id; its text is read from the folder in TERPADU_REAL_LISTS and is no part of this project. Time and memory are
those of a process of its own on two threads. Baselines: pg_trgm's self-join and rapidfuzz's token_set_ratio on a sample.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from demo.applications import portfolio
from demo.applications.country import DEFAULT_SEED
from terpadu.portfolio.rules.overlap.corpus import Corpus, corpus_of
from terpadu.portfolio.rules.overlap.engine import find_overlaps, look, threshold_of
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import families_of
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from tools.train_overlap import record_of, telling_pairs, true_pairs

Figure = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
SIZE = 27_000
GROWTH = (10_000, 27_000, 100_000)
SAMPLE = 2_000
PROPOSALS = 60
PRECISION = 0.90
UNSEEN, UNSEEN_SEED = "unseen country's planted", 20_261_122
"""Chosen after rules, weights and generator stood; its figures were looked at once and nothing was changed after."""
BAR_S, BAR_MB, BAR_RECALL, BAR_PROPOSAL_MS = 10.0, 500.0, 0.95, 50.0
NEAR = (above / "shared" / "data" for above in ROOT.parents)
LISTS = Path(os.environ.get("TERPADU_REAL_LISTS") or next(filter(Path.is_dir, NEAR), ROOT))
REAL_LIST = LISTS / "denpasar_aplikasi_2022.csv"
LABELS = ROOT / "tests" / "portfolio" / "data" / "denpasar_pairs.csv"


@dataclass(frozen=True)
class Measured:
    """recall_at_precision: the highest recall with at least PRECISION. pairs: how many true ones there are.

    recall, precision: at the threshold that the model reports from.
    """

    pairs: int
    recall_at_precision: float
    recall: float
    precision: float


def run() -> Iterator[Figure]:
    """Yield all figures with their bars or baselines."""
    for size in GROWTH:
        spent = in_own_process(size)
        name = f"all overlaps among {size:,}"
        yield figure(name, spent["seconds"], unit="s", bar=BAR_S if size == SIZE else None)
        yield figure(f"{name}: processor time of both cores", spent["processor_seconds"], unit="s", bar=None)
        yield figure(f"{name}: memory", spent["megabytes"], unit="MB", bar=BAR_MB if size == SIZE else None)
    planted = {
        "planted": demo_measured(size=SIZE),
        "planted (silent records counted)": demo_measured(size=SIZE, with_silent=True),
        "planted (name and function alone)": demo_measured(size=SIZE, bare=True),
        UNSEEN: demo_measured(size=SIZE, seed=UNSEEN_SEED),
        f"{UNSEEN} (silent records counted)": demo_measured(size=SIZE, seed=UNSEEN_SEED, with_silent=True),
    }
    for name, found in planted.items():
        yield from _recall_figures(name, found, bar=BAR_RECALL if name in ("planted", UNSEEN) else None)
    if REAL_LIST.exists():
        yield from _recall_figures("a real list's blindly labelled", real_measured(), bar=BAR_RECALL)
        yield from _recall_figures(
            "a real list's labelled (pooled ones too)", real_measured(pooled=True), bar=None
        )
    yield figure("one proposal against 27,000 p95", proposal_ms(), unit="ms", bar=BAR_PROPOSAL_MS)
    yield from baselines()


def _recall_figures(name: str, found: Measured, *, bar: float | None) -> Iterator[Figure]:
    yield figure(f"recall of {name} pairs at precision 0.90", found.recall_at_precision, unit="", bar=bar)
    yield figure(f"recall of {name} pairs as reported", found.recall, unit="", bar=None)
    yield figure(f"precision of {name} pairs as reported", found.precision, unit="", bar=None)


def in_own_process(size: int) -> dict[str, float]:
    """Return the seconds and the peak memory of all overlaps among `size` records, in a process of its own."""
    done = subprocess.run(  # noqa: S603 - this module, with this interpreter
        [sys.executable, "-m", "bench.portfolio_overlap", str(size)],
        capture_output=True,
        text=True,
        check=True,
    )
    spent: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return spent


def overlaps_of(size: int) -> dict[str, float]:
    """Find all overlaps and families among `size` records; return the seconds and the peak memory beyond the records."""
    records = [record_of(one) for one in portfolio(size=size).applications]
    before = _peak_kilobytes()
    model, words = current_model(), vocabulary()
    started, processor = time.perf_counter(), time.process_time()
    corpus = corpus_of(records, words)
    found = find_overlaps(corpus, model)
    groups = families_of(corpus, found)
    seconds = time.perf_counter() - started
    peak = _peak_kilobytes()
    return {
        "seconds": seconds,
        "processor_seconds": time.process_time() - processor,
        "megabytes": peak / 1024,
        "megabytes_before": before / 1024,
        "pairs": len(found.pairs),
        "families": len(groups),
    }


def _peak_kilobytes() -> int:
    """Return this program's own peak; the operating system's other count takes over the parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def demo_measured(
    *, size: int, bare: bool = False, with_silent: bool = False, seed: int = DEFAULT_SEED
) -> Measured:
    """Return how many planted pairs are found. bare: from names and functions alone. seed: of the made-up country.

    with_silent: count the pairs with a record that says nothing, neither what it does nor its written-out name, among those
    to be found; without, they are neither asked for nor counted as wrong.
    """
    country = portfolio(size=size, seed=seed)
    corpus = corpus_of([record_of(one, bare=bare) for one in country.applications], vocabulary())
    true = set(true_pairs(country, corpus))
    asked = true if with_silent else telling_pairs(country, corpus)
    scores = {pair: score for pair, score in _scores(corpus).items() if pair in asked or pair not in true}
    right = np.array([pair in asked for pair in scores])
    return measured(np.array(list(scores.values())), right, pairs=len(asked), threshold=_threshold(corpus))


def real_measured(*, pooled: bool = False) -> Measured:
    """Return how many of the hand-labelled pairs are found, among the labelled ones.

    pooled: also count the pairs that were labelled after the engine had reported them; the others were labelled before.
    """
    corpus = corpus_of(_real_records(), vocabulary())
    places = {record.id: place for place, record in enumerate(corpus.records)}
    scores = _scores(corpus)
    with LABELS.open(encoding="utf-8") as file:
        labels = [row for row in csv.DictReader(file) if pooled or row["made"] == "blind"]
    numbers = [sorted((places[row["left"].zfill(3)], places[row["right"].zfill(3)])) for row in labels]
    score = np.array([scores.get(low * len(places) + high, 0.0) for low, high in numbers])
    right = np.array([row["kind"] != "none" for row in labels])
    return measured(score, right, pairs=int(right.sum()), threshold=_threshold(corpus))


def measured(
    score: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], *, pairs: int, threshold: float = 0.0
) -> Measured:
    """Return the figures of scored pairs, of which `pairs` are true; a pair with score 0 was not found."""
    order = np.argsort(-score, kind="stable")[: int((score > 0).sum())]
    hits = np.cumsum(right[order])
    precise = np.flatnonzero(hits / np.arange(1, len(hits) + 1) >= PRECISION)
    reported = score >= threshold
    return Measured(
        pairs=pairs,
        recall_at_precision=float(hits[precise.max()] / pairs) if len(precise) else 0.0,
        recall=float(right[reported].sum() / pairs),
        precision=float(right[reported].mean()) if reported.any() else 0.0,
    )


def proposal_ms() -> float:
    """Return the 95th percentile of the time of one proposal against 27,000 records made ready before."""
    corpus = corpus_of([record_of(one) for one in portfolio(size=SIZE).applications], vocabulary())
    index = index_of(corpus, find_overlaps(corpus, current_model()).sure, model=current_model())
    proposals = [record_of(one, bare=True) for one in portfolio(size=PROPOSALS, seed=9).applications]
    spent = []
    for proposal in proposals:
        started = time.perf_counter()
        index.check(OverlapRecord(id="", name=proposal.name, function=proposal.function))
        spent.append((time.perf_counter() - started) * 1000)
    return quantiles(spent, n=20)[-1]


def baselines() -> Iterator[Figure]:
    """Yield what other ways find and take on a sample; beside it, what the engine does on the same sample."""
    country = portfolio(size=SAMPLE)
    corpus = corpus_of([record_of(one) for one in country.applications], vocabulary())
    true = true_pairs(country, corpus)
    texts = [f"{record.name} {record.function}".lower() for record in corpus.records]
    started = time.perf_counter()
    ours = demo_measured(size=SAMPLE)
    yield figure(
        f"sample of {SAMPLE:,}: recall at precision 0.90", ours.recall_at_precision, unit="", bar=None
    )
    yield figure(f"sample of {SAMPLE:,}: time", time.perf_counter() - started, unit="s", bar=None)
    for name, way in (("rapidfuzz token_set_ratio", _token_set), ("pg_trgm self-join", _trigram_join)):
        started = time.perf_counter()
        found = way(texts)
        seconds = time.perf_counter() - started
        right = np.array([number in true for number in found])
        figures = measured(np.array(list(found.values())), right, pairs=len(true))
        yield figure(
            f"sample of {SAMPLE:,}, {name}: recall at precision 0.90",
            figures.recall_at_precision,
            unit="",
            bar=None,
        )
        yield figure(f"sample of {SAMPLE:,}, {name}: time", seconds, unit="s", bar=None)


def _token_set(texts: list[str]) -> dict[int, float]:
    likeness = process.cdist(
        texts, texts, scorer=fuzz.token_set_ratio, score_cutoff=50, dtype=np.uint8, workers=2
    )
    left, right = np.nonzero(np.triu(likeness, k=1))
    return dict(
        zip((left * len(texts) + right).tolist(), (likeness[left, right] / 100).tolist(), strict=True)
    )


def _trigram_join(texts: list[str]) -> dict[int, float]:
    from bench.trigram_join import trigram_join

    return {left * len(texts) + right: likeness for left, right, likeness in trigram_join(texts, least=0.3)}


def _scores(corpus: Corpus) -> dict[int, float]:
    """Return the chance of overlap of every pair looked at, by left place · size + right place."""
    model = current_model()
    seen = look(corpus, model)
    return dict(zip(seen.numbers.tolist(), (1 - seen.chances(model)[:, 0]).tolist(), strict=True))


def _threshold(corpus: Corpus) -> float:
    return threshold_of(current_model(), size=len(corpus.records))


def _real_records() -> list[OverlapRecord]:
    with REAL_LIST.open(encoding="utf-8") as file:
        return [
            OverlapRecord(
                id=row["id"].zfill(3),
                name=row["nama"],
                function=row["fungsi"],
                agency_code=row["unit_pengembang"],
                host=row["url"],
                klass=row["klasifikasi"],
                users=tuple(filter(None, [row["unit_pengguna"]])),
            )
            for row in csv.DictReader(file)
        ]


def figure(name: str, value: float, *, unit: str, bar: float | None) -> Figure:
    """Return a figure with its bar, if it has one."""
    return {
        "bench": f"portfolio overlap: {name}",
        "value": round(value, 3),
        "unit": unit,
        "baseline": bar,
        "ratio": round(value / bar, 3) if bar else None,
    }


if __name__ == "__main__":
    print(json.dumps(overlaps_of(int(sys.argv[1]))))
