"""Search: every form of a word, every code below one, whole costs; the columns behind it follow each change."""

from __future__ import annotations

import pytest

from terpadu.portfolio.enums import ChangeSource
from terpadu.portfolio.models import Application
from terpadu.portfolio.policies import Access, access_of
from terpadu.portfolio.rules.records import code_paths
from terpadu.portfolio.rules.stems import is_word, stems
from terpadu.portfolio.selectors.search import Wanted, search
from terpadu.portfolio.services.applications import (
    Gate,
    Values,
    application_register,
    application_update,
)
from tests.portfolio.conftest import CITY, SYSTEM, Country

GATE = Gate(ChangeSource.PAGE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sistem Informasi Kepegawaian", "pegawai"),
        ("SIMPEG untuk pegawai", ""),
        ("Pelayanan dan pelayanan", "layan"),
        ("", ""),
    ],
)
def test_stems_are_those_that_the_text_does_not_say_itself(text: str, found: str) -> None:
    assert stems(text) == found


@pytest.mark.parametrize(("word", "is_one"), [("kepegawaian", True), ("simpeg", False), ("kepeg", False)])
def test_is_word_only_with_an_indonesian_root(word: str, is_one: bool) -> None:
    assert is_word(word) is is_one


def test_code_paths_hold_every_code_above_once() -> None:
    record = {"rab_codes": ("RAB.09.06.01", "RAB.09.06.02"), "ral_codes": [], "raa_code": "RAA.01"}

    assert sorted(code_paths(record)) == [
        "RAA", "RAA.01", "RAB", "RAB.09", "RAB.09.06", "RAB.09.06.01", "RAB.09.06.02",
    ]  # fmt: skip


@pytest.fixture
def codes(country: Country) -> dict[str, str]:
    """Codes of three applications, by what they are about."""
    said: dict[str, Values] = {
        "staff": {"name": "SIMPEG", "function": "Mengelola data kepegawaian", "rab_codes": ("RAB.09.06.01",)},
        "clerks": {"name": "Data Pegawai", "function": "Daftar nama", "rab_codes": ("RAB.09.06",)},
        "parking": {"name": "e-Parkir", "function": "Retribusi", "rab_codes": ("RAB.02.01",)},
    }
    costs = {"staff": {(2024, "build"): 700, (2025, "build"): 400}, "parking": {(2024, "build"): 900}}
    return {
        key: application_register(
            agency_code=CITY, values=values, costs=costs.get(key), gate=GATE, by=SYSTEM
        ).code
        for key, values in said.items()
    }


def found_by(wanted: Wanted, *, access: Access | None = None) -> set[str]:
    return {row.code for row in search(wanted, access=access or access_of(SYSTEM)).rows}


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["kepegawaian", "pegawai", "PEGAWAI"])
def test_search_every_form_of_a_word_finds_the_same(codes: dict[str, str], word: str) -> None:
    assert found_by(Wanted(q=word)) == {codes["staff"], codes["clerks"]}


@pytest.mark.django_db
def test_search_begun_name_finds_it(codes: dict[str, str]) -> None:
    assert found_by(Wanted(q="simp")) == {codes["staff"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "about"),
    [("RAB.09", {"staff", "clerks"}), ("RAB.09.06.01", {"staff"}), ("RAB.0", set()), ("XYZ", set())],
)
def test_search_code_finds_all_below(codes: dict[str, str], code: str, about: set[str]) -> None:
    assert found_by(Wanted(code=code)) == {codes[one] for one in about}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("least", "most", "about"),
    [(1000, None, {"staff"}), (None, 1000, {"parking"}), (900, 1100, {"staff", "parking"})],
)
def test_search_cost_is_of_all_years_together(
    codes: dict[str, str], least: int | None, most: int | None, about: set[str]
) -> None:
    assert found_by(Wanted(cost_from=least, cost_to=most)) == {codes[one] for one in about}


@pytest.mark.django_db
def test_columns_of_search_follow_a_change(codes: dict[str, str]) -> None:
    row = Application.objects.get(code=codes["parking"])

    application_update(
        row.id,
        values={"function": "Perizinan", "rab_codes": ("RAB.03",)},
        costs={(2025, "build"): 200},
        by=SYSTEM,
    )

    row = Application.objects.get(code=codes["parking"])
    assert (row.code_paths, row.cost_total, row.text_stems) == (["RAB.03", "RAB"], 1100, "izin")
    assert found_by(Wanted(q="izin")) == {row.code}
