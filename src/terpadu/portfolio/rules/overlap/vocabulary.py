"""The words that the rules know: synonyms with date and source, acts, boilerplate, place names; one version for all of it."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from Sastrawi.Stemmer.StemmerFactory import StemmerFactory
from Sastrawi.StopWordRemover.StopWordRemoverFactory import StopWordRemoverFactory

SYNONYMS, ACTS, BOILERPLATE = "synonyms.csv", "acts.csv", "boilerplate.csv"
Phrase = tuple[str, ...]
SHORTEST_AFFIXED = 5
SHORTEST_PART = 3
PREFIXES = ("me", "pe", "be", "te", "di", "ke", "se", "ku", "kau")
SUFFIXES = ("an", "i", "kan", "nya", "lah", "kah", "tah", "pun", "ku", "mu")


@dataclass(frozen=True)
class Vocabulary:
    """What words mean here.

    synonyms, acts: what a single word is kept as or names, by the word as written; `stem_synonyms`, `stem_acts` the same by
    its stem, for the terms that the tables mark with an asterisk or that are their own stem. phrases: phrase of stems → the
    word it is kept as and the act it names, either empty, both for a phrase that says nothing. boilerplate: stems that say nothing about an application. places:
    region names as phrases of plain words. version: the digest of all of it.
    """

    synonyms: dict[str, str]
    stem_synonyms: dict[str, str]
    acts: dict[str, str]
    stem_acts: dict[str, str]
    phrases: dict[Phrase, tuple[str, str]]
    boilerplate: frozenset[str]
    places: frozenset[Phrase]
    version: str

    def named_acts(self) -> set[str]:
        """Return the names of all acts."""
        of_phrases = {act for _, act in self.phrases.values() if act}
        return of_phrases | set(self.acts.values()) | set(self.stem_acts.values())


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary that comes with this version of Terpadu."""
    texts = {name: _text(name) for name in (SYNONYMS, ACTS, BOILERPLATE)}
    return vocabulary_of(texts, places=_region_names())


def vocabulary_of(texts: dict[str, str], *, places: list[str]) -> Vocabulary:
    """Return the vocabulary of three tables in CSV, by their names, and of region names such as "Aceh Selatan"."""
    kept = [
        (term, _one_word(row["canonical"]))
        for row in _rows(texts[SYNONYMS])
        for term in (row["canonical"], *_terms(row))
    ]
    acts = [(term, row["act"]) for row in _rows(texts[ACTS]) for term in _terms(row)]
    phrases = {_stems(term): (word, "") for term, word in kept if " " in term}
    for term, act in acts:
        if " " in term:
            phrases[_stems(term)] = (phrases.get(_stems(term), ("", ""))[0], act)
    said = [term for row in _rows(texts[BOILERPLATE]) for term in _terms(row)]
    set_phrases = {_stems(term): ("", "") for term in said if " " in term}
    phrases = _written_apart(_as_written(kept), _as_written(acts)) | set_phrases | phrases
    boilerplate = {stem(_plain(term)) for term in said if " " not in term}
    boilerplate |= {stem(word) for word in StopWordRemoverFactory().get_stop_words()}
    named = frozenset(tuple(name.lower().split()) for name in places)
    digest = hashlib.sha256(repr((sorted(texts.items()), sorted(named))).encode()).hexdigest()
    return Vocabulary(
        synonyms=_as_written(kept),
        stem_synonyms=_by_stem(kept),
        acts=_as_written(acts),
        stem_acts=_by_stem([(term, act) for term, act in acts if term.endswith("*")]),
        phrases=phrases,
        boilerplate=frozenset(boilerplate),
        places=named,
        version=digest[:16],
    )


def _written_apart(words: dict[str, str], acts: dict[str, str]) -> dict[Phrase, tuple[str, str]]:
    """Return terms of one word as the phrases of two words into which people part them, such as "geo spasial"."""
    return {
        (term[:at], term[at:]): (words.get(term, ""), acts.get(term, ""))
        for term in words | acts
        for at in range(SHORTEST_PART, len(term) - SHORTEST_PART + 1)
    }


def _as_written(terms: list[tuple[str, str]]) -> dict[str, str]:
    return {_plain(term): meaning for term, meaning in terms if " " not in term}


def _by_stem(terms: list[tuple[str, str]]) -> dict[str, str]:
    """Return the terms that hold for every form of their stem: marked so, or a stem themselves."""
    return {
        stem(_plain(term)): meaning
        for term, meaning in terms
        if " " not in term and (term.endswith("*") or stem(_plain(term)) == _plain(term))
    }


def _plain(term: str) -> str:
    return term.lower().rstrip("*").replace("-", "")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the stem of one lower-case word (Nazief and Adriani's rules as PySastrawi has them); short words stay."""
    if len(word) < SHORTEST_AFFIXED or word in root_words() or not may_have_affix(word):
        return word
    return str(_stemmer().stem(word))


def may_have_affix(word: str) -> bool:
    """Tell whether a word begins or ends as affixed words do, which is all that stemming can change."""
    return word.startswith(PREFIXES) or word.endswith(SUFFIXES)


@cache
def root_words() -> frozenset[str]:
    """Return the root words of PySastrawi's dictionary."""
    return frozenset(StemmerFactory().get_words())


@cache
def _stemmer() -> Any:
    return StemmerFactory().create_stemmer()


def _one_word(canonical: str) -> str:
    return "_".join(_stems(canonical))


def _stems(term: str) -> Phrase:
    return tuple(stem(word) for word in _plain(term).split())


def _terms(row: dict[str, str]) -> list[str]:
    return [term.strip() for term in row["terms"].split(";") if term.strip()]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _text(name: str) -> str:
    return (files("terpadu.portfolio") / "data" / "overlap" / name).read_text(encoding="utf-8")


def _region_names() -> list[str]:
    """Return the bare names of provinces, regencies and cities."""
    from lokal import wilayah  # here, not above: it takes 0.4 s

    provinces = wilayah.list_wilayah(None)
    regions = [region for province in provinces for region in wilayah.list_wilayah(province.code)]
    return [region.name.removeprefix("Kabupaten ").removeprefix("Kota ") for region in (*provinces, *regions)]
