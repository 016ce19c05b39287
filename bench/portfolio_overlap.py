"""All overlaps among 27,000 applications, how many of the planted and the hand-labelled ones are found, and one proposal.

The planted truth is the made-up country's, with the demo's seed, which the model was not trained on but its authors looked at
while they worked, and with one that was looked at once, when all stood. Recall is the highest at which the
pairs found, all pairs that were not planted counted as wrong, are right in nine cases of ten. The labelled pairs are of a real
city list, by id; its text is read from the folder in TERPADU_REAL_LISTS and is no part of this project; each pair is judged by
weights that did not see its group. Time and memory are those of a process of its own on two threads, with the records in it. Baselines: pg_trgm's self-join and rapidfuzz's token_set_ratio on a sample.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bench.figures import Figure, figure_of, p95
from demo.applications import portfolio
from demo.applications.country import DEFAULT_SEED
from terpadu.portfolio.rules.overlap.corpus import Corpus, corpus_of
from terpadu.portfolio.rules.overlap.engine import find_overlaps, look, threshold_of
from terpadu.portfolio.rules.overlap.model import current_model
from terpadu.portfolio.rules.overlap.proposal import index_of
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import families_of
from terpadu.portfolio.rules.overlap.stored import read_index, write_index
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from tools.train_overlap import record_of, telling_pairs, true_pairs
from tools.train_short_lists import REAL_LIST, cross_validated, labelled

figure = partial(figure_of, "portfolio overlap")
ROOT = Path(__file__).resolve().parents[1]
SIZE = 27_000
GROWTH = (10_000, 27_000, 100_000)
SAMPLE = 2_000
PROPOSALS = 60
PRECISION = 0.90
UNSEEN, UNSEEN_SEED = "unseen country's planted", 20_270_101
"""Chosen after rules, weights and generator stood; its figures were looked at once and nothing was changed after."""
BAR_S, BAR_MB, BAR_RECALL, BAR_PROPOSAL_MS = 10.0, 500.0, 0.95, 50.0


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
        with tempfile.TemporaryDirectory(prefix="terpadu-list-") as folder:
            in_own_process("write", str(size), folder)
            spent = in_own_process("overlaps", folder)
        name = f"all overlaps among {size:,}"
        yield figure(name, spent["seconds"], unit="s", bar=BAR_S if size == SIZE else None)
        yield figure(f"{name}: processor time of both cores", spent["processor_seconds"], unit="s", bar=None)
        yield figure(f"{name}: memory", spent["megabytes"], unit="MB", bar=BAR_MB if size == SIZE else None)
    planted = {
        "planted": demo_measured(size=SIZE, with_silent=True),
        "planted (silent records left out)": demo_measured(size=SIZE),
        "planted (name and function alone)": demo_measured(size=SIZE, bare=True, with_silent=True),
        UNSEEN: demo_measured(size=SIZE, seed=UNSEEN_SEED, with_silent=True),
        f"{UNSEEN} (name and function alone)": demo_measured(
            size=SIZE, seed=UNSEEN_SEED, bare=True, with_silent=True
        ),
    }
    for name, found in planted.items():
        yield from _recall_figures(name, found, bar=BAR_RECALL if name in ("planted", UNSEEN) else None)
    if REAL_LIST.exists():
        yield from _recall_figures(
            "a real list's blindly labelled (cross-validated)", real_measured(), bar=BAR_RECALL
        )
        yield from _recall_figures(
            "a real list's labelled, pooled ones too (cross-validated)", real_measured(pooled=True), bar=None
        )
    yield from proposal_figures()
    yield from baselines()


def _recall_figures(name: str, found: Measured, *, bar: float | None) -> Iterator[Figure]:
    yield figure(f"recall of {name} pairs at precision 0.90", found.recall_at_precision, unit="", bar=bar)
    yield figure(f"recall of {name} pairs as reported", found.recall, unit="", bar=None)
    yield figure(f"precision of {name} pairs as reported", found.precision, unit="", bar=None)


def in_own_process(*order: str) -> dict[str, float]:
    """Return what this module measures in a process of its own."""
    done = subprocess.run(  # noqa: S603 - this module, with this interpreter
        [sys.executable, "-m", "bench.portfolio_overlap", *order],
        capture_output=True,
        text=True,
        check=True,
    )
    spent: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return spent


def write_records(size: int, folder: Path) -> dict[str, float]:
    """Write a made-up list into a folder, so that the program that compares it need not make it."""
    records = [asdict(record_of(one)) for one in portfolio(size=size).applications]
    (folder / "records.json").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return {"records": len(records)}


def overlaps_of(folder: Path) -> dict[str, float]:
    """Find all overlaps and families of a list; return the seconds and the peak memory with the records themselves."""
    with (folder / "records.json").open(encoding="utf-8") as lines:
        records = [_record(json.loads(line)) for line in lines]
    before = _kilobytes("VmHWM")
    started, processor = time.perf_counter(), time.process_time()
    corpus = corpus_of(records, vocabulary())
    found = find_overlaps(corpus, current_model())
    groups = families_of(corpus, found)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "processor_seconds": time.process_time() - processor,
        "megabytes": _kilobytes("VmHWM") / 1024,
        "megabytes_before": before / 1024,
        "pairs": len(found.pairs),
        "families": len(groups),
    }


def _record(held: dict[str, Any]) -> OverlapRecord:
    values: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in held.items()
    }
    return OverlapRecord(**values)


def _kilobytes(what: str) -> int:
    """Return a count of this program's own memory, such as its peak, VmHWM."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(what)))


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
    """Return how many of the hand-labelled pairs are found, each judged by weights that saw no pair of its group.

    pooled: also count the pairs that were labelled after the engine had reported them; the others were labelled before.
    """
    truth = labelled()
    asked = truth.is_blind | pooled
    right = truth.kinds[asked] > 0
    return measured(
        cross_validated(truth)[asked],
        right,
        pairs=int(right.sum()),
        threshold=current_model().short_threshold,
    )


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


def proposal_figures() -> Iterator[Figure]:
    """Yield what one proposal against 27,000 stored records takes in a process that has done nothing else."""
    with tempfile.TemporaryDirectory(prefix="terpadu-index-") as folder:
        corpus = corpus_of([record_of(one) for one in portfolio(size=SIZE).applications], vocabulary())
        sure = find_overlaps(corpus, current_model()).sure
        write_index(index_of(corpus, sure, model=current_model()), Path(folder) / "index")
        spent = in_own_process("proposals", str(Path(folder) / "index"))
    name = "one proposal against 27,000"
    yield figure(f"{name} p95", spent["p95_ms"], unit="ms", bar=BAR_PROPOSAL_MS)
    yield figure(f"{name}: the first of a process", spent["first_ms"], unit="ms", bar=BAR_PROPOSAL_MS)
    yield figure(f"{name}: reading the vocabulary", spent["vocabulary_ms"], unit="ms", bar=None)
    yield figure(f"{name}: reading the index", spent["index_ms"], unit="ms", bar=None)
    yield figure(f"{name}: memory of its own of each process", spent["own_mb"], unit="MB", bar=None)
    yield figure(f"{name}: memory that processes share", spent["shared_mb"], unit="MB", bar=None)


def proposals_of(directory: Path) -> dict[str, float]:
    """Hold proposals against a stored index; return the times and the memory, the program itself left out."""
    applications = portfolio(size=PROPOSALS, seed=9).applications
    proposals = [replace(record_of(one, bare=True), id="") for one in applications]
    own, shared = _kilobytes("RssAnon"), _kilobytes("RssFile")
    started = time.perf_counter()
    words = vocabulary()
    known = time.perf_counter()
    index = read_index(directory, words)
    read = time.perf_counter()
    spent = []
    for proposal in proposals:
        began = time.perf_counter()
        index.check(proposal)
        spent.append((time.perf_counter() - began) * 1000)
    return {
        "p95_ms": p95(spent),
        "first_ms": spent[0],
        "vocabulary_ms": (known - started) * 1000,
        "index_ms": (read - known) * 1000,
        "own_mb": (_kilobytes("RssAnon") - own) / 1024,
        "shared_mb": (_kilobytes("RssFile") - shared) / 1024,
    }


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


if __name__ == "__main__":
    verb, *given = sys.argv[1:]
    verbs: dict[str, Callable[[], dict[str, float]]] = {
        "write": lambda: write_records(int(given[0]), Path(given[1])),
        "overlaps": lambda: overlaps_of(Path(given[0])),
        "proposals": lambda: proposals_of(Path(given[0])),
    }
    print(json.dumps(verbs[verb]()))
