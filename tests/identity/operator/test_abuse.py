"""Abuse signals: the rules by tables, and the page on real history."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from terpadu.identity.enums import SignalKind, SignInMethod
from terpadu.identity.models import Account, Person, SignIn
from terpadu.identity.rules.abuse import (
    Entry,
    Place,
    SharingLimits,
    StuffingLimits,
    TravelLimits,
    find_sharing,
    find_stuffing,
    find_travel,
    kilometres,
)
from terpadu.identity.selectors.abuse import abuse_report
from terpadu.identity.selectors.places import network_places
from terpadu.identity.selectors.reference import abuse_limits
from terpadu.kernel.clock import now
from terpadu.kernel.models import AuditEvent
from tests.identity.operator.conftest import Operator

NOON = now().replace(hour=5, minute=0, second=0, microsecond=0)
TANGERANG = Place("Tangerang", -6.18, 106.63)
JAKARTA = Place("Jakarta", -6.2, 106.85)
JAYAPURA = Place("Jayapura", -2.53, 140.7)
PLACES = {"203.0.113.1": TANGERANG, "203.0.113.2": JAKARTA, "198.51.100.1": JAYAPURA}
TRAVEL = TravelLimits(kilometres_an_hour=1000, least_kilometres=500)
SHARING = SharingLimits(accounts=3, within_minutes=60)
STUFFING = StuffingLimits(accounts=3, within_minutes=60, least_failed=0.8)
Line = tuple[int, int, str, str]


def entries(*lines: Line) -> list[Entry]:
    """Write history: account, minute, outcome, network."""
    return [
        Entry(UUID(int=account), NOON + timedelta(minutes=minute), outcome, network, "Chrome, Android")
        for account, minute, outcome, network in lines
    ]


def test_kilometres_from_tangerang_to_jayapura_are_those_of_a_map() -> None:
    assert 3750 < kilometres(TANGERANG, JAYAPURA) < 3830
    assert kilometres(TANGERANG, TANGERANG) == 0


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 60, "signed_in", "198.51.100.1")], 1),
        ([(1, 60, "signed_in", "198.51.100.1"), (1, 0, "signed_in", "203.0.113.1")], 1),
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 240, "signed_in", "198.51.100.1")], 0),
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 0, "signed_in", "203.0.113.2")], 0),
        ([(1, 0, "signed_in", "203.0.113.1"), (2, 1, "signed_in", "198.51.100.1")], 0),
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 1, "wrong_password", "198.51.100.1")], 0),
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 1, "signed_in", "192.0.2.9")], 0),
        (
            [
                (1, 0, "signed_in", "203.0.113.1"),
                (1, 1, "signed_in", "192.0.2.9"),
                (1, 2, "signed_in", "198.51.100.1"),
            ],
            1,
        ),
        ([(1, 0, "signed_in", "203.0.113.1"), (1, 0, "signed_in", "198.51.100.1")], 1),
    ],
)
def test_find_travel_by_distance_and_time(lines: list[Line], count: int) -> None:
    found = list(find_travel(entries(*lines), place_of=PLACES.get, limits=TRAVEL))

    assert len(found) == count
    assert all(signal.accounts == (UUID(int=1),) for signal in found)


@pytest.mark.parametrize(
    ("lines", "accounts"),
    [
        ([(n, n, "signed_in", "203.0.113.1") for n in (1, 2, 3)], 3),
        ([(n, n * 40, "signed_in", "203.0.113.1") for n in (1, 2, 3)], 0),
        ([(n, n, "signed_in", f"203.0.113.{n}") for n in (1, 2, 3)], 0),
        ([(n, n, "wrong_password", "203.0.113.1") for n in (1, 2, 3)], 0),
        ([(1, n, "signed_in", "203.0.113.1") for n in range(9)], 0),
        ([(n % 4, n * 20, "signed_in", "203.0.113.1") for n in range(12)], 4),
    ],
)
def test_find_sharing_by_accounts_within_the_time(lines: list[Line], accounts: int) -> None:
    found = list(find_sharing(entries(*lines), limits=SHARING))

    assert [len(signal.accounts) for signal in found] == ([accounts] if accounts else [])


FAILS: list[Line] = [(n, n, "wrong_password", "203.0.113.1") for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("lines", "is_found", "opened"),
    [
        (FAILS, True, ()),
        ([*FAILS, (4, 5, "signed_in", "203.0.113.1")], True, (4,)),
        ([*FAILS, (4, 5, "signed_in", "203.0.113.2")], True, ()),
        ([*FAILS, (9, -5, "signed_in", "203.0.113.1")], True, ()),
        ([*FAILS, *((n, 2, "signed_in", "203.0.113.1") for n in range(20, 40))], False, ()),
        ([(1, n, "wrong_password", "203.0.113.1") for n in range(50)], False, ()),
        ([(n, n * 40, "wrong_password", "203.0.113.1") for n in (1, 2, 3)], False, ()),
        (
            [
                (n, n, outcome, "203.0.113.1")
                for n, outcome in enumerate(("limited", "wrong_code", "wrong_password"))
            ],
            True,
            (),
        ),
        ([(n, n, "locked", "203.0.113.1") for n in (1, 2, 3)], False, ()),
    ],
)
def test_find_stuffing_by_accounts_and_share_that_failed(
    lines: list[Line], is_found: bool, opened: tuple[int, ...]
) -> None:
    found = list(find_stuffing(entries(*lines), limits=STUFFING))

    assert bool(found) is is_found
    assert [signal.opened for signal in found] == ([tuple(UUID(int=n) for n in opened)] if is_found else [])


LINE = st.tuples(
    st.integers(1, 5),
    st.integers(0, 200),
    st.sampled_from(["signed_in", "wrong_password", "limited"]),
    st.sampled_from(sorted(PLACES)),
)


@given(st.lists(LINE, max_size=30), st.randoms())
def test_signals_do_not_hang_on_the_order_of_rows(lines: list[Line], dice: object) -> None:
    first = entries(*lines)
    second = list(first)
    dice.shuffle(second)  # type: ignore[attr-defined]  # a random.Random of Hypothesis

    for find in (
        lambda rows: find_stuffing(rows, limits=STUFFING),
        lambda rows: find_sharing(rows, limits=SHARING),
    ):
        one, other = ([(s.networks, len(s.accounts)) for s in find(rows)] for rows in (first, second))
        assert sorted(one) == sorted(other)
        assert all(count >= 3 for _, count in one)


def test_limits_in_force_are_dated_and_say_that_they_are_assumed() -> None:
    limits = abuse_limits()

    assert limits.valid_from.year == 2026
    assert 0 < limits.stuffing.least_failed <= 1


@pytest.mark.parametrize(
    ("network", "place"),
    [
        ("203.0.113.7", "Tangerang"),
        ("203.0.114.1", None),
        ("198.51.100.200", "Jayapura"),
        ("2001:db8:1:2::/64", "Medan"),
        ("2001:db9::/64", None),
        ("unknown", None),
        ("0.0.0.1", None),
    ],
)
def test_places_of_networks_come_from_the_operators_file(
    tmp_path: Path, settings: Settings, network: str, place: str | None
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "network,latitude,longitude,place\n198.51.100.0/24,-2.53,140.7,Jayapura\n203.0.113.0/24,-6.18,106.63,Tangerang\n"
        "2001:db8::/32,3.6,98.7,Medan\n192.0.2.0/24,,,\n"
    )
    settings.NETWORK_PLACES = str(path)

    places = network_places()

    assert places is not None
    found = places.find(network)
    assert (found.name if found else None) == place


def history(account: Account, network: str, outcome: str, *, ago_minutes: int) -> None:
    at = now() - timedelta(minutes=ago_minutes)
    SignIn.objects.create(
        account=account,
        method=SignInMethod.PASSWORD,
        outcome=outcome,
        network=network,
        device="Chrome",
        at=at,
    )


def many_accounts(count: int) -> list[Account]:
    people = Person.objects.bulk_create(
        Person(nik_sealed=b"", nik_hash=f"hash-{n}", name="Warga", birth_on="1990-01-01", sex="L")
        for n in range(count)
    )
    return Account.objects.bulk_create(Account(person=person, password="!") for person in people)


@pytest.mark.django_db
def test_abuse_page_shows_signals_without_names_and_is_on_record(
    dian: Operator, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "places.csv"
    path.write_text(
        "network,latitude,longitude,place\n198.51.100.0/24,-2.53,140.7,Jayapura\n203.0.113.0/24,-6.18,106.63,Tangerang\n"
    )
    settings.NETWORK_PLACES = str(path)
    limits = abuse_limits()
    accounts = many_accounts(limits.sharing.accounts)
    for account in accounts[: limits.stuffing.accounts]:
        history(account, "192.0.2.66", "wrong_password", ago_minutes=30)
    history(accounts[0], "192.0.2.66", "signed_in", ago_minutes=20)
    for account in accounts:
        history(account, "192.0.2.77", "signed_in", ago_minutes=40)
    history(accounts[1], "203.0.113.9", "signed_in", ago_minutes=100)
    history(accounts[1], "198.51.100.9", "signed_in", ago_minutes=90)

    report = abuse_report()
    page = dian.browser.get("/operator/identitas/penyalahgunaan/").content.decode()

    assert sorted(signal.kind for signal in report.signals) == sorted(SignalKind)
    stuffing = next(signal for signal in report.signals if signal.kind is SignalKind.STUFFING)
    assert stuffing.opened == (accounts[0].person_id,)
    assert "Jayapura" in page
    assert str(accounts[0].person_id) in page
    assert "Warga" not in page
    assert AuditEvent.objects.filter(event="identity.abuse_looked_at").count() == 1


@pytest.mark.django_db
def test_abuse_page_without_places_says_that_travel_is_not_told(dian: Operator) -> None:
    page = dian.browser.get("/operator/identitas/penyalahgunaan/").content.decode()

    assert "Travel cannot be told here" in page
    assert "Nothing to see" in page


@pytest.mark.django_db
def test_abuse_report_leaves_old_history_out(dian: Operator) -> None:
    limits = abuse_limits()
    for account in many_accounts(limits.stuffing.accounts):
        history(account, "192.0.2.66", "wrong_password", ago_minutes=60 * limits.window_hours + 5)

    assert abuse_report().signals == ()
