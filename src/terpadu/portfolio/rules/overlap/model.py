"""The frozen model: weights of the features, the threshold, and the facts of the training that made them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from terpadu.portfolio.rules.overlap.features import FEATURES, Features

Weights = npt.NDArray[np.floating[Any]]
Odds = npt.NDArray[np.float32]
KINDS = ("none", "function", "product", "duplicate")
SHARED = ("shares_most_neighbours", "shares_all_neighbours")
ALL_FEATURES = (*FEATURES, *SHARED)
CURRENT = "model.json"
LONELY, IN_SHORT_LIST = -1.0, -2.0
HIGHEST_ODDS = 60.0


@dataclass(frozen=True)
class Model:
    """A frozen model. version: the digest of everything else.

    first: for each of KINDS the weights of FEATURES and an intercept: a pair alone. second: the same over ALL_FEATURES, whose
    last two tell how many sure neighbours a pair shares; it speaks where both records have neighbours enough. strong: the
    chance at first look from which a pair counts as sure. threshold: the least chance of overlap that is reported. short,
    short_threshold: the same as first and threshold for a list so short that neighbours tell nothing; set by hand until people's
    verdicts train them. training: what it was trained on and how well it did there.
    """

    first: Weights
    second: Weights
    short: Weights
    strong: float
    threshold: float
    short_threshold: float
    training: dict[str, Any]
    version: str = ""

    def odds(self, found: Features, *, is_short: bool = False) -> Odds:
        """Return the evidence (log odds) of each kind of overlap against none, from FEATURES: first alone, then among neighbours.

        is_short: whether the list is so short that neighbours tell nothing. What shared neighbours add comes in `chances_of`.
        """
        alone = self.short if is_short else self.first
        every = [*range(len(FEATURES)), -1]
        weights = np.concatenate((_against_none(alone), _against_none(self.second)[:, every])).astype(
            np.float32
        )
        odds: Odds = _weighed(found[:, : len(FEATURES)], weights[:, :-1]) + weights[:, -1]
        return odds

    def chances_of(self, odds: Odds, shares: Features) -> Weights:
        """Return the chance of each kind for each row of odds; a row adds to one. shares: SHARED of each row."""
        among = _against_none(self.second)[:, len(FEATURES) : -1].astype(np.float32)
        half = len(KINDS) - 1
        evidence = np.where(shares[:, :1] < 0, odds[:, :half], odds[:, half:] + _weighed(shares, among))
        return softmax(evidence)

    def first_chance(self, odds: Odds) -> Weights:
        """Return the chance of any overlap for each row of odds, without a look at the neighbours."""
        chance: Weights = 1 - softmax(odds[:, : len(KINDS) - 1])[:, 0]
        return chance

    def chances(self, found: Features) -> Weights:
        """Return the chance of each kind for each row of ALL_FEATURES, all of one list; a row adds to one."""
        is_short = bool(is_of_short_list(found).any())
        return self.chances_of(self.odds(found, is_short=is_short), found[:, len(FEATURES) :])

    def shares(self, found: Features, kind: str) -> dict[str, float]:
        """Return what each feature of one pair adds to the evidence (log odds) for a kind against none."""
        row = found[None, :]
        weights = self.short if is_of_short_list(row)[0] else self.first if is_lonely(row)[0] else self.second
        against_none = (weights[KINDS.index(kind)] - weights[0])[:-1]
        names = ALL_FEATURES[: len(against_none)]
        return {
            name: float(weight * value)
            for name, weight, value in zip(names, against_none, found, strict=False)
        }


def is_lonely(found: Features) -> npt.NDArray[np.bool_]:
    """Tell for each row of ALL_FEATURES whether a record has too few neighbours to count the shared ones."""
    lonely: npt.NDArray[np.bool_] = found[:, len(FEATURES)] == LONELY
    return lonely


def is_of_short_list(found: Features) -> npt.NDArray[np.bool_]:
    """Tell for each row of ALL_FEATURES whether it comes from a list too short for neighbours to tell anything."""
    short: npt.NDArray[np.bool_] = found[:, len(FEATURES)] == IN_SHORT_LIST
    return short


def _weighed(found: Features, weights: Weights) -> Odds:
    """Return found · weights transposed, without the threads of a linear algebra library: they cost more than they give here."""
    weighed: Odds = np.einsum("pf,kf->pk", found, weights)
    return weighed


def _against_none(weights: Weights) -> Weights:
    """Return the weights of the kinds of overlap less those of none."""
    against: Weights = weights[1:] - weights[0]
    return against


def softmax(evidence: npt.NDArray[np.floating[Any]]) -> Weights:
    """Return chances, row by row, from the evidence of each class against the first, which is left out."""
    lifted = np.ones((evidence.shape[1] + 1, len(evidence)), dtype=evidence.dtype)
    np.exp(np.minimum(evidence.T, HIGHEST_ODDS), out=lifted[1:])
    lifted /= lifted.sum(axis=0)
    chances: Weights = lifted.T
    return chances


@cache
def current_model() -> Model:
    """Return the model that comes with this version of Terpadu."""
    return model_of_json(
        (files("terpadu.portfolio") / "data" / "overlap" / CURRENT).read_text(encoding="utf-8")
    )


def model_of_json(text: str) -> Model:
    """Return the model that a file holds. Raises ValueError when its features are not those of this version."""
    held = json.loads(text)
    if tuple(held["features"]) != ALL_FEATURES or tuple(held["kinds"]) != KINDS:
        raise ValueError("the model was made for other features")
    return Model(
        first=np.array(held["first"]),
        second=np.array(held["second"]),
        short=np.array(held["short"]),
        short_threshold=held["short_threshold"],
        strong=held["strong"],
        threshold=held["threshold"],
        training=held["training"],
        version=digest_of(held),
    )


def model_json(model: Model) -> str:
    """Return the file of a model; weights are rounded, so that the file says exactly what is computed."""
    held = {
        "features": list(ALL_FEATURES),
        "kinds": list(KINDS),
        "first": np.round(model.first, 4).tolist(),
        "second": np.round(model.second, 4).tolist(),
        "short": np.round(model.short, 4).tolist(),
        "short_threshold": model.short_threshold,
        "strong": model.strong,
        "threshold": model.threshold,
        "training": model.training,
    }
    return json.dumps(held, indent=1, sort_keys=True) + "\n"


def digest_of(held: dict[str, Any]) -> str:
    """Return the version that a model's content has."""
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:16]
