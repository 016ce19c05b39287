"""Stems of Indonesian words, so that a search finds every form of a word: "kepegawaian" and "pegawai" are one."""

from __future__ import annotations

import re

from terpadu.portfolio.rules.overlap.vocabulary import root_words, stem

WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, in their order."""
    return WORD.findall(text.lower())


def stems(text: str) -> str:
    """Return the distinct stems of a text's words, parted by spaces; a word that is its own stem is left out."""
    found = dict.fromkeys(words(text))
    return " ".join(dict.fromkeys(root for word in found if (root := stem(word)) != word))


def is_word(word: str) -> bool:
    """Tell whether a word has an Indonesian root, so that its stem stands for it; else it may be a name, or only begun."""
    return stem(word) in root_words()
