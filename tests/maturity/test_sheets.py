"""The offline spreadsheet goes out and comes in without loss, all or nothing."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from terpadu.kernel.errors import NotAllowed
from terpadu.maturity.errors import TableInvalid
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Assessment
from terpadu.maturity.rules.score import score_indicators
from terpadu.maturity.rules.sheets import SheetHead, SheetRow, column_letter, read_csv, write_csv
from terpadu.maturity.services.assessments import assessment_save
from terpadu.maturity.services.sheets import sheet_in, sheet_out
from tests.maturity.conftest import Scene

SPBE = instrument_get("permenpanrb-59-2020")
HEAD = SheetHead(instrument=SPBE.code, year=2025, agency="kota.99.01")
# A CSV file cannot tell a lone carriage return from a line's end; forms send line feeds.
TEXTS = st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"]), max_size=30)
ROWS = st.lists(
    st.builds(
        SheetRow,
        indicator=st.sampled_from(list(SPBE.indicators)),
        level=st.sampled_from(["1", "2", "3", "4", "5"]),
        explanation=TEXTS,
        service_name=TEXTS,
        version=st.integers(0, 99),
    ),
    max_size=10,
    unique_by=lambda row: row.indicator,
)


@given(ROWS)
def test_sheet_written_and_read_again_is_the_same(rows: list[SheetRow]) -> None:
    text = write_csv(HEAD, rows, instrument=SPBE)

    read = read_csv(text, head=HEAD, instrument=SPBE)

    assert (read.rows, read.faults) == (rows, [])


@given(st.lists(st.integers(1, 5), min_size=47, max_size=47))
def test_sums_survive_a_round_trip_through_the_sheet(levels: list[int]) -> None:
    given_ = dict(zip(SPBE.indicators, levels, strict=True))
    rows = [SheetRow(number, str(level), "x", "y", 1) for number, level in given_.items()]

    read = read_csv(write_csv(HEAD, rows, instrument=SPBE), head=HEAD, instrument=SPBE)

    again = {row.indicator: int(row.level) for row in read.rows}
    assert score_indicators(SPBE, again) == score_indicators(SPBE, given_)


@given(TEXTS)
def test_no_cell_of_a_sheet_starts_a_formula(text: str) -> None:
    sheet = write_csv(HEAD, [SheetRow("1", "3", "=" + text, "@x", 1)], instrument=SPBE)

    assert "'=" in sheet
    assert ",'@x," in sheet


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("a,b\n", 1, "", "sheet_columns"),
        ("", 1, "", "sheet_columns"),
        ("permenpanrb-59-2020,2024,kota.99.01,1,n,3,x,,0", 2, "B (year)", "sheet_other"),
        ("permenpanrb-59-2020,2025,kota.99.02,1,n,3,x,,0", 2, "C (agency)", "sheet_other"),
        ("permenpanrb-8-2026,2025,kota.99.01,1,n,3,x,,0", 2, "A (instrument)", "sheet_other"),
        ("permenpanrb-59-2020,2025,kota.99.01,48,n,3,x,,0", 2, "D (indicator)", "number_unknown"),
        ("permenpanrb-59-2020,2025,kota.99.01,1,n,3,x,,x", 2, "I (version)", "sheet_row"),
        ("permenpanrb-59-2020,2025,kota.99.01,1,n,3,x,,٣", 2, "I (version)", "sheet_row"),
        ("permenpanrb-59-2020,2025,kota.99.01,1,n,3,x\0y,,0", 2, "G (explanation)", "sheet_character"),
        ("permenpanrb-59-2020,2025,kota.99.01,1", 2, "F (level)", "sheet_row"),
    ],
)
def test_sheet_with_a_bad_row_says_which_cell_and_why(text: str, line: int, column: str, code: str) -> None:
    header = write_csv(HEAD, [], instrument=SPBE)
    text = header + text if text.startswith("permenpanrb") else text

    faults = read_csv(text, head=HEAD, instrument=SPBE).faults

    assert [(fault.line, fault.column, fault.code) for fault in faults] == [(line, column, code)]


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (9, "I"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_column_letters_are_those_of_spreadsheet_programs(number: int, letters: str) -> None:
    assert column_letter(number) == letters


def test_sheet_with_a_row_twice_names_the_second() -> None:
    row = SheetRow("1", "3", "x", "", 0)
    text = write_csv(HEAD, [row, row], instrument=SPBE)

    assert [(fault.code, fault.line) for fault in read_csv(text, head=HEAD, instrument=SPBE).faults] == [
        ("number_double", 3)
    ]


def test_sheet_filled_in_offline_saves_only_what_changed(scene: Scene) -> None:
    assessment_save(
        scene.locus.id, indicator="1", stage="mandiri", level="3", explanation="=Perwal", by=scene.operator
    )
    sheet = sheet_out(scene.locus, by=scene.operator)
    lines = [
        line.removesuffix(",,,0") + "4,Ada,Layanan,0" if line.endswith(",,,0") else line
        for line in sheet.split("\r\n")
    ]

    saved = sheet_in(scene.locus.id, content="\r\n".join(lines).encode(), by=scene.operator)

    assert saved == 46
    assert Assessment.objects.count() == 47
    assert Assessment.objects.get(indicator="1").version == 1
    assert (
        sheet_in(
            scene.locus.id, content=sheet_out(scene.locus, by=scene.operator).encode(), by=scene.operator
        )
        == 0
    )


def test_sheet_with_one_bad_row_saves_nothing_and_names_it(scene: Scene) -> None:
    lines = sheet_out(scene.locus, by=scene.operator).split("\r\n")
    lines[1] = lines[1].removesuffix(",,,0") + "tiga,Ada,,0"
    lines[2] = lines[2].removesuffix(",,,0") + "3,Ada,,0"
    lines[3] = lines[3].removesuffix(",,,0") + "3,,,0"
    lines[4] = lines[4].removesuffix(",,,0") + f"3,{'x' * 4001},,0"
    lines[45] = lines[45].removesuffix(",,,0") + "3,Ada,,0"
    lines[46] = lines[46].removesuffix(",,,0") + f"3,Ada,{'x' * 201},0"

    with pytest.raises(TableInvalid) as caught, transaction.atomic():
        sheet_in(scene.locus.id, content="\r\n".join(lines).encode(), by=scene.operator)

    assert [(fault.code, fault.line, fault.column) for fault in caught.value.faults] == [
        ("level_word", 2, "F (level)"),
        ("sheet_explanation", 4, "G (explanation)"),
        ("sheet_text_long", 5, "G (explanation)"),
        ("sheet_service", 46, "H (service_name)"),
        ("sheet_text_long", 47, "H (service_name)"),
    ]
    assert not Assessment.objects.exists()


def test_sheet_made_before_somebody_else_saved_says_so(scene: Scene) -> None:
    lines = sheet_out(scene.locus, by=scene.operator).split("\r\n")
    lines[1] = lines[1].removesuffix(",,,0") + "3,Ada,,0"
    assessment_save(
        scene.locus.id, indicator="1", stage="mandiri", level="4", explanation="Lain", by=scene.coordinator
    )

    with pytest.raises(TableInvalid) as caught, transaction.atomic():
        sheet_in(scene.locus.id, content="\r\n".join(lines).encode(), by=scene.operator)

    assert [fault.code for fault in caught.value.faults] == ["sheet_changed"]
    assert Assessment.objects.get().level == 4


def test_sheet_for_somebody_outside_the_agency_is_refused(scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        sheet_out(scene.locus, by=scene.stranger)


def test_sheet_that_is_too_large_or_no_text_is_refused_before_it_is_read(scene: Scene) -> None:
    for content, code in ((b"x" * 2_000_001, "sheet_too_large"), (b"\xff\xfe", "sheet_not_text")):
        with pytest.raises(TableInvalid) as caught, transaction.atomic():
            sheet_in(scene.locus.id, content=content, by=scene.operator)

        assert [fault.code for fault in caught.value.faults] == [code]
