"""The rule language: typed before use, three-valued, and nothing of Python but what is on the list."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.casework.definitions.evaluation import age, birthday, evaluate
from terpadu.casework.definitions.language import (
    DATE,
    FUNCTIONS,
    NUMBER,
    TEXT,
    YES_NO,
    RuleRefused,
    Type,
    parse_rule,
)

ROW = Type("record", members={"nama": TEXT, "umur": NUMBER, "lahir": DATE})
SCOPE = {
    "nama": TEXT,
    "jumlah": NUMBER,
    "lahir": DATE,
    "benar": YES_NO,
    "anak": Type("list", item=ROW),
    "satu": ROW,
}
TODAY = date(2026, 11, 21)

VALUES: list[tuple[str, dict[str, Any], Any]] = [
    ("age(lahir) < 17", {"lahir": date(2009, 11, 22)}, True),
    ("age(lahir) < 17", {"lahir": date(2009, 11, 21)}, False),
    ("age(lahir) < 17", {}, None),
    ("not benar", {}, None),
    ("benar or jumlah > 3", {"jumlah": 4}, True),
    ("benar and jumlah > 3", {"jumlah": 3}, False),
    ("benar or jumlah > 3", {"jumlah": 3}, None),
    ("has(nama)", {"nama": ""}, False),
    ("not has(nama)", {}, True),
    ("has(anak)", {"anak": []}, False),
    ("1 < jumlah <= 3", {"jumlah": 3}, True),
    ("nama in ['a', 'b']", {"nama": "b"}, True),
    ("'c' not in anak.nama", {"anak": [{"nama": "a"}, {"nama": "b"}]}, True),
    ("sum(anak.umur) + count(anak)", {"anak": [{"umur": 2}, {"umur": 5}, {}]}, 10),
    ("jumlah / 3 * 3 == jumlah", {"jumlah": 7}, True),
    ("jumlah / 0 == 1", {"jumlah": 7}, None),
    ("'ya' if benar else 'tidak'", {"benar": False}, "tidak"),
    ("even(year(lahir))", {"lahir": date(2022, 3, 4)}, True),
    ("birthday(lahir, 5)", {"lahir": date(2024, 2, 29)}, date(2029, 3, 1)),
    ("day_before(birthday(lahir, 17))", {"lahir": date(2017, 5, 20)}, date(2034, 5, 19)),
    ("days_between(lahir, today())", {"lahir": date(2026, 11, 1)}, 20),
    ("region_in(nama, '36.71')", {"nama": "36.71.01"}, True),
    ("region_in(nama, '36.7', '36.01')", {"nama": "36.71"}, False),
    ("satu.umur - -1", {"satu": {"umur": 1}}, 2),
]


@pytest.mark.parametrize(("source", "values", "expected"), VALUES)
def test_evaluate_value(source: str, values: dict[str, Any], expected: Any) -> None:
    assert evaluate(parse_rule(source, scope=SCOPE), values, today=TODAY) == expected


REFUSED = [
    "open('x')", "().__class__", "nama.__class__", "nama.upper()", "[x for x in anak]", "lambda: 1", "nama[0]",
    "jumlah ** 9", "jumlah // 2", "jumlah % 2", "f'{nama}'", "b'x'", "1.5 < 2", "None", "...", "1j == 1",
    "nama := 1", "{1: 2}", "{1}", "*anak", "benar == jumlah", "nama < 'x'", "age(nama)", "age()", "age(lahir, lahir)",
    "age(x=lahir)", "sum(anak)", "sum(anak.nama)", "anak == anak", "jumlah is 3", "not jumlah", "nama + nama",
    "lahir - lahir", "tidak_ada", "satu.tidak_ada", "[]", "1 if benar else 'x'", "benar and jumlah", "", "1 +",
    "(" * 300, "jumlah == 99999999999999999999", "x" * 501, "1" + "+1" * 200, "nama\x00", "await nama", "yield",
    "jumlah in jumlah", "~jumlah", "jumlah & 1", "import os", "nama; nama", "print", "has", "True.real",
]  # fmt: skip


@pytest.mark.parametrize("source", REFUSED)
def test_parse_rule_outside_the_language_is_refused(source: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        parse_rule(source, scope=SCOPE, expect="yes_no")

    assert caught.value.message
    assert caught.value.remedy


def test_parse_rule_collects_what_it_depends_on() -> None:
    rule = parse_rule("age(satu.lahir) < 5 and has(anak)", scope=SCOPE)

    assert rule.names == {"satu.lahir", "anak"}


numbers = st.sampled_from(
    ["jumlah", "satu.umur", "sum(anak.umur)", "age(lahir)", "count(anak)", "0", "7", "999999"]
)
days = st.sampled_from(["lahir", "satu.lahir", "today()", "birthday(lahir, jumlah)", "day_before(lahir)"])
texts = st.sampled_from(["nama", "satu.nama", "'36.71'", "''"])


def _conditions() -> st.SearchStrategy[str]:
    sums = st.builds("({} {} {})".format, numbers, st.sampled_from("+-*/"), numbers)
    atoms = st.one_of(
        st.builds("({} {} {})".format, sums, st.sampled_from(["<", "<=", "==", "!=", ">"]), numbers),
        st.builds("({} {} {})".format, days, st.sampled_from(["<", ">=", "=="]), days),
        st.builds("({} == {})".format, texts, texts),
        st.builds("({} in anak.nama)".format, texts),
        st.builds("region_in({}, {})".format, texts, texts),
        st.builds("even({})".format, sums),
        st.builds("has({})".format, st.one_of(numbers, days, texts)),
        st.just("benar"),
    )
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not {})".format, inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
        ),
        max_leaves=5,
    )


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


rows = st.fixed_dictionaries(
    {"nama": _maybe(st.text(max_size=5)), "umur": _maybe(st.integers()), "lahir": _maybe(st.dates())}
)
environments = st.fixed_dictionaries(
    {
        "nama": _maybe(st.text(max_size=8)),
        "jumlah": _maybe(st.integers() | st.fractions()),
        "lahir": _maybe(st.dates()),
        "benar": _maybe(st.booleans()),
        "anak": _maybe(st.lists(rows, max_size=3)),
        "satu": _maybe(rows),
    }
)


@settings(max_examples=400, deadline=None)
@given(source=_conditions(), values=environments, today=st.dates())
def test_evaluate_well_typed_rule_never_raises_and_gives_its_type(
    source: str, values: dict[str, Any], today: date
) -> None:
    try:
        rule = parse_rule(source, scope=SCOPE, expect="yes_no")
    except RuleRefused as refused:
        assert "too" in refused.message  # only its size may be refused
        return

    assert evaluate(rule, values, today=today) in (True, False, None)


@settings(max_examples=400, deadline=None)
@given(
    source=st.lists(
        st.sampled_from([*"abnj.()[]{}'\"<>=!+-*/ ,:_0159\n\\", *FUNCTIONS, "nama"]), max_size=40
    ).map("".join)
)
def test_parse_rule_any_text_is_a_rule_or_refused(source: str) -> None:
    try:
        rule = parse_rule(source, scope=SCOPE)
    except RuleRefused:
        return

    evaluate(rule, {}, today=TODAY)


@given(born=st.dates(), on=st.dates())
def test_age_rises_on_the_birthday(born: date, on: date) -> None:
    years = age(born, on=on)

    turned, turns = birthday(born, years), birthday(born, years + 1)
    assert turned is None or turned <= on
    assert turns is None or on < turns


def test_birthday_out_of_the_calendar_is_not_there() -> None:
    assert birthday(date(9999, 1, 1), 1) is None
    assert birthday(date(2000, 1, 1), Fraction(10**30)) is None
