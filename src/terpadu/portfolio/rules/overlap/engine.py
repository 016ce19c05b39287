"""All overlaps of a list: candidates, a first look at each pair, then looks that also count shared neighbours.

A pair is held as one number and its evidence, never with its features: those are counted anew for the pairs that are shown.
Blocks of pairs and of records are looked at side by side by THREADS threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, identity

from terpadu.portfolio.rules.overlap.candidates import (
    REACH,
    THREADS,
    Pairs,
    Reach,
    candidate_numbers,
    pairs_of,
)
from terpadu.portfolio.rules.overlap.corpus import Corpus, Ints, Rows
from terpadu.portfolio.rules.overlap.features import Features, features
from terpadu.portfolio.rules.overlap.model import IN_SHORT_LIST, KINDS, LONELY, SHARED, Model, Odds, Weights

Part = TypeVar("Part")
Result = TypeVar("Result")
HOPELESS = 0.005
ROUNDS = 2
SHARED_ENOUGH = 0.8
DIGITS = 6
NEIGHBOURS_ENOUGH = 2.5
SHORT_LIST = 1_000
PAIRS_AT_ONCE = 100_000
RECORDS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Looked:
    """Pairs of a list of `size` records that were looked at. numbers: left · size + right, sorted. odds: as the model gives them.

    sure: the graph of pairs that are sure. common: how many sure neighbours each pair shares, by weight.
    """

    size: int
    numbers: Ints
    odds: Odds
    sure: csr_matrix
    common: Features

    @property
    def pairs(self) -> Pairs:
        """The pairs, one a row."""
        return pairs_of(self.numbers, size=self.size)

    def chances(self, model: Model) -> Weights:
        """Return the chance of each kind for each pair."""
        degree = np.asarray(self.sure.sum(axis=1)).ravel()
        parts = [
            model.chances_of(self.odds[at], self._shares(at, degree)) for at in _slices(len(self.numbers))
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(KINDS)), dtype=np.float32)

    def _shares(self, at: slice, degree: Features) -> Features:
        if self.size < SHORT_LIST:
            return np.full((len(self.numbers[at]), len(SHARED)), IN_SHORT_LIST, dtype=np.float32)
        left, right = np.divmod(self.numbers[at], self.size)
        return _shares(self.common[at], degree[left], degree[right])


@dataclass(frozen=True)
class Overlaps:
    """The overlaps of a list, sorted by their places. pairs: places of left and right in the corpus, left < right.

    score: the chance of any overlap. kinds: the number of the likeliest kind in KINDS. sure: the graph of pairs that are
    sure, which a later proposal is held against.
    """

    pairs: Pairs
    score: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.int64]
    sure: csr_matrix


def find_overlaps(corpus: Corpus, model: Model, *, reach: Reach = REACH) -> Overlaps:
    """Return the overlaps of all records of a list."""
    return judged(look(corpus, model, reach=reach), model=model)


def look(corpus: Corpus, model: Model, *, reach: Reach = REACH) -> Looked:
    """Return the pairs worth a second look with their evidence, and the graph of sure pairs.

    Each round finds the pairs that share sure neighbours, and judges anew which pairs are sure.
    """
    rows, size = corpus.rows, len(corpus.records)
    if size < SHORT_LIST:
        return _look_at_all(corpus, model)
    numbers, odds = _first_look(rows, candidate_numbers(rows, reach=reach), model=model, least=HOPELESS)
    seen = Looked(
        size, numbers, odds, _graph_of(numbers, model.first_chance(odds), model=model, size=size), odds[:, 0]
    )
    for _ in range(ROUNDS):
        seen = _with_more(rows, seen, model=model)
        chance = 1 - seen.chances(model)[:, 0]
        seen = Looked(
            size,
            seen.numbers,
            seen.odds,
            _graph_of(seen.numbers, chance, model=model, size=size),
            seen.common,
        )
    return Looked(size, seen.numbers, seen.odds, seen.sure, _neighbours_of(seen, new=False)[0])


def described(corpus: Corpus, sure: csr_matrix, pairs: Pairs) -> Features:
    """Return ALL_FEATURES of pairs, with the neighbours that a graph of sure pairs gives them."""
    found = features(corpus.rows, corpus.rows, pairs)
    return with_neighbours(found, sure, sure, pairs)


def _look_at_all(corpus: Corpus, model: Model) -> Looked:
    """Return all pairs of a short list, where looking at each costs nothing."""
    size = len(corpus.records)
    left, right = np.triu_indices(size, k=1)
    numbers = left.astype(np.int64) * size + right
    odds = model.odds(features(corpus.rows, corpus.rows, pairs_of(numbers, size=size)), is_short=True)
    chance = model.first_chance(odds)
    return Looked(size, numbers, odds, _graph_of(numbers, chance, model=model, size=size), odds[:, 0])


def _first_look(rows: Rows, numbers: Ints, *, model: Model, least: float) -> tuple[Ints, Odds]:
    """Return the pairs that have at least that chance at first look, with their evidence."""
    size = rows.near.shape[0]

    def one(at: slice) -> tuple[Ints, Odds]:
        odds = model.odds(features(rows, rows, pairs_of(numbers[at], size=size)))
        hopeful = model.first_chance(odds) >= least
        return numbers[at][hopeful], odds[hopeful]

    return _joined(_side_by_side(one, _slices(len(numbers))), model=model)


def _joined(parts: Iterable[tuple[Ints, Odds]], *, model: Model) -> tuple[Ints, Odds]:
    none = np.empty((0, 2 * (len(KINDS) - 1)), dtype=np.float32)
    numbers, odds = zip((np.empty(0, dtype=np.int64), none), *parts, strict=True)
    return np.concatenate(numbers), np.concatenate(odds)


def _with_more(rows: Rows, seen: Looked, *, model: Model) -> Looked:
    """Return the pairs with those that share a sure neighbour beside them, and how much each pair shares."""
    common, new, new_common = _neighbours_of(seen, new=True)
    _, odds = _first_look(rows, new, model=model, least=0.0)
    at = np.searchsorted(seen.numbers, new)
    return Looked(
        seen.size,
        np.insert(seen.numbers, at, new),
        np.insert(seen.odds, at, odds, axis=0),
        seen.sure,
        np.insert(common, at, new_common),
    )


def _neighbours_of(seen: Looked, *, new: bool) -> tuple[Features, Ints, Features]:
    """Return how much sure neighbourhood each pair shares; when asked, also the pairs not seen yet that share enough, with how much.

    One block of records after the other is multiplied with the graph, so that the whole product is never held.
    """
    size, sure = seen.size, seen.sure

    def one(first: int) -> tuple[Features, Ints, Features]:
        last = min(first + RECORDS_AT_ONCE, size)
        shared = (sure[first:last] @ sure).tocoo()
        numbers = (shared.row.astype(np.int64) + first) * size + shared.col
        upper = np.flatnonzero(shared.row + first < shared.col)
        order = upper[np.argsort(numbers[upper], kind="stable")]
        numbers, weight = numbers[order], shared.data[order]
        known = seen.numbers[slice(*np.searchsorted(seen.numbers, (first * size, last * size)))]
        common = _values_at(known, numbers, weight)
        if not new:
            return common, numbers[:0], weight[:0]
        enough = weight >= SHARED_ENOUGH
        enough[enough] = ~_among(numbers[enough], known)
        return common, numbers[enough], weight[enough]

    commons, news, weights = zip(*_side_by_side(one, range(0, size, RECORDS_AT_ONCE)), strict=True)
    return np.concatenate(commons), np.concatenate(news), np.concatenate(weights)


def _values_at(asked: Ints, numbers: Ints, values: Features) -> Features:
    """Return the values of the numbers asked for, 0 where there is none. numbers: sorted."""
    at = np.minimum(np.searchsorted(numbers, asked), max(len(numbers) - 1, 0))
    if not len(numbers):
        return np.zeros(len(asked), dtype=np.float32)
    found: Features = np.where(numbers[at] == asked, values[at], 0).astype(np.float32)
    return found


def _among(asked: Ints, numbers: Ints) -> npt.NDArray[np.bool_]:
    """Tell which numbers are among others. numbers: sorted."""
    return _values_at(asked, numbers, np.ones(len(numbers), dtype=np.float32)) > 0


def _slices(size: int) -> list[slice]:
    return [slice(at, at + PAIRS_AT_ONCE) for at in range(0, size, PAIRS_AT_ONCE)]


def _side_by_side(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """Return what the work gives for each part, in order; NumPy and SciPy let two threads compute at once."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, parts))


def judged(seen: Looked, *, model: Model) -> Overlaps:
    """Return the pairs that the model reports."""
    chances = seen.chances(model)
    score = np.asarray(1 - chances[:, 0], dtype=np.float64).round(DIGITS)
    kept = np.flatnonzero(score >= threshold_of(model, size=seen.size))
    kinds = 1 + np.argmax(chances[kept, 1:], axis=1)
    return Overlaps(pairs_of(seen.numbers[kept], size=max(seen.size, 1)), score[kept], kinds, seen.sure)


def threshold_of(model: Model, *, size: int) -> float:
    """Return the least chance that is reported of a list of that many records."""
    return model.short_threshold if size < SHORT_LIST else model.threshold


def _graph_of(numbers: Ints, chance: Weights, *, model: Model, size: int) -> csr_matrix:
    sure = chance >= model.strong
    return sure_graph(
        pairs_of(numbers[sure], size=max(size, 1)), chance[sure], strong=model.strong, size=size
    )


def sure_graph(pairs: Pairs, chance: Weights, *, strong: float, size: int) -> csr_matrix:
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
    if right.shape[1] < SHORT_LIST:
        return np.pad(found, ((0, 0), (0, len(SHARED))), constant_values=IN_SHORT_LIST)
    common = np.asarray(left[pairs[:, 0]].multiply(right[pairs[:, 1]]).sum(axis=1)).ravel()
    one = np.asarray(left.sum(axis=1)).ravel()[pairs[:, 0]]
    other = np.asarray(right.sum(axis=1)).ravel()[pairs[:, 1]]
    return np.column_stack((found, _shares(common, one, other)))


def _shares(common: Features, one: Features, other: Features) -> Features:
    """Return SHARED of each pair. common: what it shares of neighbours by weight; one, other: what either has."""
    least = np.minimum(one, other)
    most = common / np.maximum(least, 1)
    every = common / np.maximum(one + other - common, 1)
    shares: Features = np.minimum(np.column_stack((most, every)), 1).astype(np.float32)
    shares[least < NEIGHBOURS_ENOUGH] = LONELY
    return shares


def kind_name(number: int) -> str:
    """Return the name of a kind by its number."""
    return KINDS[number]
