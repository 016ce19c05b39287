"""Typing errors: a word that a list uses once or twice, one slip away from a word it uses often, is read as that word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from rapidfuzz.distance import OSA

RARE = 2
OFTEN = 4
SHORTEST = 5


class Corrections:
    """Finds the often used word that is one slip (letter dropped, added, changed, or two swapped) away."""

    def __init__(self, used: Counter[str], *, known: Iterable[str] = ()) -> None:
        """Take how often each word is used, and words that are right however seldom they are used."""
        self._used = used
        self._right = {word for word, count in used.items() if count >= OFTEN} | set(known)

    @cached_property
    def _by_shortening(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in sorted(self._right):
            if len(word) >= SHORTEST:
                for shortened in shortenings(word):
                    found.setdefault(shortened, []).append(word)
        return found

    def correct(self, word: str) -> str:
        """Return the word meant; the word itself when it is used often, short, or no other is near."""
        if len(word) < SHORTEST - 1 or word in self._right or self._used[word] > RARE:
            return word  # a slip may have cost the shortest word that can be mended one of its letters
        near = {
            right
            for shortened in shortenings(word)
            for right in self._by_shortening.get(shortened, ())
            if OSA.distance(word, right, score_cutoff=1) == 1
        }
        return max(near, key=lambda right: (self._used[right], right), default=word)


def shortenings(word: str) -> list[str]:
    """Return the word and all forms of it with one letter less."""
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]
