"""Vectors of words and of character trigrams, weighted by how rare a term is in the list (TF-IDF)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

Floats = npt.NDArray[np.float32]
GRAM = 3
ALIKE = 0.55
ALIKE_WORDS = 6
THREADS = 2


@dataclass(frozen=True)
class Space:
    """The terms that vectors of one kind are made of. columns: term → column. rarity: inverse document frequency by column."""

    columns: dict[str, int]
    rarity: Floats

    def vectors(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """Return one unit vector for each list of terms: (1 + ln count) · rarity, unknown terms left out."""
        return self.of_counts(counts(texts, self.columns))

    def lengths(self, texts: Sequence[Sequence[str]]) -> Floats:
        """Return the length of each list's vector before it is made a unit: how much it says."""
        weighted = _weighted(counts(texts, self.columns), self.rarity)
        lengths: Floats = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel()).astype(
            np.float32
        )
        return lengths

    def of_counts(self, counted: csr_matrix) -> csr_matrix:
        """Return the unit vectors of counts over this space's columns."""
        return unit(_weighted(counted, self.rarity))


@dataclass(frozen=True)
class Spelling:
    """How alike the words of a list are spelled: cosine of their character trigrams, weighted by rarity.

    space: of the trigrams. words: the words' vectors in it. among_known: the likeness of each word to each other, 1 on the
    diagonal.
    """

    space: Space
    words: csr_matrix
    among_known: csr_matrix

    @classmethod
    def of_words(cls, words: list[str]) -> Spelling:
        """Return the spelling of distinct words, in the order of their columns."""
        texts = [trigrams(word) for word in words] or [[]]
        columns = columns_of(texts)
        space = Space(columns, rarity(counts(texts, columns)))
        vectors = space.vectors(texts)
        return cls(space, vectors, _alike(vectors, vectors))

    def towards_known(self, words: list[str]) -> csr_matrix:
        """Return the likeness of other words to the known ones."""
        return _alike(self.space.vectors([trigrams(word) for word in words]), self.words)


def _alike(vectors: csr_matrix, known: csr_matrix) -> csr_matrix:
    return csr_matrix(
        sp_matmul_topn(
            vectors, known.T.tocsr(), top_n=ALIKE_WORDS, threshold=ALIKE, sort=False, n_threads=THREADS
        )
    )


def columns_of(texts: Iterable[Sequence[str]]) -> dict[str, int]:
    """Return a column for each distinct term, in the order in which the terms appear."""
    return {term: column for column, term in enumerate(dict.fromkeys(chain.from_iterable(texts)))}


def counts(texts: Sequence[Sequence[str]], columns: dict[str, int]) -> csr_matrix:
    """Return how often each known term stands in each text."""
    found = [[columns[term] for term in text if term in columns] for text in texts]
    starts = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum([len(row) for row in found], out=starts[1:])
    indices = np.fromiter(chain.from_iterable(found), dtype=np.int32, count=int(starts[-1]))
    matrix = csr_matrix(
        (np.ones(len(indices), dtype=np.float32), indices, starts), shape=(len(texts), max(len(columns), 1))
    )
    matrix.sum_duplicates()
    return matrix


def rarity(counted: csr_matrix) -> Floats:
    """Return ln((1 + n) / (1 + texts that hold the term)) + 1 for each column."""
    holding = np.bincount(counted.indices, minlength=counted.shape[1])
    weights: Floats = (np.log((1 + counted.shape[0]) / (1 + holding)) + 1).astype(np.float32)
    return weights


def trigrams(word: str) -> list[str]:
    """Return the character trigrams of one word with a space on both sides."""
    padded = f" {word} "
    return [padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1)]


def unit(matrix: csr_matrix) -> csr_matrix:
    """Return the matrix with rows of length one; an empty row stays empty."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    scaled = matrix.copy()
    scaled.data = (scaled.data / np.repeat(lengths, np.diff(scaled.indptr))).astype(np.float32)
    return scaled


def _weighted(counted: csr_matrix, weights: Floats) -> csr_matrix:
    weighted = counted.copy()
    weighted.data = ((1 + np.log(counted.data)) * weights[counted.indices]).astype(np.float32)
    return weighted
