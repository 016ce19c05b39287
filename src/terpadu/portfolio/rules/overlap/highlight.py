"""A text in pieces, so that a page can mark the words by which a pair was found."""

from __future__ import annotations

import re
from collections.abc import Collection

from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary, stem

TOKEN = re.compile(r"[a-z]+(?:\d+[a-z]*)?|\d{3,}", re.IGNORECASE)
LONGEST_PHRASE = 4


def pieces(
    text: str, *, words: Collection[str], acts: Collection[str], vocabulary: Vocabulary
) -> list[tuple[str, bool]]:
    """Return a text cut into (piece, is said by both). words, acts: canonical words and acts that both sides say.

    A typing error that the list taught the engine to read is not marked: only the list knows it.
    """
    found = list(TOKEN.finditer(text))
    plain = [one.group().lower() for one in found]
    parts: list[tuple[str, bool]] = []
    at = done = 0
    while at < len(found):
        length, is_shared = _meaning(plain, at, words=words, acts=acts, vocabulary=vocabulary)
        start, end = found[at].start(), found[at + length - 1].end()
        if is_shared:
            parts += [(text[done:start], False), (text[start:end], True)]
            done = end
        at += length
    return [part for part in (*parts, (text[done:], False)) if part[0]]


def _meaning(
    plain: list[str], at: int, *, words: Collection[str], acts: Collection[str], vocabulary: Vocabulary
) -> tuple[int, bool]:
    """Return how many tokens are read as one, and whether both sides say it."""
    stems = tuple(stem(word) for word in plain[at : at + LONGEST_PHRASE])
    for length in range(len(stems), 1, -1):
        if found := vocabulary.phrases.get(stems[:length]):
            return length, (found[0] or "_".join(stems[:length])) in words or found[1] in acts
    word, root = plain[at], stems[0]
    kept = vocabulary.synonyms.get(word) or vocabulary.stem_synonyms.get(root) or root
    act = vocabulary.acts.get(word) or vocabulary.stem_acts.get(root) or ""
    return 1, act in acts if act else kept in words
