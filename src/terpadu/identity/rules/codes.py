"""Pure rules of codes that people read out, type and compare."""

from __future__ import annotations

from random import Random

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Thirty marks that nobody confuses: no 0 O, 1 I L, U."""


def code_from(numbers: list[int]) -> str:
    """Write random numbers (each 0 to 29) as a code."""
    return "".join(ALPHABET[number] for number in numbers)


def tidy_code(typed: str) -> str:
    """Return a code as typed without spaces and hyphens, in capitals; "" when it has a mark that no code has."""
    plain = "".join(mark for mark in typed.upper() if mark.isalnum())
    return plain if all(mark in ALPHABET for mark in plain) else ""


def spaced(code: str, *, group: int = 4) -> str:
    """Write a code in groups, so that it can be read out."""
    return " ".join(code[start : start + group] for start in range(0, len(code), group))


def choices_for(number: int, *, seed: int) -> tuple[int, ...]:
    """Return three different two-digit numbers in order: `number` and two decoys drawn from `seed`."""
    others = [other for other in range(10, 100) if other != number]
    decoys = Random(seed).sample(others, 2)  # noqa: S311 - decoys beside the number, not a secret
    return tuple(sorted((number, *decoys)))
