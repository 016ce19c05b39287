"""A list of applications made ready to compare: words, vectors and codes as arrays, in the order of their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from terpadu.portfolio.rules.overlap.normalise import (
    Normaliser,
    Text,
    Words,
    learn_places,
    text_of,
    used_words,
)
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vectors import Space, Spelling, columns_of, counts, rarity, unit
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
KEYS = ("host", "site", "store", "agency", "region", "klass", "label", "text")
SETS = ("rab3", "rab2", "ral2", "users", "topics")
KEPT_OF_A_SET = 3
OFFICE_ZONES = frozenset({"go", "desa", "mil", "sch", "ac"})
SITE_PARTS, SHORT_ZONE = 3, 3
STORE_SITES = frozenset({"play.google.com", "apps.apple.com"})
UNKNOWN = -1
UNSEEN = -2
RAB_FUNCTION, RAB_AFFAIR, RAL_AREA = len("RAB.00.00.00"), len("RAB.00.00"), len("RAL.00.00")
RAB_SECTOR = len("RAB.00")


@dataclass(frozen=True)
class Rows:
    """Records ready to compare; row k of every array belongs to the k-th record.

    words, objects, names: unit vectors over all words, the words that are no act, the words of the name. near: those of all
    words, spread to words that are spelled alike. acts: bit masks. keys: a number for each value, equal
    when the values are, -1 when not known. sets: the same for up to three values a record, in three columns.
    """

    said: tuple[Words, ...]
    words: csr_matrix
    near: csr_matrix
    objects: csr_matrix
    names: csr_matrix
    acts: Ints
    keys: dict[str, Ints]
    sets: dict[str, Ints]


class Encoder:
    """Turns records into rows, with the words, rarities and numbers of the list that it was made from."""

    def __init__(
        self, texts: Sequence[Text], records: Sequence[OverlapRecord], vocabulary: Vocabulary
    ) -> None:
        """Learn places, words and their rarity from a list; texts: the records' plain words, in the same order."""
        used = used_words(texts)
        places = learn_places(texts, agencies=[record.agency_code for record in records], used=used)
        self.normaliser = Normaliser(vocabulary, places=places, used=used)
        self.said = tuple(map(self.normaliser.words, texts))
        words = [one.words for one in self.said]
        columns = columns_of(words)
        self.word_space = Space(columns, rarity(counts(words, columns)))
        self.spelling = Spelling(list(columns))
        self.act_bits = {act: bit for bit, act in enumerate(sorted(_act_names(vocabulary)))}
        self.numbers: dict[str, dict[str, int]] = {name: {} for name in (*KEYS, *SETS)}
        self.rows = self._rows(records, self.said, grows=True)

    def encode(self, records: Sequence[OverlapRecord]) -> Rows:
        """Return rows for records that are not of the list; words and values it has not seen match nothing."""
        said = tuple(self.normaliser.words(text_of(record)) for record in records)
        return self._rows(records, said, grows=False)

    def _rows(self, records: Sequence[OverlapRecord], said: tuple[Words, ...], *, grows: bool) -> Rows:
        words = self.word_space.vectors([one.words for one in said])
        keys = [_keys(record, one) for record, one in zip(records, said, strict=True)]
        sets = [_sets(record) for record in records]
        return Rows(
            said=said,
            words=words,
            near=self._near(words, [one.words for one in said], known=grows),
            objects=self.word_space.vectors([one.objects for one in said]),
            names=self.word_space.vectors([one.name_words for one in said]),
            acts=np.array([sum(1 << self.act_bits[act] for act in one.acts) for one in said], dtype=np.int64),
            keys={
                name: self._numbered(name, [row[at] for row in keys], grows=grows)
                for at, name in enumerate(KEYS)
            },
            sets={
                name: self._sets(name, [row[at] for row in sets], grows=grows) for at, name in enumerate(SETS)
            },
        )

    def _near(self, words: csr_matrix, texts: list[tuple[str, ...]], *, known: bool) -> csr_matrix:
        """Return the vectors spread to words spelled alike, so that a typing error or a missed affix still meets its word."""
        spread = words @ self.spelling.among_known()
        if not known:
            unseen = {word: None for text in texts for word in text if word not in self.word_space.columns}
            if unseen:
                columns = columns_of([list(unseen)])
                spread = spread + counts(texts, columns) @ self.spelling.towards_known(list(unseen))
        return unit(csr_matrix(spread))

    def _numbered(self, name: str, values: list[str], *, grows: bool) -> Ints:
        known = self.numbers[name]
        if grows:
            for value in values:
                if value:
                    known.setdefault(value, len(known))
        return np.array([known.get(value, UNSEEN) if value else UNKNOWN for value in values], dtype=np.int64)

    def _sets(self, name: str, values: list[tuple[str, ...]], *, grows: bool) -> Ints:
        flat = [one for row in values for one in (*row[:KEPT_OF_A_SET], "", "", "")[:KEPT_OF_A_SET]]
        return np.asfortranarray(self._numbered(name, flat, grows=grows).reshape(len(values), KEPT_OF_A_SET))


@dataclass(frozen=True)
class Corpus:
    """A list of records with their rows, both in the order of the ids. sha256: the digest of the records."""

    records: tuple[OverlapRecord, ...]
    encoder: Encoder
    sha256: str

    @property
    def rows(self) -> Rows:
        """The rows of the records."""
        return self.encoder.rows


def corpus_of(records: Iterable[OverlapRecord], vocabulary: Vocabulary) -> Corpus:
    """Return the records ready to compare. Raises ValueError when two records have one id."""
    ordered = tuple(sorted(records, key=lambda record: record.id))
    if len({record.id for record in ordered}) < len(ordered):
        raise ValueError("two records have the same id")
    digest = hashlib.sha256("\n".join(map(repr, ordered)).encode()).hexdigest()
    return Corpus(ordered, Encoder([text_of(record) for record in ordered], ordered, vocabulary), digest)


def _keys(record: OverlapRecord, said: Words) -> tuple[str, ...]:
    """Return the values that two records share or not, in the order of KEYS."""
    text = " ".join(said.words) if len(said.words) > 1 else ""
    return (
        plain_host(record.host),
        site_of(plain_host(record.host)),
        (record.store_id or "").lower(),
        record.agency_code,
        record.region_code or "",
        record.klass,
        said.label,
        text,
    )


def _sets(record: OverlapRecord) -> tuple[tuple[str, ...], ...]:
    """Return the values of which two records may share one, in the order of SETS."""
    return (
        tuple(code[:RAB_FUNCTION] for code in record.rab if len(code) >= RAB_FUNCTION),
        tuple(code[:RAB_AFFAIR] for code in record.rab if len(code) >= RAB_AFFAIR),
        tuple(code[:RAL_AREA] for code in record.ral if len(code) >= RAL_AREA),
        tuple(one.lower() for one in record.users),
        tuple(one.lower() for one in record.data_topics),
    )


def plain_host(address: str | None) -> str:
    """Return the host and the first part of the path, without scheme, "www." and port; empty for no public host."""
    bare = (address or "").strip().lower().split("://")[-1].removeprefix("www.")
    host, _, path = bare.partition("/")
    host = host.split(":")[0]
    if "." not in host or host.startswith(("localhost", "10.", "192.168.", "127.")):
        return ""
    if host in STORE_SITES:
        return ""
    first = path.split("/")[0].split("?")[0]
    return f"{host}/{first}" if first and "." not in first else host


def site_of(host: str) -> str:
    """Return the site under which a host stands, such as "produk.co.id" of "desa.produk.co.id"; empty for an office's own.

    An office keeps all its applications under its government domain, so that domain says nothing about a product.
    """
    parts = host.split("/")[0].split(".")
    if len(parts) < SITE_PARTS or parts[-2] in OFFICE_ZONES or parts[-1].isdigit():
        return ""
    return ".".join(parts[-SITE_PARTS:] if len(parts[-2]) <= SHORT_ZONE else parts[1 - SITE_PARTS :])


def _act_names(vocabulary: Vocabulary) -> set[str]:
    named = {act for _, act in vocabulary.phrases.values() if act}
    return named | set(vocabulary.acts.values()) | set(vocabulary.stem_acts.values())
