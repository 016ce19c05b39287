"""What if: ranked single steps, and the fewest steps to a target."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.rules.score import score_indicators
from terpadu.maturity.rules.steps import OutOfReach, best_raises, least_steps

SPBE = instrument_get("permenpanrb-59-2020")
PEMDI = instrument_get("permenpanrb-8-2026")
LEVELS = st.lists(st.integers(1, 5), min_size=47, max_size=47).map(
    lambda given_: dict(zip(SPBE.indicators, given_, strict=True))
)


@given(LEVELS)
def test_best_raises_each_gives_the_index_it_promises(levels: dict[str, int]) -> None:
    for step in best_raises(SPBE, levels):
        after = score_indicators(SPBE, levels | {step.indicator: step.to_level})
        assert after.index.published == step.index


def test_best_raises_puts_the_heaviest_first_and_leaves_out_what_is_full() -> None:
    levels = dict.fromkeys(SPBE.indicators, 1) | {"42": 5}

    first = best_raises(SPBE, levels)[0]

    assert first.indicator == "43"
    assert "42" not in {step.indicator for step in best_raises(SPBE, levels)}


@given(LEVELS, st.decimals("1.00", "5.00", places=2))
def test_least_steps_reaches_the_target_and_no_step_could_be_left_out(
    levels: dict[str, int], target: Decimal
) -> None:
    steps = least_steps(SPBE, levels, target=target)
    raised = levels | {step.indicator: step.to_level for step in steps}

    assert score_indicators(SPBE, raised).index.published >= target
    for step in steps:
        one_less = raised | {step.indicator: step.to_level - 1}
        assert score_indicators(SPBE, one_less).index.published < target


@given(st.lists(st.integers(1, 5), min_size=4, max_size=4), st.decimals("1.00", "3.00", places=2))
def test_least_steps_needs_no_more_than_trying_everything(given_: list[int], target: Decimal) -> None:
    chosen = ("1", "11", "21", "42")
    levels = dict.fromkeys(SPBE.indicators, 2) | dict(zip(chosen, given_, strict=True))
    kept = set(SPBE.indicators) - set(chosen)
    fewest = min(
        (
            sum(raised) - sum(given_)
            for raised in product(*(range(level, 6) for level in given_))
            if score_indicators(SPBE, levels | dict(zip(chosen, raised, strict=True))).index.published
            >= target
        ),
        default=None,
    )

    if fewest is None:
        with pytest.raises(OutOfReach):
            least_steps(SPBE, levels, target=target, kept=kept)
    else:
        found = least_steps(SPBE, levels, target=target, kept=kept)
        assert sum(step.levels for step in found) == fewest


def test_least_steps_when_the_target_is_reached_is_empty() -> None:
    assert least_steps(SPBE, dict.fromkeys(SPBE.indicators, 3), target=Decimal("2.60")) == []


def test_least_steps_leaves_indices_of_other_institutions_alone() -> None:
    levels = dict.fromkeys(PEMDI.indicators, 1)

    with pytest.raises(OutOfReach) as caught:
        least_steps(PEMDI, levels, target=Decimal("5.00"))

    assert caught.value.highest == Decimal("4.44")
