"""Why a pair was found: what each feature adds, and the words that both say or only one says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from terpadu.portfolio.rules.overlap.corpus import Encoder, Rows
from terpadu.portfolio.rules.overlap.features import Features
from terpadu.portfolio.rules.overlap.model import Model
from terpadu.portfolio.rules.overlap.normalise import ACT_MARK

WORDS_SHOWN = 8
LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why. shares: feature → what it adds to the log odds of overlap, strongest first. words: shared, rarest first.

    acts: what both do. only_left, only_right: words that one of them alone says, rarest first.
    names: short names of one that the other's text says or spells out.
    """

    shares: dict[str, float]
    words: tuple[str, ...]
    acts: tuple[str, ...]
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    names: tuple[str, ...] = ()


def explain(
    one: set[str],
    other: set[str],
    found: Features,
    *,
    names: tuple[str, ...] = (),
    kind: str,
    encoder: Encoder,
    model: Model,
) -> Explanation:
    """Return why a pair was found. one, other: the words of both, acts marked. found: the pair's row of features; names: see
    `names_met`; kind: the kind it is taken for.
    """
    return compared(one, other, shares=model.shares(found, kind), names=names, encoder=encoder)


def compared(
    one: set[str],
    other: set[str],
    *,
    shares: Mapping[str, float],
    names: tuple[str, ...] = (),
    encoder: Encoder,
) -> Explanation:
    """Return an explanation from the words of both, acts marked, and from what each feature adds."""
    telling = {name: round(share, 3) for name, share in shares.items() if abs(share) >= LEAST_SHARE}
    return Explanation(
        shares=dict(sorted(telling.items(), key=lambda item: (-abs(item[1]), item[0]))),
        words=_rarest(one & other, encoder=encoder),
        acts=tuple(sorted(word.removeprefix(ACT_MARK) for word in one & other if word.startswith(ACT_MARK))),
        only_left=_rarest(one - other, encoder=encoder),
        only_right=_rarest(other - one, encoder=encoder),
        names=names,
    )


def names_met(left: Rows, right: Rows, *, at: int, place: int) -> tuple[str, ...]:
    """Return the short names of row `at` of the left and row `place` of the right that the other's text says or spells out."""
    return tuple(
        str(named.labels[row])
        for named, row, by, teller in ((left, at, right, place), (right, place, left, at))
        if named.keys["label"][row] >= 0
        and any(named.keys["label"][row] in by.sets[how][teller] for how in ("said", "spelled"))
    )


def _rarest(words: set[str], *, encoder: Encoder) -> tuple[str, ...]:
    """Return the words that are no acts, the rarest of the list first; words that the list does not know come first."""
    columns, rarity = encoder.space.columns, encoder.space.rarity
    plain = [word for word in words if not word.startswith(ACT_MARK)]
    known = {word: float(rarity[columns[word]]) if word in columns else float("inf") for word in plain}
    return tuple(sorted(plain, key=lambda word: (-known[word], word))[:WORDS_SHOWN])
