"""Tables from spreadsheets: what is taken, and what is said about each bad row."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.rules.tables import read_table

SPBE = instrument_get("permenpanrb-59-2020")
PEMDI = instrument_get("permenpanrb-8-2026")


def table(header: str = "indicator,level", **changed: str) -> str:
    rows = {number: "3" for number in SPBE.indicators} | changed
    return "\n".join([header, *(f"{number},{level}" for number, level in rows.items())])


def codes(text: str) -> list[str]:
    return [fault.code for fault in read_table(text, instrument=SPBE).faults]


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("0", "level_outside"),
        ("6", "level_outside"),
        ("-1", "level_outside"),
        ("3.5", "level_fraction"),
        ("", "level_blank"),
        ("  ", "level_blank"),
        ("tiga", "level_word"),
        ("=1+2", "level_word"),
        ("3e0", "level_word"),
    ],
)
def test_table_with_a_bad_level_names_line_and_indicator(level: str, code: str) -> None:
    fault = read_table(table(**{"7": level}), instrument=SPBE).faults[0]

    assert (fault.code, fault.line, fault.place) == (code, 8, "indicator 7")


def test_table_with_indicator_48_says_the_instrument_has_none() -> None:
    assert codes(table(**{"48": "3"})) == ["number_unknown"]


def test_table_with_a_row_twice_says_so() -> None:
    assert codes(table() + "\n7,4") == ["number_double"]


def test_table_with_a_row_missing_names_it() -> None:
    fault = read_table(table().replace("\n7,3", ""), instrument=SPBE).faults[0]

    assert (fault.code, fault.values["numbers"]) == ("rows_missing", "7")


def test_table_of_another_year_says_so_once_for_each_row() -> None:
    text = "tahun,indikator_no,tingkat\n" + "\n".join(f"2019,{number},3" for number in SPBE.indicators)

    assert set(codes(text)) == {"year_outside"}


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2", "level\n3"])
def test_table_without_known_columns_says_so(text: str) -> None:
    assert codes(text) == ["header_unknown"]


def test_table_with_a_cell_of_endless_text_says_it_cannot_be_read() -> None:
    assert codes("indicator,level\n1," + "3" * 200_000) == ["table_unreadable"]


def test_table_of_domains_for_an_instrument_without_domains_says_so() -> None:
    faults = read_table("domain,value\n1,3.00", instrument=PEMDI).faults

    assert [fault.code for fault in faults] == ["no_domains"]


@pytest.mark.parametrize("value", ["", "x", "0.99", "5.01"])
def test_table_of_aspects_with_a_bad_value_says_so(value: str) -> None:
    text = "aspect,value\n" + "\n".join(f"{one.number},3.00" for one in SPBE.aspects)

    assert codes(text.replace("\n4,3.00", f"\n4,{value}")) == ["value_wrong"]


def test_table_names_every_fault_at_once() -> None:
    assert codes(table(**{"1": "0", "2": "tiga", "3": ""})) == ["level_outside", "level_word", "level_blank"]


def test_table_as_indonesian_spreadsheets_write_it_is_taken() -> None:
    rows = [f"{one.number};3,17" for one in SPBE.aspects]

    found = read_table("\ufeffAspek;Nilai\r\n" + "\r\n".join(rows) + "\r\n\r\n", instrument=SPBE)

    assert found.faults == []
    assert found.values["8"] == Fraction(317, 100)


def test_table_with_an_outside_index_takes_its_decimals() -> None:
    rows = {number: "3" for number in PEMDI.indicators} | {"7": "2.61"}
    text = "indicator,level\n" + "\n".join(f"{number},{level}" for number, level in rows.items())

    found = read_table(text, instrument=PEMDI)

    assert found.faults == []
    assert found.values["7"] == Fraction(261, 100)


@given(st.permutations(list(SPBE.indicators)))
def test_table_does_not_depend_on_the_order_of_rows(order: list[str]) -> None:
    text = "indicator,level\n" + "\n".join(f"{number},{int(number) % 5 + 1}" for number in order)

    assert read_table(text, instrument=SPBE).values == {n: int(n) % 5 + 1 for n in SPBE.indicators}


@given(st.text(max_size=300))
@example("\r0")
def test_table_of_any_text_never_fails_and_never_passes(text: str) -> None:
    assert read_table(text, instrument=SPBE).faults
