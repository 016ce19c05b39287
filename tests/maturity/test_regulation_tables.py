"""Every number and text of the shipped instruments against the tables they were read from, where these lie beside the project."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.rules.instrument import Instrument

TABLES = next(
    (found for one in Path(__file__).resolve().parents if (found := one / "shared" / "data").is_dir()), None
)
pytestmark = pytest.mark.skipif(TABLES is None, reason="the tables are not beside the project")

FILES = {
    "permenpanrb-5-2018": ("spbe_2018_indicators.csv", "bobot_indikator_turunan"),
    "permenpanrb-59-2020": ("spbe_2020_indicators.csv", "bobot_indikator"),
    "permenpanrb-8-2026": ("pemdi_2026_indicators.csv", "bobot_indikator"),
}
OUR_NUMBERS = {"35-2": "36", "35-3": "37"}
"""Numbers that the instrument gives to parts of an indicator; its annotation says so."""
SLIPS = {
    "Kebijakan Internal Layanan Manajemen Perencanaaan dan Penganggaran": (
        "Kebijakan Internal Layanan Manajemen Perencanaan dan Penganggaran"
    ),
    "Rencana  Induk   SPBE   Instansi Pemerintah": "Rencana Induk SPBE Instansi Pemerintah",
}
"""Typing slips of the table of 2018, which was re-keyed by an agency, and how the instrument writes them."""
CAPABILITIES = {"proses": "Rintisan", "layanan": "Informasi"}


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    assert TABLES is not None
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def close_to(weight: Fraction, printed: str) -> bool:
    """Tell whether a weight is the printed one; one with many decimals is a rounded fraction, such as 3.333."""
    decimals = len(printed.partition(".")[2])
    return abs(weight - Fraction(printed)) <= (Fraction(1, 10**decimals) if decimals > 2 else 0)


@pytest.mark.parametrize("code", FILES)
def test_indicators_have_the_number_name_weight_and_place_of_the_table(code: str) -> None:
    instrument = instrument_get(code)
    name, weight = FILES[code]
    rows = rows_of(name)
    aspects = {one.number: one for one in instrument.aspects}
    domains = {one.number: one for one in instrument.domains}

    numbers = [OUR_NUMBERS.get(row["indikator_no"], row["indikator_no"]) for row in rows]
    assert numbers == list(instrument.indicators)
    for number, row in zip(numbers, rows, strict=True):
        indicator = instrument.indicators[number]
        aspect = aspects[indicator.aspect]
        sector = (
            f" Sektor {int(number) - 34}" if indicator.names_service and code == "permenpanrb-5-2018" else ""
        )
        assert indicator.name.id == SLIPS.get(row["indikator"], row["indikator"]) + sector
        assert close_to(indicator.weight, row[weight]), row
        assert (aspect.number, aspect.name.id) == (row["aspek_no"], row["aspek"])
        assert aspect.weight == Fraction(row["bobot_aspek"])
        if "domain_no" in row:
            domain = domains[aspect.domain]
            assert (domain.number, domain.name.id) == (row["domain_no"], row["domain"])
            assert domain.weight == Fraction(row["bobot_domain"])
        if "jenis_kapabilitas" in row:
            assert indicator.levels[0].name.id == CAPABILITIES[row["jenis_kapabilitas"]]


def test_all_235_criteria_are_word_for_word_those_of_the_table() -> None:
    instrument = instrument_get("permenpanrb-59-2020")
    printed = {
        (row["indikator_no"], int(row["tingkat"])): row["kriteria"]
        for row in rows_of("spbe_2020_level_criteria.csv")
    }
    shipped = {
        (indicator.number, one.level): one.text
        for indicator in instrument.indicators.values()
        for one in indicator.criteria
    }

    assert len(printed) == 235
    assert shipped == printed


def test_criteria_are_cumulative_where_their_text_says_so() -> None:
    instrument = instrument_get("permenpanrb-59-2020")
    wrong = [
        (indicator.number, one.level)
        for indicator in instrument.indicators.values()
        for one in indicator.criteria
        if one.is_cumulative != (f"ingkat {one.level - 1} telah terpenuhi" in one.text)
    ]

    assert wrong == []


BANDS = {
    "permenpanrb-59-2020": {
        "Memuaskan": ("4.2", "5"),
        "Sangat Baik": ("3.5", "4.2"),
        "Baik": ("2.6", "3.5"),
        "Cukup": ("1.8", "2.6"),
        "Kurang": ("1", "1.8"),
    },
    "permenpanrb-8-2026": {
        "Memuaskan": ("4", "5"),
        "Sangat Baik": ("3.5", "4"),
        "Baik": ("2.5", "3.5"),
        "Cukup": ("1.5", "2.5"),
        "Kurang": ("1", "1.5"),
    },
}
LEVELS = {
    ("permenpanrb-59-2020", "1"): "Rintisan, Terkelola, Terdefinisi, Terpadu dan Terukur, Optimum",
    ("permenpanrb-59-2020", "47"): "Informasi, Interaksi, Transaksi, Kolaborasi, Optimum",
    ("permenpanrb-8-2026", "20"): "Merintis, Membangun, Berkembang, Melembaga, Unggul",
}


@pytest.mark.parametrize("code", BANDS)
def test_bands_are_those_of_the_inventory(code: str) -> None:
    bands = instrument_get(code).bands

    assert {one.name.id: (one.lower, one.upper) for one in bands} == {
        name: (Decimal(low), Decimal(high)) for name, (low, high) in BANDS[code].items()
    }


@pytest.mark.parametrize(("code", "number"), LEVELS)
def test_levels_have_the_names_of_the_inventory(code: str, number: str) -> None:
    levels = instrument_get(code).indicators[number].levels

    assert [one.number for one in levels] == [1, 2, 3, 4, 5]
    assert ", ".join(one.name.id for one in levels) == LEVELS[code, number]


@pytest.mark.parametrize(
    ("code", "domains", "aspects", "indicators"),
    [("permenpanrb-5-2018", 3, 7, 37), ("permenpanrb-59-2020", 4, 8, 47), ("permenpanrb-8-2026", 0, 7, 20)],
)
def test_instrument_has_the_size_of_the_inventory(
    code: str, domains: int, aspects: int, indicators: int
) -> None:
    instrument: Instrument = instrument_get(code)

    assert (len(instrument.domains), len(instrument.aspects), len(instrument.indicators)) == (
        domains,
        aspects,
        indicators,
    )
