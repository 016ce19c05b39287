"""What an NIP says, what earns credit, how a month adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.civil_service.enums import CreditState, EmploymentKind
from terpadu.civil_service.rules import (
    LONGEST_EFFORT_MINUTES,
    HandledStep,
    Month,
    Nip,
    NipFault,
    credited_effort,
    earns_credit,
    nip_warnings,
    parse_nip,
    state_of,
    tally,
)
from terpadu.civil_service.web.chart import BAR_WIDTH, chart_of
from terpadu.kernel.ids import uuid7

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("19860926201505100", "format"),
        ("1986092620150510011", "format"),
        ("19860926201505100A", "format"),
        ("١٩٨٦٠٩٢٦٢٠١٥٠٥١٠٠١", "format"),
        ("198613262015051001", "birth"),
        ("198602302015051001", "birth"),
        ("000009262015051001", "birth"),
        ("198609262015131001", "start"),
        ("198609262015001001", "start"),
        ("198609262015201001", "start"),
        ("198609260000051001", "start"),
        ("198609262002051001", "age"),
        ("198609262047051001", "age"),
        ("198609261980051001", "age"),
        ("198609262015053001", "sex"),
        ("198609262015050001", "sex"),
        ("198609262015051000", "serial"),
    ],
)
def test_parse_nip_faulty_number_names_its_fault(text: str, reason: str) -> None:
    assert parse_nip(text) == NipFault(reason)


def test_parse_nip_of_a_civil_servant_with_its_usual_spaces() -> None:
    assert parse_nip("19860926 201505 1 001") == Nip(
        number="198609262015051001",
        kind=EmploymentKind.PNS,
        birth_on=date(1986, 9, 26),
        began=date(2015, 5, 1),
        sex="L",
        contracts=None,
        serial=1,
    )


@pytest.mark.parametrize(("part", "contracts"), [("21", 1), ("22", 2), ("99", 79)])
def test_parse_nip_of_a_contract_employee_counts_contracts_from_21(part: str, contracts: int) -> None:
    nip = parse_nip(f"199203142023{part}2017")

    assert isinstance(nip, Nip)
    assert (nip.kind, nip.contracts, nip.sex) == (EmploymentKind.PPPK, contracts, "P")
    assert nip.began == date(2023, 1, 1)


@settings(deadline=None)
@given(
    birth=st.dates(date(1950, 1, 1), date(2005, 12, 31)),
    age=st.integers(18, 59),
    month=st.integers(1, 12),
    sex=st.sampled_from("12"),
    serial=st.integers(1, 999),
)
def test_parse_nip_reads_back_every_well_formed_number(
    birth: date, age: int, month: int, sex: str, serial: int
) -> None:
    nip = parse_nip(f"{birth:%Y%m%d}{birth.year + age}{month:02}{sex}{serial:03}")

    assert isinstance(nip, Nip)
    assert (nip.birth_on, nip.began, nip.serial) == (birth, date(birth.year + age, month, 1), serial)
    assert nip_warnings(nip, birth_on=birth, sex="L" if sex == "1" else "P") == []


@settings(deadline=None)
@given(st.text(max_size=24))
def test_parse_nip_never_breaks(text: str) -> None:
    assert isinstance(parse_nip(text), Nip | NipFault)


def test_nip_warnings_name_what_differs_from_the_person() -> None:
    nip = parse_nip("198609262015051001")
    assert isinstance(nip, Nip)

    assert nip_warnings(nip, birth_on=date(1986, 9, 27), sex="P") == ["birth", "sex"]


@pytest.mark.parametrize(
    ("person", "position", "minutes", "earns"),
    [
        (True, "p1", 6, True),
        (True, "p1", 0, True),
        (True, "p2", 6, False),
        (True, "", 6, False),
        (False, "p1", 6, False),
        (True, "p1", -1, False),
    ],
)
def test_earns_credit_only_a_person_in_a_held_position_with_time_running_forwards(
    person: bool, position: str, minutes: int, earns: bool
) -> None:
    step = HandledStep(uuid7() if person else None, position, AT, AT + timedelta(minutes=minutes), 6)

    assert earns_credit(step, held_positions=["p0", "p1"]) is earns


@settings(deadline=None)
@given(st.integers())
def test_credited_effort_stays_within_a_working_day(minutes: int) -> None:
    assert 0 <= credited_effort(minutes) <= LONGEST_EFFORT_MINUTES
    if 0 <= minutes <= LONGEST_EFFORT_MINUTES:
        assert credited_effort(minutes) == minutes


def test_state_of_is_final_from_the_end_of_the_hold() -> None:
    assert state_of(AT, at=AT - timedelta(seconds=1)) == CreditState.HELD
    assert state_of(AT, at=AT) == CreditState.FINAL


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", Month(2026, 11)),
        ("2026-13", None),
        ("2026-00", None),
        ("1999-01", None),
        ("2026-1", None),
        ("2026-11-01", None),
        ("", None),
        ("' or 1=1", None),
    ],
)
def test_month_parse_table(text: str, month: Month | None) -> None:
    assert Month.parse(text) == month


@settings(deadline=None)
@given(st.integers(2001, 2098), st.integers(1, 12), st.integers(-12, 12))
def test_month_days_are_whole_and_shifts_come_back(year: int, month: int, shift: int) -> None:
    start = Month(year, month)

    days = start.days()
    assert (days[0], days[-1] + timedelta(days=1)) == (start.first, start.after)
    assert all(Month.of(day) == start for day in days)
    assert start.shifted(shift).shifted(-shift) == start
    assert Month.parse(str(start)) == start


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.dates(date(2026, 11, 1), date(2026, 11, 30)), st.booleans(), st.integers(0, 480)))
)
def test_tally_adds_up(handled: list[tuple[date, bool, int]]) -> None:
    sums = tally(handled, month=Month(2026, 11))

    assert sums.steps == sum(sums.per_day.values()) == len(handled)
    assert len(sums.per_day) == 30
    assert sums.minutes == sum(minutes for _day, _on_time, minutes in handled)
    assert (sums.on_time_percent is None) == (not handled)
    assert sums.on_time_percent is None or 0 <= sums.on_time_percent <= 100


def test_tally_on_time_percent_rounds_down_so_that_100_means_all() -> None:
    day = date(2026, 11, 2)

    assert tally([(day, n > 0, 1) for n in range(300)], month=Month(2026, 11)).on_time_percent == 99


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=28, max_size=31))
def test_chart_of_draws_every_day_inside_its_frame(counts: list[int]) -> None:
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(len(counts))]

    chart = chart_of(dict(zip(days, counts, strict=True)))

    assert [bar.count for bar in chart.bars] == counts
    assert all(0 <= bar.y <= chart.base and bar.x + BAR_WIDTH <= chart.width for bar in chart.bars)
    assert 2 <= len(chart.lines) <= 6
    assert chart.lines[-1].value >= max(counts)
