"""One proposed application held against a list that was made ready before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from terpadu.portfolio.rules.overlap.candidates import REACH
from terpadu.portfolio.rules.overlap.corpus import Corpus, Ints, Rows
from terpadu.portfolio.rules.overlap.engine import DIGITS, Overlaps, kind_name, threshold_of, with_neighbours
from terpadu.portfolio.rules.overlap.explanation import explain
from terpadu.portfolio.rules.overlap.features import Features, features
from terpadu.portfolio.rules.overlap.model import Model
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.report import Finding

NEAREST = 200
NEAREST_OF_ALL = 20
LOOKED_AT = 600
KEYS = ("host", "site", "store", "label")


@dataclass(frozen=True)
class Index:
    """A list made ready: its records, the pairs found among them, and its vectors turned for one against all."""

    corpus: Corpus
    sure: csr_matrix
    turned: csr_matrix
    model: Model

    def check(self, proposal: OverlapRecord, *, most: int = 20) -> list[Finding]:
        """Return what a proposed application would overlap with, highest score first.

        The proposal may have the id of a record of the list: then that record is left out, as when a registered application
        is to be changed.
        """
        one = self.corpus.encoder.encode([proposal])
        places = self._places(one, but=proposal.id)
        pairs = np.column_stack((np.zeros(len(places), dtype=np.int64), places))
        found = features(one, self.corpus.rows, pairs)
        found = self._with_neighbours(found, places)
        chances = self.model.chances(found)
        score = np.round(1 - chances[:, 0], DIGITS)
        kept = np.flatnonzero(score >= threshold_of(self.model, size=len(self.corpus.records)))
        best = kept[np.lexsort((places[kept], -score[kept]))][:most]
        return [
            Finding(
                proposal.id,
                self.corpus.records[places[at]].id,
                float(score[at]),
                kind := kind_name(1 + int(np.argmax(chances[at, 1:]))),
                explain(
                    one.said[0],
                    self.corpus.rows.said[places[at]],
                    found[at],
                    kind=kind,
                    encoder=self.corpus.encoder,
                    model=self.model,
                ),
            )
            for at in best
        ]

    def _places(self, one: Rows, *, but: str) -> Ints:
        """Return the places of the records worth a look: near texts, and those that share an address or a short name."""
        near = (one.near @ self.turned).tocoo()
        order = np.lexsort((near.col, -near.data))[:NEAREST]
        nearest = near.col[order][near.data[order] >= REACH.near]
        rows = self.corpus.rows
        sharing = [
            np.flatnonzero(rows.keys[key] == one.keys[key][0])[: REACH.key_block]
            for key in KEYS
            if one.keys[key][0] >= 0
        ]
        around = self.sure[nearest[:NEAREST_OF_ALL]].indices if len(nearest) else np.empty(0, dtype=np.int64)
        places = np.unique(np.concatenate((nearest, around, *sharing)).astype(np.int64))[:LOOKED_AT]
        return np.array([place for place in places if self.corpus.records[place].id != but], dtype=np.int64)

    def _with_neighbours(self, found: Features, places: Ints) -> Features:
        """Return the features with the shared neighbours, as if the proposal stood on the list as its last record."""
        chance = self.model.first_chance(found)
        sure = np.where(chance >= self.model.strong, np.round(chance, 3), 0).astype(np.float32)
        size = len(self.corpus.records)
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


def index_of(corpus: Corpus, overlaps: Overlaps, *, model: Model) -> Index:
    """Return a list ready for proposals, from the overlaps found in it."""
    return Index(corpus, overlaps.sure, corpus.rows.near.T.tocsr(), model)
