"""Pairs worth a look: near texts, the same place in the reference architecture, one address, one name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

from terpadu.portfolio.rules.overlap.corpus import Ints, Rows
from terpadu.portfolio.rules.overlap.spelling import SHORTEST, shortenings

Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """How far to look. Raising a number finds more and takes longer.

    near_texts, near: the most neighbours of a text, and the least likeness. code_block, code_near: the largest block of records with one RAB function and RAL area that is looked at, and the least
    likeness inside it, lower than elsewhere. key_block: the largest group that shares one address or one short name.
    """

    near_texts: int = 60
    near: float = 0.3
    code_block: int = 4000
    code_near: float = 0.3
    key_block: int = 120


REACH = Reach()
THREADS = 2


def candidate_pairs(rows: Rows, *, reach: Reach = REACH) -> Pairs:
    """Return the pairs (left < right) worth a look, one a row, sorted."""
    size = rows.near.shape[0]
    found = [
        _neighbours(rows.near, top=reach.near_texts, least=reach.near, size=size),
        _one_slip_apart(rows, largest=reach.key_block, size=size),
        _in_code_blocks(rows, reach=reach, size=size),
        *(
            _sharing(rows.keys[key], largest=reach.key_block, size=size)
            for key in ("host", "site", "store", "label", "text")
        ),
    ]
    numbers = distinct(np.concatenate(found))
    return np.column_stack((numbers // size, numbers % size))


def _neighbours(vectors: csr_matrix, *, top: int, least: float, size: int) -> Ints:
    near = sp_matmul_topn(
        vectors, vectors.T.tocsr(), top_n=top + 1, threshold=least, sort=False, n_threads=THREADS
    )
    left = np.repeat(np.arange(size, dtype=np.int64), np.diff(near.indptr))
    return _numbers(left, near.indices.astype(np.int64), size=size)


def _in_code_blocks(rows: Rows, *, reach: Reach, size: int) -> Ints:
    """Return pairs with the same RAB function and RAL area whose texts are somewhat alike; a record stands in one block."""
    function, area = rows.sets["rab3"][:, 0], rows.sets["ral2"][:, 0]
    known = np.flatnonzero((function >= 0) & (area >= 0))
    found = [np.empty(0, dtype=np.int64)]
    for block in _groups(function[known] * (area.max(initial=0) + 1) + area[known]):
        if len(block) <= reach.code_block:
            members = known[block]
            here = rows.near[members]
            likeness = (here @ here.T).tocoo()
            enough = (likeness.data >= reach.code_near) & (likeness.row < likeness.col)
            found.append(_numbers(members[likeness.row[enough]], members[likeness.col[enough]], size=size))
    return np.concatenate(found)


def _sharing(key: Ints, *, largest: int, size: int) -> Ints:
    """Return all pairs that share a known value which no more than `largest` records have."""
    known = np.flatnonzero(key >= 0)
    found = [np.empty(0, dtype=np.int64)]
    for group in _groups(key[known]):
        if len(group) <= largest:
            left, right = np.triu_indices(len(group), k=1)
            members = known[group]
            found.append(_numbers(members[left], members[right], size=size))
    return np.concatenate(found)


def _one_slip_apart(rows: Rows, *, largest: int, size: int) -> Ints:
    """Return pairs whose short names differ by one letter."""
    by_label: dict[str, list[int]] = {}
    for place, one in enumerate(rows.said):
        if len(one.label) >= SHORTEST:
            by_label.setdefault(one.label, []).append(place)
    by_form: dict[str, list[str]] = {}
    for label in by_label:
        for form in set(shortenings(label)):
            by_form.setdefault(form, []).append(label)
    alike = {
        pair for group in by_form.values() if 1 < len(group) <= largest for pair in combinations(group, 2)
    }
    pairs = [
        pair
        for one, other in alike
        if len(by_label[one]) * len(by_label[other]) <= largest
        for pair in product(by_label[one], by_label[other])
    ]
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return _numbers(left, right, size=size)


def _groups(values: Ints) -> list[Ints]:
    """Return the places of equal values, for values that occur more than once."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order])) + 1
    return [group for group in np.split(order, starts) if len(group) > 1]


def _numbers(left: Ints, right: Ints, *, size: int) -> Ints:
    """Return one number for each unordered pair of two different records."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    different = low != high
    numbers: Ints = low[different].astype(np.int64) * size + high[different]
    return numbers


def distinct(numbers: Ints) -> Ints:
    """Return the distinct numbers in order; sorts, which is faster here than NumPy's hashing."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
