"""What speaks for and against a pair: one row of numbers from 0 to 1, each with a name that a person understands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix

from terpadu.portfolio.rules.overlap.candidates import Pairs
from terpadu.portfolio.rules.overlap.corpus import Ints, Rows

Features = npt.NDArray[np.float32]
FEATURES = (
    "words_alike",
    "spelling_alike",
    "objects_alike",
    "objects_within",
    "objects_unknown",
    "names_alike",
    "same_act",
    "other_act",
    "same_object_and_act",
    "same_text",
    "same_label",
    "label_alike",
    "name_said",
    "name_spelled_out",
    "same_rab_function",
    "same_rab_affair",
    "other_rab_affair",
    "same_ral_area",
    "same_host",
    "other_host",
    "same_site",
    "same_store_id",
    "same_agency",
    "alike_in_one_agency",
    "same_region",
    "same_users",
    "same_data_topics",
    "other_class",
)
LABEL_FLOOR = 0.6
LONG_LABEL = 4


def features(left: Rows, right: Rows, pairs: Pairs) -> Features:
    """Return one row of numbers for each pair (row of `left`, row of `right`), in the order of FEATURES.

    Every number is the same when left and right are exchanged.
    """
    i, j = pairs[:, 0], pairs[:, 1]
    objects = _cosine(left.objects, right.objects, i, j)
    same_act, other_act = _acts(left.acts[i], right.acts[j])
    same_label = _same(left, right, i, j, "label")
    same_agency = _same(left, right, i, j, "agency")
    rab_affair, rab_known = _share_one(left, right, i, j, "rab2")
    rab_function, _ = _share_one(left, right, i, j, "rab3")
    columns = {
        "words_alike": _cosine(left.words, right.words, i, j),
        "spelling_alike": _cosine(left.near, right.near, i, j),
        "objects_alike": objects,
        "objects_within": _within(objects, left.lengths[i], right.lengths[j]),
        "objects_unknown": (_empty(left.objects)[i] | _empty(right.objects)[j]),
        "names_alike": _cosine(left.names, right.names, i, j),
        "same_act": same_act,
        "other_act": other_act,
        "same_object_and_act": objects * same_act,
        "same_text": _same(left, right, i, j, "text"),
        "same_label": same_label,
        "label_alike": _labels_alike(left, right, i, j, but=same_label),
        "name_said": _named(left, right, i, j, "said"),
        "name_spelled_out": _named(left, right, i, j, "spelled"),
        "same_rab_function": rab_function,
        "same_rab_affair": rab_affair & ~rab_function,
        "other_rab_affair": rab_known & ~rab_affair,
        "same_ral_area": _share_one(left, right, i, j, "ral2")[0],
        "same_host": _same(left, right, i, j, "host"),
        "other_host": _other(left, right, i, j, "host"),
        "same_site": _same(left, right, i, j, "site"),
        "same_store_id": _same(left, right, i, j, "store"),
        "same_agency": same_agency,
        "alike_in_one_agency": objects * (same_agency & ~same_label),
        "same_region": _same(left, right, i, j, "region"),
        "same_users": _share_one(left, right, i, j, "users")[0],
        "same_data_topics": _share_one(left, right, i, j, "topics")[0],
        "other_class": _other(left, right, i, j, "klass"),
    }
    found = np.empty((len(pairs), len(FEATURES)), dtype=np.float32, order="F")
    for at, name in enumerate(FEATURES):
        found[:, at] = columns[name]
    return found


def _cosine(left: csr_matrix, right: csr_matrix, i: Ints, j: Ints) -> Features:
    return np.asarray(left[i].multiply(right[j]).sum(axis=1), dtype=np.float32).ravel()


def _within(cosine: Features, one: Features, other: Features) -> Features:
    """Return how much of the text that says less the other says too, from their likeness and lengths."""
    within = cosine * np.maximum(one, other) / np.maximum(np.minimum(one, other), 1)
    return np.minimum(within, 1).astype(np.float32)


def _empty(vectors: csr_matrix) -> npt.NDArray[np.bool_]:
    empty: npt.NDArray[np.bool_] = np.diff(vectors.indptr) == 0
    return empty


def _acts(left: Ints, right: Ints) -> tuple[Features, npt.NDArray[np.bool_]]:
    """Return the share of acts that two records have in common, and whether both name acts but no common one."""
    both = np.bitwise_count(left & right).astype(np.float32)
    either = np.bitwise_count(left | right).astype(np.float32)
    named = (left != 0) & (right != 0)
    return both / np.maximum(either, 1), named & (both == 0)


def _same(left: Rows, right: Rows, i: Ints, j: Ints, key: str) -> npt.NDArray[np.bool_]:
    one, other = left.keys[key][i], right.keys[key][j]
    same: npt.NDArray[np.bool_] = (one == other) & (one >= 0)
    return same


def _other(left: Rows, right: Rows, i: Ints, j: Ints, key: str) -> npt.NDArray[np.bool_]:
    one, other = left.keys[key][i], right.keys[key][j]
    differ: npt.NDArray[np.bool_] = (one != other) & (one != -1) & (other != -1)
    return differ


def _share_one(
    left: Rows, right: Rows, i: Ints, j: Ints, name: str
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return whether two records share a value of a set, and whether both sets are known."""
    ones = [column[i] for column in left.sets[name].T]
    others = [column[j] for column in right.sets[name].T]
    share = np.zeros(len(i), dtype=bool)
    for one in ones:
        known = one >= 0
        if known.any():
            for other in others:
                share |= (one == other) & known
    return share, (ones[0] != -1) & (others[0] != -1)


def _named(left: Rows, right: Rows, i: Ints, j: Ints, how: str) -> npt.NDArray[np.bool_]:
    """Tell whether the text of one record says (or spells out) the short name of the other."""
    named = np.zeros(len(i), dtype=bool)
    for one, at, other, place in ((left, i, right, j), (right, j, left, i)):
        label = other.keys["label"][place]
        for column in one.sets[how].T:
            named |= (column[at] == label) & (label >= 0)
    return named


def _labels_alike(left: Rows, right: Rows, i: Ints, j: Ints, *, but: npt.NDArray[np.bool_]) -> Features:
    """Return how alike the short names are spelled; 0 at or below LABEL_FLOOR, for names too short to tell, and for `but`."""
    long_left, long_right = (np.char.str_len(rows.labels) >= LONG_LABEL for rows in (left, right))
    asked = np.flatnonzero(long_left[i] & long_right[j] & ~but)
    one, other = left.labels[i[asked]].tolist(), right.labels[j[asked]].tolist()
    ratio = process.cpdist(one, other, scorer=fuzz.ratio, dtype=np.float32)
    alike = np.zeros(len(i), dtype=np.float32)
    alike[asked] = _above_floor(ratio)
    return alike


def label_likeness(label: str, others: Sequence[str]) -> Features:
    """Return how alike a short name is to each of others, as `label_alike` has it."""
    return _above_floor(process.cdist([label], others, scorer=fuzz.ratio, dtype=np.float32)[0])


def _above_floor(ratio: Features) -> Features:
    """Return likeness in percent as a share of the way from LABEL_FLOOR to equal."""
    alike: Features = np.clip((ratio / 100 - LABEL_FLOOR) / (1 - LABEL_FLOOR), 0, 1)
    return alike
