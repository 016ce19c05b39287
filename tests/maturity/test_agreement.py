"""Agreement of assessors, held against published worked examples."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.maturity.rules.agreement import cohen_kappa, fleiss_kappa

# The worked example of Fleiss (1971) as it is usually reprinted: 10 subjects, 14 raters, 5 categories, kappa 0.210.
FLEISS_COUNTS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]
PAIRS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40)


def test_fleiss_kappa_of_the_known_example_is_0_210() -> None:
    ratings = [[level for level, n in enumerate(row, 1) for _ in range(n)] for row in FLEISS_COUNTS]

    kappa = fleiss_kappa(ratings)

    assert kappa is not None
    assert round(float(kappa), 3) == 0.210


def test_cohen_kappa_of_fifty_proposals_is_0_4() -> None:
    pairs = [(1, 1)] * 20 + [(1, 2)] * 5 + [(2, 1)] * 10 + [(2, 2)] * 15

    assert cohen_kappa(pairs) == Fraction(2, 5)


@given(PAIRS)
def test_cohen_kappa_is_symmetric_and_at_most_one(pairs: list[tuple[int, int]]) -> None:
    kappa = cohen_kappa(pairs)

    assert kappa == cohen_kappa([(b, a) for a, b in pairs])
    assert kappa is None or kappa <= 1


@given(PAIRS)
def test_kappa_of_full_agreement_is_one_or_says_nothing(pairs: list[tuple[int, int]]) -> None:
    same = [(a, a) for a, _ in pairs]

    assert cohen_kappa(same) in (Fraction(1), None)
    assert fleiss_kappa(same) in (Fraction(1), None)


def test_kappa_without_ratings_says_nothing() -> None:
    assert cohen_kappa([]) is None
    assert fleiss_kappa([]) is None


def test_fleiss_kappa_with_unequal_numbers_of_ratings_is_refused() -> None:
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa([[1, 2], [1, 2, 3]])
