"""Words out of names and function texts: acronyms apart, places and boilerplate away, stems, synonyms, acts."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple

from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.spelling import Corrections
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary, root_words, stem

MARKUP = re.compile(r"<[^>]*>|https?://\S+|\b[\w-]+(?:\.[\w-]+){2,}\S*")
MARKED = re.compile(r"[<&]|://|\w\.\w")
HYPHENATED = re.compile(r"\be-")
TOKEN = re.compile(r"[a-z]+(?:\d+[a-z]*)?|\d{3,}")
BRACKETS = re.compile(r"\(([^()]*)\)")
SLASH = " / "
ADDRESS = re.compile(r"^(?:https?://)?(?:www\.)?([\w-]+)(?:\.[\w-]+){2,}\S*$", re.IGNORECASE)
PLACE_KINDS = frozenset(
    (
        "kota",
        "kabupaten",
        "kab",
        "provinsi",
        "prov",
        "kecamatan",
        "kec",
        "desa",
        "kelurahan",
        "kel",
        "pemkot",
        "pemkab",
    )
)
NOT_A_LABEL = PLACE_KINDS | {
    "aplikasi",
    "sistem",
    "informasi",
    "website",
    "web",
    "software",
    "si",
    "layanan",
    "portal",
    "mobile",
    "android",
    "ios",
    "apps",
    "app",
}
LEARNED_SHARE = 0.3
LEARNED_AGENCIES = 3
LABEL_WORDS = 3
ACT_MARK = "="
SHORTEST_PLACE = 3
SHORTEST_ROOT = 4


@dataclass(frozen=True, slots=True)
class Words:
    """What one record says. label: its short name in one string. words: all canonical stems, and acts as "=watch".

    objects: the words that are not an act. acts: what the application does with them. name_words: the canonical stems of the name alone.
    """

    label: str
    words: tuple[str, ...]
    objects: tuple[str, ...]
    acts: frozenset[str]
    name_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The plain words of one record: of its short name, of its written-out name, of its function."""

    short: tuple[str, ...]
    written_out: tuple[str, ...]
    function: tuple[str, ...]


def text_of(record: OverlapRecord) -> Text:
    """Return the plain words of one record."""
    short, written_out = split_name(ADDRESS.sub(r"\1", record.name.strip()))
    said = (short, written_out, record.function)
    return Text(
        *(tuple(map(intern, tokens(text))) for text in said)
    )  # a list says the same words again and again


class _Token(NamedTuple):
    """What one word is: its stem, what it is kept as ("" for boilerplate), its act, and whether a phrase or place begins here."""

    plain: str
    stem: str
    word: str
    act: str
    opens_phrase: bool
    opens_place: bool


class Normaliser:
    """Turns texts to words with one vocabulary and the places learned from one list; remembers every token it met."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        places: frozenset[str] = frozenset(),
        used: Counter[str] | None = None,
    ) -> None:
        """Take the vocabulary, the single words that are places in the list at hand, and how often the list uses each word."""
        self.vocabulary = vocabulary
        self.used = used or Counter()
        self._corrections = Corrections(self.used, known=(*vocabulary.synonyms, *vocabulary.acts))
        self.places = places
        self._phrase_openers = {phrase[0] for phrase in vocabulary.phrases}
        self._phrase_openings = {phrase[:2] for phrase in vocabulary.phrases}
        self._place_openers = {place[0] for place in vocabulary.places}
        self._longest = max(map(len, vocabulary.phrases), default=1)
        self._known: dict[str, _Token] = {}

    def words(self, text: Text) -> Words:
        """Return what a record's name and function say."""
        label = [token.plain for token in self._known_words(text.short or text.written_out)]
        name = self._read([*filter(self._is_word, text.short), *text.written_out])
        function = self._read(text.function)
        return Words(
            label="".join([word for word in label if word not in NOT_A_LABEL][:LABEL_WORDS]),
            words=name.words + function.words,
            objects=name.objects + function.objects,
            acts=name.acts | function.acts,
            name_words=name.words,
        )

    def _is_word(self, plain: str) -> bool:
        """Tell words from coined names: only words of the dictionary or the vocabulary say what an application does."""
        known = self.vocabulary
        is_known = plain in known.synonyms or plain in known.acts or stem(plain) in root_words()
        return is_known or self._without_e(plain) != plain

    def _meant(self, written: str) -> str:
        """Return the word that a written one stands for: typing errors mended, but no word of the dictionary taken for one."""
        plain = self._without_e(written)
        if plain != written:
            return plain
        corrected = self._corrections.correct(written)
        return written if corrected != written and self._is_word(written) else corrected

    def _without_e(self, plain: str) -> str:
        """Return a word without the "e" of "electronic" before it, when what is left is a word and it was none with it."""
        if not plain.startswith("e") or plain in self.vocabulary.synonyms or plain in self.vocabulary.acts:
            return plain
        rest = plain[1:]
        is_known = rest in self.vocabulary.synonyms or (len(rest) >= SHORTEST_ROOT and rest in root_words())
        return rest if is_known and plain not in root_words() else plain

    def _read(self, plain: Sequence[str]) -> Words:
        kept = self._known_words(plain)
        words: list[str] = []
        objects: list[str] = []
        acts: set[str] = set()
        at = 0
        while at < len(kept):
            token = kept[at]
            length, word, act = self._meaning(kept, at) if token.opens_phrase else (1, token.word, token.act)
            at += length
            if act:
                acts.add(act)
                words.append(f"{ACT_MARK}{act}")
            if word:
                words.append(word)
                objects.append(word)
        return Words("", tuple(words), tuple(objects), frozenset(acts), ())

    def _meaning(self, kept: list[_Token], at: int) -> tuple[int, str, str]:
        """Return how many tokens are read as one, the word they are kept as, and the act they name; longest phrase first."""
        token = kept[at]
        if at + 1 < len(kept) and (token.stem, kept[at + 1].stem) in self._phrase_openings:
            stems = tuple([one.stem for one in kept[at : at + self._longest]])
            for length in range(len(stems), 1, -1):
                found = self.vocabulary.phrases.get(stems[:length])
                if found:
                    return length, *found
        return 1, token.word, token.act

    def _known_words(self, plain: Sequence[str]) -> list[_Token]:
        """Return what is known of the words, without places."""
        found = [self._known.get(word) or self._learn(word) for word in plain]
        if not any([token.opens_place for token in found]):
            return found
        kept: list[_Token] = []
        at = 0
        while at < len(found):
            length = self._place_length(plain, at) if found[at].opens_place else 0
            if not length:
                kept.append(found[at])
            at += length or 1
        return kept

    def _place_length(self, plain: Sequence[str], at: int) -> int:
        if plain[at] in self.places:
            return 1
        return next((n for n in (3, 2, 1) if tuple(plain[at : at + n]) in self.vocabulary.places), 0)

    def _learn(self, plain: str) -> _Token:
        known = self.vocabulary
        written = plain
        plain = self._meant(plain)
        root = stem(plain)
        canonical = known.synonyms.get(plain) or known.stem_synonyms.get(root)
        act = known.acts.get(plain) or known.stem_acts.get(root) or ""
        token = _Token(
            plain=written,
            stem=root,
            word=canonical or ("" if act or root in known.boilerplate else root),
            act=act,
            opens_phrase=root in self._phrase_openers,
            opens_place=plain in self._place_openers or plain in self.places,
        )
        self._known[written] = token
        return token


def tokens(text: str) -> list[str]:
    """Return the lower-case words of a text, without markup, addresses and short numbers."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    if MARKED.search(plain):
        plain = MARKUP.sub(" ", html.unescape(plain))
    return TOKEN.findall(HYPHENATED.sub("e", plain) if "e-" in plain else plain)


def split_name(name: str) -> tuple[str, str]:
    """Return a name's short form and its written-out form, either of them empty when the name has only the other.

    "SIPD (Sistem Informasi Pembangunan Daerah)" and "Sistem Informasi Pembangunan Daerah (SIPD)" give the same.
    """
    inside = " ".join((*BRACKETS.findall(name), *BRACKETS.sub(" ", name).split(SLASH)[1:])).strip()
    outside = " ".join(BRACKETS.sub(" ", name).split(SLASH)[0].split())
    if not inside:
        return ("", outside) if len(outside.split()) > LABEL_WORDS else (outside, "")
    short, long = sorted((inside, outside), key=lambda part: (len(part.split()), len(part)))
    return short, long


def used_words(texts: Sequence[Text]) -> Counter[str]:
    """Return how often the texts use each word outside short names."""
    used: Counter[str] = Counter()
    for text in texts:
        used.update(text.written_out)
        used.update(text.function)
    return used


def learn_places(texts: Sequence[Text], *, agencies: Sequence[str], used: Counter[str]) -> frozenset[str]:
    """Return the words that are place names in this list: they follow "kota", "kabupaten" … and belong to few agencies.

    agencies: the owner of each text, empty when unknown. used: how often the list uses each word. Lists without agencies teach nothing. The country's own region
    names are known anyway; this finds villages, districts and names that are not on any list.
    """
    after: Counter[str] = Counter()
    owners: dict[str, set[str]] = {}
    for text, agency in zip(texts, agencies, strict=True):
        for words in (text.short, text.written_out, text.function) if agency else ():
            for kind in PLACE_KINDS.intersection(words):
                at = words.index(kind) + 1
                if at < len(words):
                    after[words[at]] += 1
                    owners.setdefault(words[at], set()).add(agency)
    return frozenset(
        word
        for word, count in after.items()
        if count >= used[word] * LEARNED_SHARE
        and len(owners[word]) <= LEARNED_AGENCIES
        and len(word) > SHORTEST_PLACE
    )
