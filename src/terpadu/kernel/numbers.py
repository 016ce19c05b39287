"""Exact numbers: read from text, rounded half up only when published, written without loss."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_FRACTION = re.compile(r"([0-9]+)/([1-9][0-9]*)")


def exact(text: str) -> Fraction | None:
    """Read "2.75", "2,75" or "10/3" exactly; None for anything else, such as "tiga" or "1e3"."""
    text = text.strip()
    if match := _FRACTION.fullmatch(text):
        return Fraction(int(match[1]), int(match[2]))
    return Fraction(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def round_half_up(value: Fraction, *, places: int) -> Decimal:
    """Round to decimal places, a tie away from zero, from the exact value (2.945 gives 2.95, 2.9449 gives 2.94)."""
    return quotient_half_up(value.numerator, value.denominator, places=places)


def quotient_half_up(numerator: int, denominator: int, *, places: int) -> Decimal:
    """Divide and round half up as `round_half_up` does, without reducing the fraction first. denominator: > 0."""
    whole = (2 * abs(numerator) * 10**places + denominator) // (2 * denominator)
    return _decimal(whole if numerator >= 0 else -whole, places=places)


def exact_text(value: Fraction) -> str:
    """Write a value in full ("2.9475"), or as a fraction when its decimals never end ("37/12")."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return f"{_decimal(int(value * 10**places), places=places):f}"


@lru_cache(maxsize=4096)
def _decimal(digits: int, *, places: int) -> Decimal:
    """Return digits x 10^-places; made from text, because arithmetic would round to the context's precision."""
    return Decimal(f"{digits}E-{places}")
