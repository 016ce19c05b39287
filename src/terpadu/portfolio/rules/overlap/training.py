"""Weights from judged pairs: multinomial logistic regression that stays near the weights it starts from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from terpadu.portfolio.rules.overlap.features import FEATURES, Features
from terpadu.portfolio.rules.overlap.model import (
    KINDS,
    Model,
    Weights,
    is_lonely,
    is_of_short_list,
    model_json,
    model_of_json,
    softmax,
)

Labels = npt.NDArray[np.int64]
PULL = 3.0
STEPS = 500
INTERCEPT_PULL = 0.1


def fit(found: Features, labels: Labels, *, start: Weights, pull: float = PULL) -> Weights:
    """Return weights (class × feature and intercept) that make the labels likely and stay near `start`.

    found: one row of features a pair. labels: the number of each pair's class. pull: how strongly a weight is held back,
    as the weight of so many pairs; the intercepts are freer. The result is the same in every run.
    """
    rows = np.column_stack((found.astype(np.float64), np.ones(len(found))))
    wanted = np.eye(start.shape[0])[labels]
    held = np.ones_like(start) * pull
    held[:, -1] = pull * INTERCEPT_PULL

    def loss(flat: Weights) -> tuple[float, Weights]:
        weights = flat.reshape(start.shape)
        chances = softmax(rows @ (weights[1:] - weights[0]).T)
        away = weights - start
        cost = -np.log(np.maximum((chances * wanted).sum(axis=1), 1e-12)).sum() + 0.5 * (held * away**2).sum()
        slope = (chances - wanted).T @ rows + held * away
        return float(cost), slope.ravel()

    found_weights = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    weights: Weights = found_weights.reshape(start.shape)
    return weights


def retrain(model: Model, found: Features, kinds: list[str], *, training: dict[str, Any]) -> Model:
    """Return a new model that learned from people's verdicts, near the one it starts from.

    found: the features of each judged pair (ALL_FEATURES). kinds: what a person said, one of KINDS. training: facts to keep
    with the model. Raises ValueError when there is no verdict, or a kind is unknown.
    """
    if not kinds or len(kinds) != len(found):
        raise ValueError("every pair needs a verdict, and at least one")
    labels = np.array([KINDS.index(kind) for kind in kinds])
    lonely, short = is_lonely(found), is_of_short_list(found)
    alone = found[:, : len(FEATURES)]
    learned = replace(
        model,
        first=fit(alone[lonely], labels[lonely], start=model.first),
        second=fit(found[~(lonely | short)], labels[~(lonely | short)], start=model.second),
        short=fit(alone[short], labels[short], start=model.short),
        training=training,
    )
    return model_of_json(model_json(learned))
