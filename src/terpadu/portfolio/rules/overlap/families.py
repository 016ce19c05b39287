"""Families of applications by complete linkage: in a family every two members overlap, so that no chain can form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

PAIRS_AT_ONCE = 100_000


def families(pairs: npt.NDArray[np.int64], scores: npt.NDArray[np.float64]) -> list[tuple[int, ...]]:
    """Return the groups of two and more, largest first, from pairs (left, right) at or above the threshold.

    Two groups join when all pairs between them are given, the pairs with the highest least score first; a pair that is not
    given counts as no overlap. Pairs are taken from the highest score down, so the moment at which the last pair between two
    groups is met is when complete linkage joins them: its score is the least between them. Equal scores are taken in the
    order of the members, so the order of the pairs does not matter.
    """
    group_of: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    met: dict[int, dict[int, int]] = {}
    for left, right in _strongest_first(pairs, scores):
        for one in (left, right):
            if one not in group_of:
                group_of[one], members[one], met[one] = one, [one], {}
        a, b = group_of[left], group_of[right]
        count = met[a].get(b, 0) + 1
        met[a][b] = met[b][a] = count
        if count == len(members[a]) * len(members[b]):
            _join(a, b, group_of=group_of, members=members, met=met)
    found = [tuple(sorted(group)) for group in members.values() if len(group) > 1]
    return sorted(found, key=lambda group: (-len(group), group))


def _strongest_first(
    pairs: npt.NDArray[np.int64], scores: npt.NDArray[np.float64]
) -> Iterator[tuple[int, int]]:
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -scores))
    for at in range(0, len(order), PAIRS_AT_ONCE):
        left, right = pairs[order[at : at + PAIRS_AT_ONCE]].T.tolist()
        yield from zip(left, right, strict=True)


def _join(
    a: int, b: int, *, group_of: dict[int, int], members: dict[int, list[int]], met: dict[int, dict[int, int]]
) -> None:
    """Move the smaller group into the larger; what was met of either is then met of both."""
    kept, gone = (a, b) if len(members[a]) >= len(members[b]) else (b, a)
    for one in members[gone]:
        group_of[one] = kept
    members[kept] += members.pop(gone)
    del met[kept][gone]
    for other, count in met.pop(gone).items():
        if other != kept:
            del met[other][gone]
            met[kept][other] = met[other][kept] = met[kept].get(other, 0) + count


def is_complete(group: Sequence[int], pairs: set[tuple[int, int]]) -> bool:
    """Tell whether every two members of a group are among the pairs (left < right)."""
    return all((low, high) in pairs for at, low in enumerate(group) for high in group[at + 1 :])
