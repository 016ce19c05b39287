"""The rules of rationalisation by tables and properties."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.portfolio.clearance_wording import MOVE_REASONS
from terpadu.portfolio.enums import EndingForm, Fate, Quadrant
from terpadu.portfolio.questionnaires import questionnaire
from terpadu.portfolio.rules.rationalisation.dependencies import Use, dependents
from terpadu.portfolio.rules.rationalisation.endings import form_of, steps_for
from terpadu.portfolio.rules.rationalisation.proposals import Member, propose
from terpadu.portfolio.rules.rationalisation.savings import Shares, running_cost, saving_of
from terpadu.portfolio.rules.rationalisation.scores import AxisScore, TimeLimits, axis_score, quadrant_of
from terpadu.portfolio.rules.rationalisation.waves import Step, order_waves, wave_days

Q = Quadrant
LIMITS = TimeLimits(limit=0.5, least_coverage=0.3)
SHARES = Shares(years=5, known_years=3, carried_percent=30, move_percent=50, archive_percent=10)


@pytest.mark.parametrize(
    ("value", "fit", "coverage", "quadrant"),
    [
        (0.9, 0.9, 1.0, Q.INVEST),
        (0.9, 0.1, 1.0, Q.MIGRATE),
        (0.1, 0.9, 1.0, Q.TOLERATE),
        (0.1, 0.1, 1.0, Q.ELIMINATE),
        (0.5, 0.5, 0.3, Q.INVEST),
        (0.9, 0.9, 0.2, Q.UNKNOWN),
        (None, 0.9, 1.0, Q.UNKNOWN),
    ],
)
def test_quadrant_by_table(value: float | None, fit: float, coverage: float, quadrant: Quadrant) -> None:
    assert quadrant_of(AxisScore(value, coverage, ()), AxisScore(fit, 1.0, ()), limits=LIMITS) is quadrant


@given(
    st.dictionaries(
        st.sampled_from([one.key for one in questionnaire().value.questions]), st.integers(-3, 9)
    ),
    st.dictionaries(
        st.sampled_from([one.key for one in questionnaire().value.measures]),
        st.none() | st.floats(-10, 10**9),
    ),
)
def test_axis_score_stays_in_its_range_and_counts_only_what_is_known(
    answers: dict[str, int], facts: dict[str, float | None]
) -> None:
    found = axis_score(questionnaire().value, answers=answers, facts=facts, most_points=4)

    known = len(answers) + sum(one is not None for one in facts.values())
    assert (found.score is None) == (known == 0)
    assert found.score is None or 0 <= found.score <= 1
    assert 0 <= found.coverage <= 1
    assert sum(part.share is not None for part in found.parts) == known


members = st.lists(
    st.builds(
        Member,
        code=st.integers(1, 10**6).map(lambda n: f"APL-{n:06}"),
        quadrant=st.sampled_from(list(Q)),
        is_general=st.booleans(),
        value=st.none() | st.floats(0, 1),
        fit=st.none() | st.floats(0, 1),
        users=st.none() | st.integers(0, 10**6),
        is_live=st.booleans(),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda one: one.code,
)


@given(st.sampled_from(["duplicate", "product", "function"]), members)
def test_proposal_keeps_one_and_moves_nobody_to_who_leaves(kind: str, family: list[Member]) -> None:
    found = propose(kind, family)

    fates = {one.code: one.fate for one in found}
    assert set(fates) == {one.code for one in family}
    assert found[0].fate is Fate.KEEP
    assert all(fates[one.successor] is Fate.KEEP for one in found if one.successor)
    assert all(bool(one.successor) == (one.fate in (Fate.MIGRATE, Fate.MERGE)) for one in found)
    assert {one.because for one in found} <= set(MOVE_REASONS)
    if any(one.is_general for one in family):
        assert next(one for one in family if one.code == found[0].code).is_general


@pytest.mark.parametrize(
    ("kind", "member", "fate"),
    [
        ("duplicate", Member("B", Q.ELIMINATE, users=0), Fate.MERGE),
        ("product", Member("B", Q.INVEST, users=5), Fate.MIGRATE),
        ("product", Member("B", Q.ELIMINATE, users=0), Fate.END),
        ("function", Member("B", Q.INVEST, users=5), Fate.KEEP),
        ("function", Member("B", Q.UNKNOWN), Fate.MIGRATE),
    ],
)
def test_proposal_by_table(kind: str, member: Member, fate: Fate) -> None:
    keeper = Member("A", Q.INVEST, value=1, fit=1, users=9)

    assert {one.code: one.fate for one in propose(kind, [keeper, member])}["B"] is fate


codes = st.integers(0, 14).map(str)
plans = st.dictionaries(codes, st.tuples(st.frozensets(codes, max_size=4), st.integers(0, 5)), max_size=15)


@given(plans, st.integers(1, 5))
def test_waves_hold_every_order_and_size(plan: dict[str, tuple[frozenset[str], int]], size: int) -> None:
    steps = [Step(code, after=after - {code}, risk=risk) for code, (after, risk) in plan.items()]

    found = order_waves(steps, size=size)

    place = {code: at for at, wave in enumerate(found.waves) for code in wave}
    assert set(place) | set(found.circle) == set(plan)
    assert all(len(wave) <= size for wave in found.waves)
    by_code = {one.code: one for one in steps}
    for code, at in place.items():
        assert all(place[before] < at for before in by_code[code].after & set(plan))


def test_waves_name_who_wait_for_each_other() -> None:
    found = order_waves([Step("a", frozenset({"b"})), Step("b", frozenset({"a"})), Step("c")], size=3)

    assert found.waves == (("c",),)
    assert found.circle == ("a", "b")


def test_wave_days_follow_each_other() -> None:
    assert wave_days(1, starts_on=date(2027, 1, 1), months=6) == (date(2027, 1, 1), date(2027, 7, 1))
    assert wave_days(2, starts_on=date(2027, 1, 1), months=6) == (date(2027, 7, 1), date(2028, 1, 1))


def test_running_cost_is_the_lower_of_mean_and_latest_without_building() -> None:
    costs = {
        (2023, "operation"): 100,
        (2024, "operation"): 200,
        (2025, "licence"): 90,
        (2025, "build"): 9999,
        (2026, "operation"): 1,
    }

    assert running_cost(costs, before=2026, known_years=3) == 90
    assert running_cost({(2025, "build"): 5}, before=2026, known_years=3) is None


@pytest.mark.parametrize(
    ("fate", "running", "ends", "net"),
    [
        (Fate.MIGRATE, 100, 2027, 400 - 120 - 50),
        (Fate.END, 100, 2027, 400 - 10),
        (Fate.END, 100, 2040, -10),
        (Fate.MERGE, 100, 2027, 0),
        (Fate.KEEP, 100, 2027, 0),
        (Fate.END, None, 2027, 0),
    ],
)
def test_saving_by_hand(fate: Fate, running: int | None, ends: int, net: int) -> None:
    assert saving_of(fate, running, ends_year=ends, from_year=2027, shares=SHARES).net == net


@given(st.sampled_from(list(Fate)), st.integers(0, 10**12), st.integers(2026, 2040))
def test_saving_is_never_more_than_the_running_cost_of_its_years(fate: Fate, running: int, ends: int) -> None:
    found = saving_of(fate, running, ends_year=ends, from_year=2026, shares=SHARES)

    assert found.net <= running * found.years
    assert 0 <= found.years <= SHARES.years


def test_dependents_leave_out_own_contracts_and_name_a_service_once() -> None:
    uses = [
        Use("contract", "1/x", "Kota", owner="k", agency_code="kota", reference="h1"),
        Use("contract", "1/x", "Sendiri", owner="me", agency_code="me", reference="h2"),
        Use("contract", "1/y", "Lain", owner="k", agency_code="kota", reference="h3"),
        Use("service", "1/x", "Layanan KIA", owner="k", agency_code="kota", reference="kia"),
    ]

    found = dependents(interfaces=["1/x"], declared=["kia", "Layanan Cuti"], owner="me", uses=uses)

    assert [(one.kind, one.name) for one in found] == [
        ("contract", "Kota"),
        ("declared", "Layanan Cuti"),
        ("service", "Layanan KIA"),
    ]


@pytest.mark.parametrize(
    ("fate", "users", "form"),
    [
        (Fate.KEEP, 10**6, None),
        (Fate.MERGE, 10**6, EndingForm.RECORD),
        (Fate.MIGRATE, 200_000, EndingForm.PRIORITY),
        (Fate.END, 199_999, EndingForm.ORDINARY),
    ],
)
def test_legal_form_by_table(fate: Fate, users: int, form: EndingForm | None) -> None:
    assert form_of(fate, keeper_users=users, priority_users=questionnaire().priority_users) is form


def test_priority_ending_asks_for_design_bpkp_and_minister() -> None:
    form = questionnaire().forms[EndingForm.PRIORITY]

    found = steps_for(Fate.MIGRATE, form=form, has_dependents=True, steps=questionnaire().steps)

    keys = [one.key for one in found]
    assert {"contracts", "data_copy", "archive", "solution_design", "bpkp", "minister", "switch_off"} <= set(
        keys
    )
    assert "head" not in keys
    assert all(one.basis["id"].startswith("Perpres 82/2023") for one in found if one.when == "form")
