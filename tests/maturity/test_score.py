"""Properties of the calculator, for all three shipped instruments."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terpadu.kernel.numbers import exact, exact_text, round_half_up
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.score import (
    Incomplete,
    score_aspects,
    score_domains,
    score_indicators,
)

INSTRUMENTS = [instrument_get(code) for code in instrument_codes()]
SPBE = instrument_get("permenpanrb-59-2020")


@st.composite
def answered(draw: st.DrawFn) -> tuple[Instrument, dict[str, Fraction]]:
    form = draw(st.sampled_from(INSTRUMENTS))
    numbers = draw(st.permutations(list(form.indicators)))
    levels = st.integers(form.scale_min, form.scale_max).map(Fraction)
    return form, {number: draw(levels) for number in numbers}


@given(answered(), st.data())
def test_index_when_one_level_rises_never_falls(
    case: tuple[Instrument, dict[str, Fraction]], data: st.DataObject
) -> None:
    form, levels = case
    number = data.draw(st.sampled_from(list(levels)))
    raised = levels | {number: min(levels[number] + 1, Fraction(form.scale_max))}

    assert score_indicators(form, raised).index.exact >= score_indicators(form, levels).index.exact


@given(answered())
def test_every_value_of_the_tree_is_within_the_scale(case: tuple[Instrument, dict[str, Fraction]]) -> None:
    form, levels = case
    score = score_indicators(form, levels)

    found = [score.index, *score.domains.values(), *score.aspects.values()]

    assert all(form.scale_min <= value.exact <= form.scale_max for value in found)
    assert all(form.scale_min <= value.published <= form.scale_max for value in found)


@given(answered())
def test_domain_is_the_weighted_mean_of_its_aspects(case: tuple[Instrument, dict[str, Fraction]]) -> None:
    form, levels = case
    score = score_indicators(form, levels)

    for domain in form.domains:
        total = sum(aspect.weight * score.aspects[aspect.number].exact for aspect in domain.aspects)
        assert score.domains[domain.number].exact == total / domain.weight


@given(answered())
def test_index_from_exact_aspects_or_domains_is_the_same(
    case: tuple[Instrument, dict[str, Fraction]],
) -> None:
    form, levels = case
    score = score_indicators(form, levels)

    aspects = {number: value.exact for number, value in score.aspects.items()}
    domains = {number: value.exact for number, value in score.domains.items()}

    assert score_aspects(form, aspects).index == score.index
    assert not domains or score_domains(form, domains).index == score.index


@given(answered(), st.randoms())
def test_order_of_the_rows_does_not_matter(
    case: tuple[Instrument, dict[str, Fraction]], random: st.DataObject
) -> None:
    form, levels = case
    shuffled = list(levels.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis types st.randoms() as random.Random

    assert score_indicators(form, dict(shuffled)) == score_indicators(form, levels)


@given(answered())
def test_same_level_everywhere_is_the_index(case: tuple[Instrument, dict[str, Fraction]]) -> None:
    form, levels = case
    level = next(iter(levels.values()))

    assert score_indicators(form, dict.fromkeys(form.indicators, level)).index.exact == level


def test_score_with_a_missing_and_an_unknown_indicator_names_both() -> None:
    levels = dict.fromkeys(SPBE.indicators, 3)
    del levels["7"]
    levels["48"] = 3

    with pytest.raises(Incomplete) as caught:
        score_indicators(SPBE, levels)

    assert (caught.value.missing, caught.value.unknown) == (["7"], ["48"])


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 4))
def test_rounding_half_up_agrees_with_decimal_where_the_decimals_end(
    numerator: int, power: int, places: int
) -> None:
    value = Fraction(numerator, 2 ** (power % 9) * 5 ** (power % 7))
    oracle = Decimal(exact_text(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

    assert round_half_up(value, places=places) == oracle


@pytest.mark.parametrize(
    ("given_", "published"),
    [("2.945", "2.95"), ("2.9449", "2.94"), ("19/6", "3.17"), ("1/3", "0.33"), ("0.005", "0.01")],
)
def test_rounding_of_a_tie_goes_up(given_: str, published: str) -> None:
    value = exact(given_)

    assert value is not None
    assert round_half_up(value, places=2) == Decimal(published)


@given(st.fractions(max_denominator=10**6).filter(lambda value: value >= 0))
@settings(max_examples=200)
@example(Fraction(10**28 + 1))
def test_exact_text_is_read_back_as_the_same_value(value: Fraction) -> None:
    assert exact(exact_text(value)) == value


@pytest.mark.parametrize("text", ["", "tiga", "1e3", "3,5,1", "1/0", "٣", "0x3", "--3", "nan"])
def test_exact_of_something_that_is_no_plain_number_is_none(text: str) -> None:
    assert exact(text) is None
