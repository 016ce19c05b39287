"""One proposed application held against a list that was made ready before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack

from terpadu.portfolio.rules.overlap.candidates import REACH
from terpadu.portfolio.rules.overlap.corpus import Corpus, Encoder, Ints, Rows, Strings
from terpadu.portfolio.rules.overlap.engine import DIGITS, kind_name, threshold_of, with_neighbours
from terpadu.portfolio.rules.overlap.explanation import compared, explain, names_met
from terpadu.portfolio.rules.overlap.features import LONG_LABEL, Features, features, label_likeness
from terpadu.portfolio.rules.overlap.model import Model
from terpadu.portfolio.rules.overlap.normalise import Words
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import Finding

NEAREST = 200
NEAREST_OF_ALL = 20
LOOKED_AT = 600
KEYS = ("host", "site", "store", "label")
NAMED_ALIKE = 0.5
"""The least likeness of two names that is reported of a proposal that says nothing but its name."""


@dataclass(frozen=True)
class Index:
    """A list made ready: its records as rows, the pairs found among them, and its vectors turned for one against all.

    ids: of the records, in the order of the rows. sha256: the digest of the records.
    """

    ids: Strings
    rows: Rows
    encoder: Encoder
    sure: csr_matrix
    turned: csr_matrix
    model: Model
    sha256: str

    def check(self, proposal: OverlapRecord, *, most: int = 20) -> list[Finding]:
        """Return what a proposed application would overlap with, highest score first.

        A proposal that says nothing but its name is held against the names, and its score is how alike they are. The proposal
        may have the id of a record of the list: then that record is left out, as when a registered application is to be changed.
        """
        one, said = self.encoder.encode(proposal)
        if said.words == said.name_words:
            return self._named_alike(proposal.id, one, said, most=most)
        places = self._places(one, but=proposal.id)
        pairs = np.column_stack((np.zeros(len(places), dtype=np.int64), places))
        found = self._with_neighbours(features(one, self.rows, pairs), places)
        chances = self.model.chances(found)
        score = np.round((1 - chances[:, 0]).astype(np.float64), DIGITS)
        least = threshold_of(self.model, size=len(self.ids))
        return [
            Finding(
                proposal.id,
                str(self.ids[places[at]]),
                float(score[at]),
                kind := kind_name(1 + int(np.argmax(chances[at, 1:]))),
                explain(
                    set(said.words),
                    self.encoder.words_of(self.rows.words, int(places[at])),
                    found[at],
                    names=names_met(one, self.rows, at=0, place=int(places[at])),
                    kind=kind,
                    encoder=self.encoder,
                    model=self.model,
                ),
            )
            for at in _best(score, places, least=least, most=most)
        ]

    def _named_alike(self, proposal_id: str, one: Rows, said: Words, *, most: int) -> list[Finding]:
        """Return the records whose names are alike: by their words, else by the letters of the short name."""
        same = (self.rows.keys["label"] == one.keys["label"][0]) & (one.keys["label"][0] >= 0)
        alike = same.astype(np.float64)
        if said.name_words:
            for words in (one.names, one.near):  # as written, and with a slip forgiven
                alike = np.maximum(alike, (self.rows.names @ words.T).toarray().ravel())
        elif len(said.label) >= LONG_LABEL:
            alike = np.maximum(alike, label_likeness(said.label, self.rows.labels.tolist()))
        score = np.round(np.minimum(alike, 1), DIGITS)
        score[self.ids == proposal_id] = 0
        names, how = set(said.name_words), "names_alike" if said.name_words else "label_alike"
        return [
            Finding(
                proposal_id,
                str(self.ids[at]),
                float(score[at]),
                "product" if same[at] else "function",
                compared(
                    names,
                    self.encoder.words_of(self.rows.names, int(at)),
                    shares={"same_label" if same[at] else how: float(score[at])},
                    encoder=self.encoder,
                ),
            )
            for at in _best(score, np.arange(len(score)), least=NAMED_ALIKE, most=most)
        ]

    def _places(self, one: Rows, *, but: str) -> Ints:
        """Return the places of the records worth a look: near texts, and those that share an address or a short name."""
        near = (one.near @ self.turned).tocoo()
        order = np.lexsort((near.col, -near.data))[:NEAREST]
        nearest = near.col[order][near.data[order] >= REACH.near]
        sharing = [
            np.flatnonzero(self.rows.keys[key] == one.keys[key][0])[: REACH.key_block]
            for key in KEYS
            if one.keys[key][0] >= 0
        ]
        around = self.sure[nearest[:NEAREST_OF_ALL]].indices if len(nearest) else np.empty(0, dtype=np.int64)
        places = np.unique(np.concatenate((nearest, around, *sharing)).astype(np.int64))[:LOOKED_AT]
        others: Ints = places[self.ids[places] != but]
        return others

    def _with_neighbours(self, found: Features, places: Ints) -> Features:
        """Return the features with the shared neighbours, as if the proposal stood on the list as its last record."""
        chance = self.model.first_chance(self.model.odds(found))
        sure = np.where(chance >= self.model.strong, np.round(chance, 3), 0).astype(np.float32)
        size = len(self.ids)
        row = csr_matrix(
            (
                np.append(sure, np.float32(1)),
                (np.zeros(len(places) + 1, dtype=np.int64), np.append(places, size)),
            ),
            shape=(1, size + 1),
        )
        others = csr_matrix(hstack((self.sure[places], csr_matrix(sure[:, None]))))
        local = np.column_stack((np.zeros(len(places), dtype=np.int64), np.arange(len(places))))
        return with_neighbours(found, row, others, local)


def _best(score: npt.NDArray[np.floating[Any]], places: Ints, *, least: float, most: int) -> Ints:
    """Return where the highest scores of at least `least` stand; equal ones in the order of their places."""
    kept = np.flatnonzero(score >= least)
    best: Ints = kept[np.lexsort((places[kept], -score[kept]))][:most]
    return best


def index_of(corpus: Corpus, sure: csr_matrix, *, model: Model) -> Index:
    """Return a list ready for proposals. sure: the graph of pairs that are sure among its records."""
    ids = np.array([record.id for record in corpus.records], dtype=np.str_)
    turned = csr_matrix(corpus.rows.near.T.tocsr())
    return Index(ids, corpus.rows, corpus.encoder, sure, turned, model, corpus.sha256)
