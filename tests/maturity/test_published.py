"""The calculator reproduces what the government has published, to the last published digit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from terpadu.kernel.numbers import exact, exact_text
from terpadu.maturity.instruments import loader
from terpadu.maturity.rules.score import Score, score_aspects, score_domains, score_indicators
from terpadu.maturity.rules.tables import read_table

SPBE = loader.instrument_get("permenpanrb-59-2020")
SPBE_2018 = loader.instrument_get("permenpanrb-5-2018")
KEMENKO = Path(loader.__file__).parent / "examples" / "kemenko-perekonomian-2021.csv"


def kemenko() -> Score:
    table = read_table(KEMENKO.read_text(), instrument=SPBE)
    assert table.faults == []
    return score_indicators(SPBE, table.values)


def values(text: str) -> dict[str, Fraction]:
    found = {str(number): exact(part) for number, part in enumerate(text.split(), 1)}
    return {number: value for number, value in found.items() if value is not None}


def test_index_kemenko_perekonomian_2021_is_the_published_one() -> None:
    score = kemenko()

    assert exact_text(score.index.exact) == "2.9475"
    assert score.index.published == Decimal("2.95")
    assert score.band.key == "baik"


def test_aspects_and_domains_kemenko_perekonomian_2021_are_the_published_ones() -> None:
    score = kemenko()

    aspects = [str(value.published) for value in score.aspects.values()]
    domains = [str(value.published) for value in score.domains.values()]

    assert aspects == ["3.00", "3.25", "3.00", "2.50", "1.00", "1.00", "3.90", "3.17"]
    assert domains == ["3.00", "3.00", "1.00", "3.61"]


def test_index_from_kemenkos_published_domains_is_the_published_one() -> None:
    score = score_domains(SPBE, values("3.00 3.00 1.00 3.61"))

    assert score.index.published == Decimal("2.95")


def test_index_denpasar_2018_under_the_older_instrument_is_the_published_one() -> None:
    score = score_aspects(SPBE_2018, values("2.00 2.10 2.00 2.50 2.33 3.29 2.50"))

    assert score.index.published == Decimal("2.64")


def test_aspect_of_the_regulations_first_example_is_three() -> None:
    levels = dict.fromkeys(SPBE.indicators, 1) | {"11": 3, "12": 4, "13": 3, "14": 2}

    assert score_indicators(SPBE, levels).aspects["2"].published == Decimal("3.00")


def test_domain_of_the_regulations_second_example_is_three_point_four() -> None:
    aspects = values("1 3.00 4.00 3.00 1 1 1 1")

    assert score_aspects(SPBE, aspects).domains["2"].published == Decimal("3.40")


def test_index_of_the_regulations_third_example_is_three_point_two_eight() -> None:
    assert score_domains(SPBE, values("3.70 3.40 3.00 3.20")).index.published == Decimal("3.28")


@pytest.mark.parametrize(
    ("index", "band"),
    [
        ("4.23", "memuaskan"),
        ("4.20", "memuaskan"),
        ("4.19", "sangat_baik"),
        ("3.50", "sangat_baik"),
        ("3.49", "baik"),
        ("2.60", "baik"),
        ("2.59", "cukup"),
        ("1.80", "cukup"),
        ("1.79", "kurang"),
        ("1.00", "kurang"),
        ("5.00", "memuaskan"),
    ],
)
def test_band_at_a_published_index_is_that_of_table_13(index: str, band: str) -> None:
    assert SPBE.band_of(Decimal(index)).key == band


@pytest.mark.parametrize("index", ["0.99", "5.01"])
def test_band_outside_the_scale_is_refused(index: str) -> None:
    with pytest.raises(ValueError, match="outside the scale"):
        SPBE.band_of(Decimal(index))
