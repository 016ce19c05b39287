"""An index as files: arrays that every process maps into its memory, so that all share one copy, and the words beside them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from terpadu.portfolio.rules.overlap.corpus import KEYS, SETS, Encoder, Rows
from terpadu.portfolio.rules.overlap.model import model_json, model_of_json
from terpadu.portfolio.rules.overlap.normalise import Normaliser
from terpadu.portfolio.rules.overlap.proposal import Index
from terpadu.portfolio.rules.overlap.report import ENGINE
from terpadu.portfolio.rules.overlap.spelling import RARE
from terpadu.portfolio.rules.overlap.vectors import Space, Spelling
from terpadu.portfolio.rules.overlap.vocabulary import Vocabulary

WORDS = "words.json"
Array = npt.NDArray[Any]


class IndexStale(Exception):
    """The files were written by another version of the engine or the vocabulary."""


def write_index(index: Index, directory: Path) -> None:
    """Write an index; it appears under its name when it is whole, and an earlier one of that name gives way."""
    draft = directory.with_name(f".{directory.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    for name, array in _arrays(index).items():
        np.save(draft / f"{name}.npy", array, allow_pickle=False)
    (draft / WORDS).write_text(json.dumps(_words(index)), encoding="utf-8")
    shutil.rmtree(directory, ignore_errors=True)
    draft.rename(directory)


def read_index(directory: Path, vocabulary: Vocabulary) -> Index:
    """Return the index in a directory; its arrays stay in the files. Raises OSError without one, IndexStale."""
    held = json.loads((directory / WORDS).read_text(encoding="utf-8"))
    if (held["engine"], held["vocabulary"]) != (ENGINE, vocabulary.version):
        raise IndexStale()
    stored = _Stored(directory, held["shapes"])
    return Index(
        ids=stored.array("ids"),
        rows=Rows(
            words=stored.matrix("words"),
            near=stored.matrix("near"),
            objects=stored.matrix("objects"),
            names=stored.matrix("names"),
            lengths=stored.array("lengths"),
            labels=stored.array("labels"),
            acts=stored.array("acts"),
            keys={name: stored.array(f"key-{name}") for name in KEYS},
            sets={name: stored.array(f"set-{name}") for name in SETS},
        ),
        encoder=_encoder(held, stored, vocabulary),
        sure=stored.matrix("sure"),
        turned=stored.matrix("turned"),
        model=model_of_json(held["model"]),
        sha256=held["sha256"],
    )


@dataclass(frozen=True)
class _Stored:
    directory: Path
    shapes: dict[str, list[int]]

    def array(self, name: str) -> Array:
        return np.asarray(np.load(self.directory / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    def matrix(self, name: str) -> csr_matrix:
        parts = (self.array(f"{name}-data"), self.array(f"{name}-indices"), self.array(f"{name}-indptr"))
        return csr_matrix(parts, shape=tuple(self.shapes[name]), copy=False)


def _encoder(held: dict[str, Any], stored: _Stored, vocabulary: Vocabulary) -> Encoder:
    return Encoder(
        normaliser=Normaliser(vocabulary, places=frozenset(held["places"]), used=Counter(held["used"])),
        space=Space(_numbered(held["terms"]), stored.array("rarity")),
        spelling=Spelling(
            Space(_numbered(held["grams"]), stored.array("gram-rarity")),
            stored.matrix("spelled"),
            stored.matrix("alike"),
        ),
        labels=stored.array("labels").tolist(),
    )


def _numbered(terms: list[str]) -> dict[str, int]:
    return {term: column for column, term in enumerate(terms)}


def _matrices(index: Index) -> dict[str, csr_matrix]:
    rows, spelling = index.rows, index.encoder.spelling
    return {
        "words": rows.words,
        "near": rows.near,
        "objects": rows.objects,
        "names": rows.names,
        "sure": index.sure,
        "turned": index.turned,
        "spelled": spelling.words,
        "alike": spelling.among_known,
    }


def _arrays(index: Index) -> dict[str, Array]:
    rows, encoder = index.rows, index.encoder
    parts = {
        f"{name}-{part}": getattr(matrix, part)
        for name, matrix in _matrices(index).items()
        for part in ("data", "indices", "indptr")
    }
    return {
        **parts,
        **{f"key-{name}": column for name, column in rows.keys.items()},
        **{f"set-{name}": columns for name, columns in rows.sets.items()},
        "ids": index.ids,
        "lengths": rows.lengths,
        "labels": rows.labels,
        "acts": rows.acts,
        "rarity": encoder.space.rarity,
        "gram-rarity": encoder.spelling.space.rarity,
    }


def _words(index: Index) -> dict[str, Any]:
    encoder = index.encoder
    normaliser = encoder.normaliser
    return {
        "engine": ENGINE,
        "vocabulary": normaliser.vocabulary.version,
        "model": model_json(index.model),
        "sha256": index.sha256,
        "terms": encoder.terms,
        "grams": list(encoder.spelling.space.columns),
        "places": sorted(normaliser.places),
        "used": {word: count for word, count in normaliser.used.items() if count > RARE},
        "shapes": {name: matrix.shape for name, matrix in _matrices(index).items()},
    }
