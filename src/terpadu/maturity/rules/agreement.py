"""How far assessors agree beyond chance: Cohen's kappa for two, Fleiss' kappa for any number.

Cohen (1960) and Fleiss (1971): kappa = (observed - expected) / (1 - expected). Exact fractions; None when every
rating is the same, because then nothing can be said about chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction


def cohen_kappa(pairs: Sequence[tuple[int, int]]) -> Fraction | None:
    """Return the agreement of two assessors.

    pairs: the two levels given to each rated item. Returns a value of at most 1; None without items or variation.
    """
    if not pairs:
        return None
    count = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = Fraction(sum(a == b for a, b in pairs), count)
    expected = Fraction(sum(first[level] * second[level] for level in first), count**2)
    return _kappa(observed, expected)


def fleiss_kappa(ratings: Sequence[Sequence[int]]) -> Fraction | None:
    """Return the agreement of several assessors, not necessarily the same ones for each item.

    ratings: for each item the levels it was given, the same number (>= 2) for every item. Raises ValueError otherwise.
    """
    if not ratings:
        return None
    raters = len(ratings[0])
    if raters < 2 or any(len(item) != raters for item in ratings):
        raise ValueError("every item needs the same number of ratings, at least two")
    counts = [Counter(item) for item in ratings]
    pairs = raters * (raters - 1)
    observed = sum(
        (Fraction(sum(n * (n - 1) for n in item.values()), pairs) for item in counts), Fraction()
    ) / len(ratings)
    totals: Counter[int] = Counter()
    for item in counts:
        totals.update(item)
    expected = sum((Fraction(n, len(ratings) * raters) ** 2 for n in totals.values()), Fraction())
    return _kappa(observed, expected)


def _kappa(observed: Fraction, expected: Fraction) -> Fraction | None:
    return None if expected == 1 else (observed - expected) / (1 - expected)
