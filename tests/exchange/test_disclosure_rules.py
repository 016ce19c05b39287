"""The rule by which persons see what was read of them: never too early, never later than its limit, never without a law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.exchange.rules.disclosure import GroundRule, disclosed_from, objection_to_disclosure
from terpadu.exchange.selectors.disclosure_law import disclosure_law
from terpadu.kernel.clock import JAKARTA
from terpadu_wire.disclosures import AT_ONCE, Disclosure, Ground

LAW = Ground("law", "UU 1/2000 ps. 1")
RULES = {"law": GroundRule(LAW, {"delayed": 30, "closed": 100})}
TODAY = date(2026, 11, 22)
WHEN = datetime(2026, 11, 22, 3, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
days = st.integers(1, 3660)
dates = st.dates(date(2024, 1, 1), date(2032, 1, 1)).map(date.isoformat)
rules = st.one_of(
    st.just(AT_ONCE),
    days.map(lambda one: Disclosure("delayed", one, ground=LAW)),
    dates.map(lambda one: Disclosure("delayed", date=one, ground=LAW)),
    days.map(lambda one: Disclosure("closed", one, ground=LAW)),
    st.just(Disclosure("supervisor", ground=LAW)),
)


def shown_from(rule: Disclosure, at: datetime, closed_at: datetime | None) -> datetime | None:
    return disclosed_from(rule, at=at, closed_at=closed_at, zone=JAKARTA)


@given(rules, moments, st.none() | moments)
def test_disclosed_from_is_never_before_the_reading_and_never_for_the_supervisors_alone(
    rule: Disclosure, at: datetime, closed_at: datetime | None
) -> None:
    found = shown_from(rule, at, closed_at)
    assert (found is None) == (rule.kind == "supervisor")
    assert found is None or found >= at
    if rule == AT_ONCE:
        assert found == at


@given(days, moments, moments, moments)
def test_disclosed_from_when_a_case_ends_is_never_later_than_its_limit(
    limit: int, at: datetime, one: datetime, other: datetime
) -> None:
    rule, (earlier, later) = Disclosure("closed", limit, ground=LAW), sorted((one, other))
    while_open = shown_from(rule, at, None)
    assert while_open == at + timedelta(days=limit)
    first, second = shown_from(rule, at, earlier), shown_from(rule, at, later)
    assert first is not None and second is not None and while_open is not None
    assert first <= second <= while_open


@given(st.one_of(rules), moments, moments)
def test_disclosed_from_is_not_moved_by_a_case_unless_the_rule_says_so(
    rule: Disclosure, at: datetime, closed_at: datetime
) -> None:
    if rule.kind != "closed":
        assert shown_from(rule, at, closed_at) == shown_from(rule, at, None)


@pytest.mark.parametrize(
    ("rule", "closed_at", "expected"),
    [
        (AT_ONCE, None, WHEN),
        (Disclosure("delayed", 10, ground=LAW), None, WHEN + timedelta(days=10)),
        (Disclosure("delayed", date="2027-01-01", ground=LAW), None, datetime(2026, 12, 31, 17, tzinfo=UTC)),
        (Disclosure("delayed", date="2020-01-01", ground=LAW), None, WHEN),
        (Disclosure("closed", 10, ground=LAW), WHEN + timedelta(days=3), WHEN + timedelta(days=3)),
        (Disclosure("closed", 10, ground=LAW), WHEN + timedelta(days=30), WHEN + timedelta(days=10)),
        (Disclosure("closed", 10, ground=LAW), WHEN - timedelta(days=1), WHEN),
        (Disclosure("supervisor", ground=LAW), WHEN, None),
    ],
)
def test_disclosed_from_table(
    rule: Disclosure, closed_at: datetime | None, expected: datetime | None
) -> None:
    assert shown_from(rule, WHEN, closed_at) == expected


@pytest.mark.parametrize(
    ("rule", "by_consent", "expected"),
    [
        (AT_ONCE, True, ""),
        (Disclosure("delayed", 30, ground=LAW), False, ""),
        (Disclosure("delayed", 31, ground=LAW), False, "disclosure.too_long"),
        (Disclosure("delayed", date="2026-12-22", ground=LAW), False, ""),
        (Disclosure("delayed", date="2026-12-23", ground=LAW), False, "disclosure.too_long"),
        (Disclosure("closed", 100, ground=LAW), False, ""),
        (Disclosure("closed", 101, ground=LAW), False, "disclosure.too_long"),
        (Disclosure("closed", 1, ground=LAW), True, "disclosure.by_consent"),
        (Disclosure("supervisor", ground=LAW), False, "disclosure.not_on_this_ground"),
        (Disclosure("delayed", 1, ground=replace(LAW, article="x")), False, "disclosure.ground_unknown"),
        (Disclosure("delayed", 1, ground=replace(LAW, code="other")), False, "disclosure.ground_unknown"),
    ],
)
def test_objection_to_disclosure_table(rule: Disclosure, by_consent: bool, expected: str) -> None:
    assert objection_to_disclosure(rule, RULES, today=TODAY, is_by_consent=by_consent) == expected


def test_law_names_its_articles_and_marks_what_was_not_read() -> None:
    law = disclosure_law()
    assert all(one.article and one.is_assumed for one in law.grounds)
    assert law.rules()["law_enforcement"].ground.article == law.grounds[0].article
    assert all(set(one.longest) <= {"delayed", "closed", "supervisor"} for one in law.grounds)
