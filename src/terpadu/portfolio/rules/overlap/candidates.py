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

    near_texts, near: the most neighbours of a text, and the least likeness. code_block, code_near, code_texts: the largest
    block of records with one RAB function and RAL area that is looked at, the least likeness inside it, and the most
    neighbours there. key_block: the largest group that shares one address or one short name.
    """

    near_texts: int = 40
    near: float = 0.3
    code_block: int = 4000
    code_near: float = 0.3
    code_texts: int = 40
    key_block: int = 120


REACH = Reach()
THREADS = 2


def candidate_pairs(rows: Rows, *, reach: Reach = REACH) -> Pairs:
    """Return the pairs (left < right) worth a look, one a row, sorted."""
    return pairs_of(candidate_numbers(rows, reach=reach), size=rows.near.shape[0])


def candidate_numbers(rows: Rows, *, reach: Reach = REACH) -> Ints:
    """Return the pairs worth a look as numbers, left · size + right, sorted: half the memory of pairs."""
    size = rows.near.shape[0]
    found = [
        _near(rows.near, np.arange(size), top=reach.near_texts, least=reach.near, size=size, threads=THREADS),
        _one_slip_apart(rows, largest=reach.key_block, size=size),
        _in_code_blocks(rows, reach=reach, size=size),
        *(
            _sharing(rows.keys[key], largest=reach.key_block, size=size)
            for key in ("host", "site", "store", "label", "text")
        ),
    ]
    return distinct(np.concatenate(found))


def _near(vectors: csr_matrix, members: Ints, *, top: int, least: float, size: int, threads: int = 1) -> Ints:
    """Return the pairs of members whose vectors (a row each) are near: the nearest `top` of each, each pair once."""
    near = sp_matmul_topn(
        vectors, vectors.T.tocsr(), top_n=top + 1, threshold=least, sort=False, n_threads=threads
    )
    left = np.repeat(members, np.diff(near.indptr))
    return distinct(_numbers(left, members[near.indices], size=size))


def _in_code_blocks(rows: Rows, *, reach: Reach, size: int) -> Ints:
    """Return pairs with the same RAB function and RAL area whose texts are somewhat alike; a record stands in one block."""
    function, area = rows.sets["rab3"][:, 0], rows.sets["ral2"][:, 0]
    known = np.flatnonzero((function >= 0) & (area >= 0))
    both = np.unique(np.column_stack((function[known], area[known])), axis=0, return_inverse=True)[1]
    found = [np.empty(0, dtype=np.int64)]
    for block in _groups(both.ravel()):
        if len(block) <= reach.code_block:
            members = known[block]
            top = min(reach.code_texts, len(block))
            found.append(_near(rows.near[members], members, top=top, least=reach.code_near, size=size))
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
    for place, label in enumerate(rows.labels.tolist()):
        if len(label) >= SHORTEST:
            by_label.setdefault(label, []).append(place)
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


def pairs_of(numbers: Ints, *, size: int) -> Pairs:
    """Return the pairs that numbers stand for, one a row."""
    return np.column_stack(np.divmod(numbers, size))


def distinct(numbers: Ints) -> Ints:
    """Return the distinct numbers in order; sorts them where they stand, which is faster here than NumPy's hashing."""
    numbers.sort()
    return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers
