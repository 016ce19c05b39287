"""How a quota is shared: whatever gateways ask, together they are never granted more than the contract allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from terpadu.exchange.rules.leases import Holding, Wish, allot

steps = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 1), st.booleans()), max_size=40
)


@given(st.integers(1, 60), st.integers(1, 20), steps)
def test_allot_any_order_of_wishes_keeps_both_sums_within_the_quota(
    per_day: int, rps: int, asked: list[tuple[int, int, int, bool]]
) -> None:
    held: dict[int, Holding] = {}
    for gateway, want, spends, restarts in asked:
        own = held.get(gateway, Holding())
        used = None if restarts else min(own.granted, own.used + spends)
        others = [one for name, one in held.items() if name != gateway]

        got = allot(Wish(used, want), own, others, rps=rps, per_day=per_day)

        held[gateway] = Holding(got.granted, got.used, got.rate)
        assert got.granted >= own.granted
        assert got.used <= got.granted
        assert sum(one.granted for one in held.values()) <= per_day
        assert sum(one.rate for one in held.values()) <= rps + 1e-9


def test_allot_rounds_of_renewal_end_in_equal_shares() -> None:
    held = [Holding(), Holding(is_live=False), Holding(is_live=False)]
    for _ in range(4):
        for number in range(3):
            others = [one for place, one in enumerate(held) if place != number]
            got = allot(Wish(0, 0), held[number], others, rps=9, per_day=None)
            held[number] = Holding(got.granted, got.used, got.rate)

    assert [one.rate for one in held] == [3.0, 3.0, 3.0]


def test_allot_lapsed_gateway_gives_back_its_rate_and_keeps_its_calls_of_the_day() -> None:
    lapsed = Holding(granted=10, used=2, rate=5.0, is_live=False)

    got = allot(Wish(0, 100), Holding(), [lapsed], rps=10, per_day=50)

    assert (got.granted, got.rate, got.shared_by) == (40, 10.0, 1)


def test_allot_restarted_gateway_counts_all_that_it_was_granted_as_used() -> None:
    got = allot(Wish(None, 5), Holding(granted=10, used=2), [], rps=None, per_day=100)

    assert (got.used, got.granted) == (10, 15)
