"""Short names met in the texts of others: said there as they are, or spelled out in words of which they are the initials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from terpadu.portfolio.rules.overlap.normalise import Text

SHORTEST_NAME, LONGEST_INITIALS, LONGEST_NAME = 3, 8, 16
WORDS_JOINED = 3
CONNECTIVES = frozenset(
    ("dan", "di", "ke", "dari", "yang", "untuk", "pada", "dengan", "atau", "of", "the", "and", "for")
)


class ShortNames:
    """The short names of a list, made ready to be met in texts."""

    def __init__(self, labels: Iterable[str], *, plain: frozenset[str] = frozenset()) -> None:
        """Take the short names, and which words are plain: those are said everywhere and name nothing."""
        known = {label for label in labels if SHORTEST_NAME <= len(label) <= LONGEST_NAME and label.isalpha()}
        self._coined = frozenset(known - plain)
        self._openings = frozenset(name[:end] for name in self._coined for end in range(1, len(name) + 1))
        self._initials = frozenset(label for label in known if len(label) <= LONGEST_INITIALS)
        self._first_initials = frozenset(label[:SHORTEST_NAME] for label in self._initials)

    def said(self, text: Text) -> list[str]:
        """Return the coined names that a text says, beside the one that it begins with; longest first."""
        words = (*text.short[1:], *text.written_out, *text.function)
        return sorted(set(self._names_in(words)), key=_longest_first)

    def spelled_out(self, text: Text) -> list[str]:
        """Return the names whose letters are initials of words in a row, without "dan" and the like; longest first."""
        found = self._by_initials(text.written_out) | self._by_initials(text.function)
        return sorted(found, key=_longest_first)

    def _names_in(self, words: Sequence[str]) -> Iterator[str]:
        for at, joined in enumerate(words):
            for word in ("", *words[at + 1 : at + WORDS_JOINED]) if joined in self._openings else ():
                joined += word
                if joined in self._coined:
                    yield joined

    def _by_initials(self, words: Sequence[str]) -> set[str]:
        letters = "".join([word[0] for word in words if word not in CONNECTIVES])
        return {
            letters[at:end]
            for at in range(len(letters) - SHORTEST_NAME + 1)
            if letters[at : at + SHORTEST_NAME] in self._first_initials
            for end in range(at + SHORTEST_NAME, at + LONGEST_INITIALS + 1)
        } & self._initials


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name
