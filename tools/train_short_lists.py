"""Train the weights for short lists: `python tools/train_short_lists.py` renews that part of the overlap model.

The truth is the hand-labelled pairs of a real city list, by id (tests/portfolio/data/denpasar_pairs.csv); its texts are no part
of this project and are read from the folder in TERPADU_REAL_LISTS. Figures come from cross-validation by groups: true pairs that
hang together are judged by weights that saw none of them, so that six copies of one product do not answer for each other.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.features import Features, features
from terpadu.portfolio.rules.overlap.model import KINDS, Model, Weights, current_model, model_json
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.training import fit
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from tools.train_overlap import TARGET, hand_set_for_short_lists

ROOT = Path(__file__).resolve().parents[1]
NEAR = (above / "shared" / "data" for above in ROOT.parents)
LISTS = Path(os.environ.get("TERPADU_REAL_LISTS") or next(filter(Path.is_dir, NEAR), ROOT))
REAL_LIST = LISTS / "denpasar_aplikasi_2022.csv"
LABELS = ROOT / "tests" / "portfolio" / "data" / "denpasar_pairs.csv"
PULL = 10.0
"""How strongly the weights set by hand hold back, as the weight of so many pairs: there are few labels."""
PRECISION_WANTED = 0.90


@dataclass(frozen=True)
class Labelled:
    """Pairs that a person judged. kinds: numbers in KINDS. is_blind: judged before the engine existed. groups: of pairs that hang together."""

    found: Features
    kinds: npt.NDArray[np.int64]
    is_blind: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.int64]


def labelled() -> Labelled:
    """Return the labelled pairs with their features."""
    corpus = corpus_of(real_records(), vocabulary())
    places = {record.id: place for place, record in enumerate(corpus.records)}
    with LABELS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    pairs = np.array(
        [sorted((places[row["left"].zfill(3)], places[row["right"].zfill(3)])) for row in rows],
        dtype=np.int64,
    )
    kinds = np.array([KINDS.index(row["kind"]) for row in rows])
    left, right = pairs[kinds > 0].T
    graph = csr_matrix((np.ones(len(left)), (left, right)), shape=(len(places), len(places)))
    groups = connected_components(graph, directed=False)[1][pairs[:, 0]]
    is_blind = np.array([row["made"] == "blind" for row in rows])
    return Labelled(features(corpus.rows, corpus.rows, pairs), kinds, is_blind, groups)


def cross_validated(truth: Labelled) -> npt.NDArray[np.float64]:
    """Return the chance of overlap of each pair by weights that saw no pair of its group."""
    score = np.zeros(len(truth.kinds))
    for group in np.unique(truth.groups):
        asked = truth.groups == group
        score[asked] = _score(_trained(truth.found[~asked], truth.kinds[~asked]), truth.found[asked])
    return score


def real_records() -> list[OverlapRecord]:
    """Return the records of the real city list."""
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


def main() -> None:
    """Train on all labels, set the threshold by the scores of cross-validation, write both into the model's file."""
    truth = labelled()
    weights = _trained(truth.found, truth.kinds)
    threshold, recall = _threshold(cross_validated(truth)[truth.is_blind], truth.kinds[truth.is_blind] > 0)
    facts = {
        "truth": "hand-labelled pairs of one city list, by one person",
        "pairs": len(truth.kinds),
        "pull": PULL,
        "cross_validated_recall": round(recall, 4),
        "at_precision": PRECISION_WANTED,
    }
    model = current_model()
    training = {**model.training, "short_lists": facts}
    TARGET.write_text(
        model_json(replace(model, short=weights, short_threshold=threshold, training=training)),
        encoding="utf-8",
    )
    print(threshold, facts)


def _trained(found: Features, kinds: npt.NDArray[np.int64]) -> Weights:
    return fit(found, kinds, start=hand_set_for_short_lists(), pull=PULL)


def _score(weights: Weights, found: Features) -> Weights:
    model: Model = replace(current_model(), short=weights)
    return model.first_chance(model.odds(found, is_short=True))


def _threshold(score: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the least score that keeps the precision wanted, and the recall there."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(right[order])
    last = int(np.flatnonzero(hits / np.arange(1, len(hits) + 1) >= PRECISION_WANTED).max())
    return round(float(score[order[last]]), 3), float(hits[last] / right.sum())


if __name__ == "__main__":
    main()
