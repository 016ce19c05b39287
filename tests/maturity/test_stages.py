"""Which value counts among the stages, and which results may be compared."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.maturity.instruments.loader import comparison_mappings, comparison_parse, instrument_get
from terpadu.maturity.rules.comparison import comparable_aspects, may_compare_index
from terpadu.maturity.rules.stages import final_value

SPBE = instrument_get("permenpanrb-59-2020")
WEIGHTS = {"dokumen": Fraction(40), "interviu": Fraction(40), "visitasi": Fraction(20)}
WEIGHTED = dataclasses.replace(
    SPBE,
    combination="weighted",
    stages=tuple(dataclasses.replace(one, weight=WEIGHTS.get(one.key)) for one in SPBE.stages),
)
MAPPED = b"""
mappings:
  - {older: permenpanrb-5-2018, newer: permenpanrb-59-2020, index: true, aspects: {"7": "8"}, basis: {id: a, en: b}}
"""


@pytest.mark.parametrize(
    ("given_", "final"),
    [
        ({"mandiri": 4}, 4),
        ({"mandiri": 4, "dokumen": 2}, 2),
        ({"mandiri": 4, "dokumen": 2, "interviu": 3}, 3),
        ({"mandiri": 4, "interviu": 3, "visitasi": 5}, 5),
        ({}, None),
    ],
)
def test_final_value_under_last_is_that_of_the_last_stage(given_: dict[str, int], final: int | None) -> None:
    assert final_value(SPBE, given_, kind="evaluation") == final


def test_final_value_of_a_monitoring_knows_no_interview() -> None:
    assert final_value(SPBE, {"mandiri": 4, "dokumen": 2, "interviu": 3}, kind="monitoring") == 2


def test_final_value_under_weights_is_the_weighted_mean() -> None:
    given_ = {"mandiri": 5, "dokumen": 3, "interviu": 4, "visitasi": 5}

    assert final_value(WEIGHTED, given_, kind="evaluation") == Fraction(19, 5)


def test_final_value_under_weights_without_a_visit_shares_its_weight() -> None:
    assert final_value(WEIGHTED, {"dokumen": 3, "interviu": 4}, kind="evaluation") == Fraction(7, 2)


def test_final_value_under_weights_before_the_first_weighted_stage_is_the_agencys_own() -> None:
    assert final_value(WEIGHTED, {"mandiri": 5}, kind="evaluation") == 5


@given(st.permutations([("mandiri", 4), ("dokumen", 2), ("interviu", 3), ("visitasi", 1)]))
def test_final_value_does_not_depend_on_the_order_of_entry(entries: list[tuple[str, int]]) -> None:
    assert final_value(SPBE, dict(entries), kind="evaluation") == 1
    assert final_value(WEIGHTED, dict(entries), kind="evaluation") == Fraction(11, 5)


def test_compare_across_instruments_without_a_mapping_is_not_comparable() -> None:
    assert not may_compare_index(SPBE.code, "permenpanrb-8-2026", mappings=comparison_mappings())
    assert comparable_aspects(SPBE.code, "permenpanrb-8-2026", mappings=comparison_mappings()) == {}


def test_compare_within_an_instrument_is_always_allowed() -> None:
    assert may_compare_index(SPBE.code, SPBE.code, mappings=())


def test_compare_with_an_explicit_mapping_is_allowed_in_both_directions() -> None:
    mappings = comparison_parse(MAPPED, file="mapped.yaml")

    assert may_compare_index(SPBE.code, "permenpanrb-5-2018", mappings=mappings)
    assert comparable_aspects("permenpanrb-5-2018", SPBE.code, mappings=mappings) == {"7": "8"}
    assert comparable_aspects(SPBE.code, "permenpanrb-5-2018", mappings=mappings) == {}
