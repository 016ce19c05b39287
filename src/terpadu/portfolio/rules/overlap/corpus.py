"""A list of applications made ready to compare: words, vectors and codes as arrays, in the order of their ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from terpadu.portfolio.rules.overlap.addresses import plain_host, site_of
from terpadu.portfolio.rules.overlap.names import ShortNames
from terpadu.portfolio.rules.overlap.normalise import (
    Normaliser,
    Text,
    Words,
    learn_places,
    text_of,
    used_words,
)
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vectors import Floats, Space, Spelling, columns_of, counts, rarity, unit
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary, root_words

Ints = npt.NDArray[np.int64]
Strings = npt.NDArray[np.str_]
KEYS = ("host", "site", "store", "agency", "region", "klass", "label", "text")
SETS = ("rab3", "rab2", "ral2", "users", "topics", "said", "spelled")
KEPT_OF_A_SET = 3
UNKNOWN = -1
RAB_FUNCTION, RAB_AFFAIR, RAL_AREA = len("RAB.00.00.00"), len("RAB.00.00"), len("RAL.00.00")
RAB_SECTOR = len("RAB.00")


@dataclass(frozen=True)
class Rows:
    """Records ready to compare; row k of every array belongs to the k-th record.

    words, objects, names: unit vectors over all words, the words that are no act, the words of the name. near: those of all
    words, spread to words that are spelled alike. lengths: of the objects before they were made units. labels: short names. acts: bit masks. keys: a number for each value, the
    same for the same value in every list, -1 when not known. sets: the same for up to three values a record, in three columns; "said" and
    "spelled" are short names of the list that a record's text says or spells out, numbered as the key "label".
    """

    words: csr_matrix
    near: csr_matrix
    objects: csr_matrix
    names: csr_matrix
    lengths: Floats
    labels: Strings
    acts: Ints
    keys: dict[str, Ints]
    sets: dict[str, Ints]


class Encoder:
    """Turns records into rows, with the words and the rarities of one list."""

    def __init__(
        self, *, normaliser: Normaliser, space: Space, spelling: Spelling, labels: Iterable[str]
    ) -> None:
        """Take what a list taught: how its texts are read, its words with their rarity and spelling, its short names."""
        self.normaliser = normaliser
        self.space = space
        self.spelling = spelling
        self.terms = tuple(space.columns)
        self.names = ShortNames(labels, plain=root_words() | normaliser.vocabulary.acts.keys())
        self.act_bits = {act: bit for bit, act in enumerate(sorted(normaliser.vocabulary.named_acts()))}

    def encode(self, record: OverlapRecord) -> tuple[Rows, Words]:
        """Return the row of a record that is not of the list, and what it says; words the list has not match nothing."""
        text = text_of(record)
        said = self.normaliser.words(text)
        return self.rows([record], [text], [said], is_own=False), said

    def rows(
        self,
        records: Sequence[OverlapRecord],
        texts: Sequence[Text],
        said: Sequence[Words],
        *,
        is_own: bool,
    ) -> Rows:
        """Return the rows of records with their texts and words; is_own: whether the words were learned from them."""
        words = self.space.vectors([one.words for one in said])
        keys = _columns(map(_keys, records, said), width=len(KEYS))
        sets = _columns(map(self._sets, records, texts), width=len(SETS) * KEPT_OF_A_SET)
        return Rows(
            words=words,
            near=self._near(words, [] if is_own else [one.words for one in said]),
            objects=self.space.vectors([one.objects for one in said]),
            names=self.space.vectors([one.name_words for one in said]),
            lengths=self.space.lengths([one.objects for one in said]),
            labels=np.array([one.label for one in said], dtype=np.str_),
            acts=np.array([sum(1 << self.act_bits[act] for act in one.acts) for one in said], dtype=np.int64),
            keys=dict(zip(KEYS, keys.T, strict=True)),
            sets=dict(zip(SETS, np.hsplit(sets, len(SETS)), strict=True)),
        )

    def words_of(self, rows: csr_matrix, place: int) -> set[str]:
        """Return the words that a row of vectors over this list's words says, acts marked."""
        return {self.terms[column] for column in rows.indices[rows.indptr[place] : rows.indptr[place + 1]]}

    def _sets(self, record: OverlapRecord, text: Text) -> tuple[str, ...]:
        """Return the values of which two records may share one, three for each of SETS."""
        return (
            *_sets(record),
            *_three(self.names.said(text)),
            *_three(self.names.spelled_out(text)),
        )

    def _near(self, words: csr_matrix, strange: Sequence[tuple[str, ...]]) -> csr_matrix:
        """Return the vectors spread to words spelled alike, so that a typing error or a missed affix still meets its word.

        strange: texts that may have words which the list has not.
        """
        spread = words @ self.spelling.among_known
        unseen = {word: None for text in strange for word in text if word not in self.space.columns}
        if unseen:
            columns = columns_of([list(unseen)])
            spread = spread + counts(strange, columns) @ self.spelling.towards_known(list(unseen))
        return unit(csr_matrix(spread))


@dataclass(frozen=True)
class Corpus:
    """A list of records with their rows, both in the order of the ids. sha256: the digest of the records."""

    records: tuple[OverlapRecord, ...]
    rows: Rows
    encoder: Encoder
    sha256: str


def corpus_of(records: Iterable[OverlapRecord], vocabulary: Vocabulary) -> Corpus:
    """Return the records ready to compare. Raises ValueError when two records have one id."""
    ordered = tuple(sorted(records, key=lambda record: record.id))
    if len({record.id for record in ordered}) < len(ordered):
        raise ValueError("two records have the same id")
    texts = [text_of(record) for record in ordered]
    normaliser = _normaliser(texts, ordered, vocabulary)
    said = [normaliser.words(text) for text in texts]
    words = [one.words for one in said]
    columns = columns_of(words)
    encoder = Encoder(
        normaliser=normaliser,
        space=Space(columns, rarity(counts(words, columns))),
        spelling=Spelling.of_words(list(columns)),
        labels=[one.label for one in said],
    )
    rows = encoder.rows(ordered, texts, said, is_own=True)
    return Corpus(ordered, rows, encoder, _digest(ordered))


def _digest(records: Sequence[OverlapRecord]) -> str:
    """Return the digest of the records, a line each."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(f"{record!r}\n".encode())
    return digest.hexdigest()


def _normaliser(
    texts: Sequence[Text], records: Sequence[OverlapRecord], vocabulary: Vocabulary
) -> Normaliser:
    """Return how the texts of a list are read, with the places and the typing errors that it shows."""
    used = used_words(texts)
    places = learn_places(texts, agencies=[record.agency_code for record in records], used=used)
    return Normaliser(vocabulary, places=places, used=used)


def _keys(record: OverlapRecord, said: Words) -> tuple[str, ...]:
    """Return the values that two records share or not, in the order of KEYS."""
    host = plain_host(record.host)
    return (
        host,
        site_of(host),
        (record.store_id or "").lower(),
        record.agency_code,
        record.region_code or "",
        record.klass,
        said.label,
        " ".join(said.words) if len(said.words) > 1 else "",
    )


def _sets(record: OverlapRecord) -> tuple[str, ...]:
    """Return the values of a record's own attributes that two records may share, three for each."""
    return (
        *_three([code[:RAB_FUNCTION] for code in record.rab if len(code) >= RAB_FUNCTION]),
        *_three([code[:RAB_AFFAIR] for code in record.rab if len(code) >= RAB_AFFAIR]),
        *_three([code[:RAL_AREA] for code in record.ral if len(code) >= RAL_AREA]),
        *_three([one.lower() for one in record.users]),
        *_three([one.lower() for one in record.data_topics]),
    )


def _three(values: Sequence[str]) -> tuple[str, ...]:
    return (*values[:KEPT_OF_A_SET], "", "", "")[:KEPT_OF_A_SET]


def _columns(rows: Iterable[tuple[str, ...]], *, width: int) -> Ints:
    """Return the numbers that stand for the values of each row, a column for each place in the row."""
    numbers = np.fromiter((number_of(value) for row in rows for value in row), dtype=np.int64)
    return np.asfortranarray(numbers.reshape(-1, width))


@lru_cache(maxsize=200_000)
def number_of(value: str) -> int:
    """Return the number that stands for a value in every list and process, UNKNOWN for an empty one.

    63 bits of its digest: that two of a million values have one number is less likely than one in ten million.
    """
    if not value:
        return UNKNOWN
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest()) >> 1
