"""Shipped instruments hold what the regulations say; a broken file is refused with line, place and remedy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import translation

from terpadu.maturity.errors import InstrumentInvalid, InstrumentUnknown
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments import loader
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get, instrument_parse
from terpadu.maturity.wording import explain, fault_codes

FOLDER = Path(loader.__file__).parent
PEMDI = (FOLDER / "permenpanrb-8-2026.yaml").read_text()
SPBE = (FOLDER / "permenpanrb-59-2020.yaml").read_text()


def faults_of(text: str) -> list[Fault]:
    with pytest.raises(InstrumentInvalid) as caught:
        instrument_parse(text.encode(), file="broken.yaml")
    return list(caught.value.faults)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("code", "domains", "aspects", "indicators"),
    [
        ("permenpanrb-5-2018", 3, 7, 37),
        ("permenpanrb-59-2020", 4, 8, 47),
        ("permenpanrb-8-2026", 0, 7, 20),
    ],
)
def test_shipped_instrument_has_the_tree_of_its_regulation(
    code: str, domains: int, aspects: int, indicators: int
) -> None:
    form = instrument_get(code)

    assert (len(form.domains), len(form.aspects), len(form.indicators)) == (domains, aspects, indicators)
    assert sum(one.weight for one in form.indicators.values()) == Fraction(100)


def test_spbe_2020_has_all_235_criteria_of_which_139_upper_ones_are_cumulative() -> None:
    criteria = [
        one
        for indicator in instrument_get("permenpanrb-59-2020").indicators.values()
        for one in indicator.criteria
    ]

    assert len(criteria) == 235
    assert sum(one.is_cumulative for one in criteria if one.level >= 3) == 139


def test_spbe_2020_keeps_the_printed_error_of_indicator_3_with_a_note() -> None:
    criteria = instrument_get("permenpanrb-59-2020").indicators["3"].criteria

    assert criteria[2].text.startswith("Kondisi:")
    assert [bool(one.annotation) for one in criteria] == [False, True, True, True, False]


def test_every_shipped_file_is_found_by_its_code() -> None:
    assert [instrument_get(code).code for code in instrument_codes()] == list(instrument_codes())


def test_instrument_get_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(InstrumentUnknown):
        instrument_get("../../config/settings")


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('number: "20", name', 'number: "19", name', "instrument_number_double", "indicators[19].number"),
        ('weight: "15", aspect: "7"', 'weight: "14.99", aspect: "7"', "instrument_weights", "aspects[6].weight"),
        ('weight: "25"}', 'weight: "24"}', "instrument_weights", "aspects[6].weight"),
        ('total_weight: "100"', 'total_weight: "99"', "instrument_weights", "total_weight"),
        ('weight: "15", aspect: "7"', 'weight: 15, aspect: "7"', "instrument_number_inexact", "indicators[19].weight"),
        ('weight: "15", aspect: "7"', 'weight: "-1", aspect: "7"', "instrument_weight_zero", "indicators[19].weight"),
        ('aspect: "7", level_set: maturity, facts: [{key: casework.satisfaction', 'aspect: "8", level_set: maturity, facts: [{key: casework.satisfaction', "instrument_parent_unknown", "indicators[19].aspect"),
        ("level_set: maturity, external: {institution: \"BIG\"", "level_set: other, external: {institution: \"BIG\"", "instrument_level_set", "indicators[5].level_set"),
        ('lower: "3.50", upper: "4.00"', 'lower: "3.50", upper: "3.90"', "instrument_band_hole", "bands[0].lower"),
        ('lower: "3.50", upper: "4.00"', 'lower: "3.40", upper: "4.00"', "instrument_band_overlap", "bands[1].lower"),
        ('lower: "3.50", upper: "4.00"', 'lower: "4.00", upper: "4.00"', "instrument_band_empty", "bands[1]"),
        ('lower: "1.00", upper: "1.50"', 'lower: "1.10", upper: "1.50"', "instrument_band_end", "bands[4].lower"),
        ('upper: "5.00"', 'upper: "4.90"', "instrument_band_end", "bands[0].upper"),
        ("    - {level: 4, name", "    - {level: 3, name", "instrument_level_missing", "level_sets.maturity"),
        ("    - {level: 5, name", "    - {level: 6, name", "instrument_level_extra", "level_sets.maturity"),
        ("by: agency", "by: assessor", "instrument_first_stage", "stages.items[0].by"),
        ("combination: last", "combination: weighted", "instrument_weights", "stages.items"),
        ("key: dokumen", "key: mandiri", "instrument_number_double", "stages.items[0].key"),
        ("years: {first: 2026", "years: {last: 2020, first: 2026", "instrument_years", "years.last"),
        ('index: "2.50"', 'index: "5.50"', "instrument_target", "target.index"),
        ("scale: {minimum: 1, maximum: 5}", "scale: {minimum: 5, maximum: 5}", "instrument_scale", "scale"),
        ("code: permenpanrb-8-2026\n", "", "instrument_field_missing", "code"),
        ("rounding:", "colour: red\nrounding:", "instrument_field_unknown", "colour"),
        ("rule: half_up", "rule: half_even", "instrument_field_wrong", "rounding.rule"),
        ("criteria: {state: absent", "criteria: {state: complete", "instrument_level_missing", "indicators[0].criteria"),
    ],
)  # fmt: skip
def test_loader_with_one_thing_broken_names_the_place(old: str, new: str, code: str, place: str) -> None:
    assert old in PEMDI
    faults = faults_of(PEMDI.replace(old, new, 1))

    assert (code, place) in [(fault.code, fault.place) for fault in faults]


def test_loader_names_the_line_of_a_wrong_weight() -> None:
    broken = SPBE.replace('weight: "1.30"', 'weight: "1.40"', 1)

    fault = faults_of(broken)[0]

    assert fault.line == line_of(broken, '- {number: "1", name: {id: "Kebijakan Internal Tata Kelola SPBE"')
    assert dict(fault.values) == {"total": "13.1", "expected": "13"}


def test_loader_with_a_missing_criterion_names_its_indicator() -> None:
    broken = SPBE.replace("      - {level: 4, cumulative", "      # {level: 4, cumulative", 1)

    assert [(fault.code, fault.place) for fault in faults_of(broken)] == [
        ("instrument_level_missing", "indicators[0].criteria")
    ]


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "code: [", "code: a\ncode: b\n", "", "\x00", "!!python/object:os.system {}\n"]
)
def test_loader_with_something_that_is_no_instrument_refuses(text: str) -> None:
    assert faults_of(text)


def test_loader_with_bytes_that_are_no_text_refuses() -> None:
    with pytest.raises(InstrumentInvalid):
        instrument_parse(b"\xff\xfe\xff", file="broken.yaml")


def test_loader_with_a_huge_file_refuses_before_reading_it() -> None:
    assert [fault.code for fault in faults_of("a" * 2_000_001)] == ["instrument_too_large"]


@pytest.mark.parametrize("code", sorted(fault_codes()))
def test_every_fault_says_what_is_wrong_and_what_to_do(code: str) -> None:
    names = "agency names indicator given lowest highest code kind number year numbers name reason total expected band upper lower limit level most megabytes rows range"
    fault = Fault(code=code, values=dict.fromkeys(names.split(), "x"))

    with translation.override("en"):
        explained = explain(fault)

    assert explained.message.endswith(".")
    assert explained.remedy.endswith(".")
    assert "%(" not in explained.message + explained.remedy
