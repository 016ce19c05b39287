"""All overlaps of a list: candidates, features, a first look at each pair, a second one that also counts shared neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, identity
from sparse_dot_topn import sp_matmul_topn

from terpadu.portfolio.rules.overlap.candidates import REACH, THREADS, Pairs, Reach, candidate_pairs, distinct
from terpadu.portfolio.rules.overlap.corpus import Corpus, Rows
from terpadu.portfolio.rules.overlap.features import CHUNK, Features, features
from terpadu.portfolio.rules.overlap.model import IN_SHORT_LIST, KINDS, LONELY, Model, Weights

HOPELESS = 0.002
ROUNDS = 2
MOST_SHARING = 150
SHARED_ENOUGH = 0.8
DIGITS = 6
NEIGHBOURS_ENOUGH = 2.5
SHORT_LIST = 1_000


@dataclass(frozen=True)
class Overlaps:
    """The overlaps of a list, sorted by their places. pairs: places of left and right in the corpus, left < right.

    score: the chance of any overlap. kinds: the number of the likeliest kind in KINDS. found: the features of each pair.
    sure: the graph of pairs that are sure at first look, which a later proposal is held against.
    """

    pairs: Pairs
    score: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.int64]
    found: Features
    sure: csr_matrix


def find_overlaps(corpus: Corpus, model: Model, *, reach: Reach = REACH) -> Overlaps:
    """Return the overlaps of all records of a list."""
    pairs, found, sure = described_pairs(corpus, model, reach=reach)
    return judged(pairs, found, sure, model=model)


def described_pairs(
    corpus: Corpus, model: Model, *, reach: Reach = REACH
) -> tuple[Pairs, Features, csr_matrix]:
    """Return the pairs worth a second look, all their features, and the graph of sure pairs.

    Each round finds the pairs that share sure neighbours, and judges anew which pairs are sure.
    """
    rows = corpus.rows
    size = len(corpus.records)
    if size < SHORT_LIST:
        return _described_short(corpus, model)
    pairs, found = _hopeful(rows, candidate_pairs(rows, reach=reach), model=model)
    sure = sure_graph(pairs, model.first_chance(found), strong=model.strong, size=size)
    for _ in range(ROUNDS):
        more = _new_pairs(_sharing_neighbours(sure), known=pairs, size=size)
        pairs = np.concatenate((pairs, more))
        found = np.concatenate((found, features(rows, rows, more)))
        sure = sure_graph(
            pairs, _second_chance(pairs, found, sure, model=model), strong=model.strong, size=size
        )
    return pairs, with_neighbours(found, sure, sure, pairs), sure


def _second_chance(pairs: Pairs, found: Features, sure: csr_matrix, *, model: Model) -> Weights:
    """Return the chance of any overlap with the neighbours counted, chunk by chunk, so that no second table is held."""
    parts = [
        1 - model.chances(with_neighbours(found[at : at + CHUNK], sure, sure, pairs[at : at + CHUNK]))[:, 0]
        for at in range(0, len(pairs), CHUNK)
    ]
    return np.concatenate(parts) if parts else np.empty(0)


def _hopeful(rows: Rows, pairs: Pairs, *, model: Model) -> tuple[Pairs, Features]:
    """Return the pairs that have a chance at first look, with their features; the rest is dropped chunk by chunk."""
    kept_pairs, kept_found = [pairs[:0]], [features(rows, rows, pairs[:0])]
    for at in range(0, len(pairs), CHUNK):
        chunk = pairs[at : at + CHUNK]
        found = features(rows, rows, chunk)
        hopeful = model.first_chance(found) >= HOPELESS
        kept_pairs.append(chunk[hopeful])
        kept_found.append(found[hopeful])
    return np.concatenate(kept_pairs), np.concatenate(kept_found)


def _described_short(corpus: Corpus, model: Model) -> tuple[Pairs, Features, csr_matrix]:
    """Return all pairs of a short list, where looking at each costs nothing."""
    size = len(corpus.records)
    pairs = np.column_stack(np.triu_indices(size, k=1)).astype(np.int64)
    found = np.pad(features(corpus.rows, corpus.rows, pairs), ((0, 0), (0, 2)), constant_values=IN_SHORT_LIST)
    return pairs, found, sure_graph(pairs, 1 - model.chances(found)[:, 0], strong=model.strong, size=size)


def judged(pairs: Pairs, found: Features, sure: csr_matrix, *, model: Model) -> Overlaps:
    """Return the pairs that the model reports."""
    chances = model.chances(found)
    score = np.round(1 - chances[:, 0], DIGITS)
    kept = np.flatnonzero(score >= threshold_of(model, size=sure.shape[0]))
    kept = kept[np.lexsort((pairs[kept, 1], pairs[kept, 0]))]
    kinds = 1 + np.argmax(chances[kept, 1:], axis=1)
    return Overlaps(pairs[kept], score[kept], kinds, found[kept], sure)


def threshold_of(model: Model, *, size: int) -> float:
    """Return the least chance that is reported of a list of that many records."""
    return model.short_threshold if size < SHORT_LIST else model.threshold


def sure_graph(pairs: Pairs, chance: npt.NDArray[np.float64], *, strong: float, size: int) -> csr_matrix:
    """Return the symmetric graph of pairs with at least the strong chance, each record its own neighbour with weight 1."""
    sure = chance >= strong
    weights = np.round(chance[sure], 3).astype(np.float32)
    half = csr_matrix((weights, (pairs[sure, 0], pairs[sure, 1])), shape=(size, size))
    return csr_matrix(half + half.T + identity(size, format="csr", dtype=np.float32))


def with_neighbours(found: Features, left: csr_matrix, right: csr_matrix, pairs: Pairs) -> Features:
    """Return the features with SHARED beside them: how much of the smaller and of the joint neighbourhood a pair shares.

    They are LONELY where a record has too few sure neighbours, itself included, to tell, and IN_SHORT_LIST in a short list.
    left, right: the neighbours of the records on either side of the pairs, a row a record.
    """
    shared = [
        np.asarray(
            left[pairs[at : at + CHUNK, 0]].multiply(right[pairs[at : at + CHUNK, 1]]).sum(axis=1)
        ).ravel()
        for at in range(0, len(pairs), CHUNK)
    ]
    common = np.concatenate(shared) if shared else np.empty(0)
    one = np.asarray(left.sum(axis=1)).ravel()[pairs[:, 0]]
    other = np.asarray(right.sum(axis=1)).ravel()[pairs[:, 1]]
    most = common / np.maximum(np.minimum(one, other), 1)
    every = common / np.maximum(one + other - common, 1)
    enough = np.minimum(one, other) >= NEIGHBOURS_ENOUGH
    untold = IN_SHORT_LIST if right.shape[1] < SHORT_LIST else LONELY
    enough &= untold == LONELY
    shares = [np.where(enough, np.minimum(share, 1), untold).astype(np.float32) for share in (most, every)]
    return np.column_stack((found, *shares))


def _sharing_neighbours(sure: csr_matrix) -> Pairs:
    """Return the pairs that share at least about one sure neighbour."""
    shared = sp_matmul_topn(
        sure, sure.T.tocsr(), top_n=MOST_SHARING, threshold=SHARED_ENOUGH, sort=False, n_threads=THREADS
    ).tocoo()
    low = shared.row < shared.col
    return np.column_stack((shared.row[low], shared.col[low])).astype(np.int64)


def _new_pairs(pairs: Pairs, *, known: Pairs, size: int) -> Pairs:
    numbers = distinct(pairs[:, 0] * size + pairs[:, 1])
    before = np.sort(known[:, 0] * size + known[:, 1])
    at = np.minimum(np.searchsorted(before, numbers), max(len(before) - 1, 0))
    new = numbers[before[at] != numbers] if len(before) else numbers
    return np.column_stack((new // size, new % size))


def kind_name(number: int) -> str:
    """Return the name of a kind by its number."""
    return KINDS[number]
