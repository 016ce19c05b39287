"""Single records: gates that make and enrich them, ends with successors, figures that follow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from terpadu.exchange.events import InterfacePublished
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.outbox import deliver_due, emit
from terpadu.kernel.timers import fire_due
from terpadu.portfolio.enums import ChangeSource
from terpadu.portfolio.errors import ApplicationUnknown, ChangedMeanwhile, RecordInvalid, SuccessorCycle
from terpadu.portfolio.models import Application, Summary
from terpadu.portfolio.policies import PUBLIC, Access
from terpadu.portfolio.public import (
    Gate,
    Wanted,
    application_end,
    application_enrich_from_client,
    application_enrich_from_exchange,
    application_register,
    application_update,
    search,
)
from terpadu.portfolio.rules.completeness import Part, completeness
from terpadu.portfolio.rules.successors import find_cycles, would_cycle
from terpadu.portfolio.selectors.applications import ApplicationView
from tests.portfolio.conftest import CITY, OFFICE, SYSTEM, Country, csv_bytes, import_list

CLEARANCE = Gate(ChangeSource.CLEARANCE, "IZIN-1")


@pytest.fixture(autouse=True)
def _everything(country: Country) -> None:
    """Every test has the country."""


def register(name: str, *, agency: str = CITY, **values: object) -> ApplicationView:
    return application_register(
        agency_code=agency,
        values={"name": name, **values},  # type: ignore[dict-item]  # values of fields, as tests need them
        gate=CLEARANCE,
        by=SYSTEM,
    )


def test_register_from_clearance_keeps_who_made_it(country: Country) -> None:
    view = application_register(
        agency_code=CITY,
        values={"name": "Pajak Daring", "rab_codes": ("RAB.09.02",)},
        costs={(2026, "build"): 50_000_000},
        gate=CLEARANCE,
        by=country.manager,
    )

    row = Application.objects.get()
    change = row.changes.get()
    assert (view.code, view.costs[0].rupiah) == (row.code, 50_000_000)
    assert (change.source, change.origin, change.by_person) == (
        "clearance",
        "IZIN-1",
        country.manager.person_id,
    )
    with pytest.raises(NotAllowed):
        application_register(agency_code=OFFICE, values={"name": "X"}, gate=CLEARANCE, by=country.manager)
    with pytest.raises(RecordInvalid):
        register(" ")


def test_published_interface_makes_a_record_and_a_second_one_enriches_it(country: Country) -> None:
    peer = country.agencies[CITY].peer_id
    for name in ("pajak", "pajak", "pajak-v2"):
        emit(InterfacePublished(peer, f"{peer}/{name}", "Pajak Daring"))

    deliver_due()

    row = Application.objects.get()
    assert (row.name, row.state, row.interfaces) == (
        "Pajak Daring",
        "live",
        [f"{peer}/pajak", f"{peer}/pajak-v2"],
    )
    assert {one.source for one in row.changes.all()} == {"exchange"}


def test_sign_in_client_enriches_the_record_of_its_name() -> None:
    known = register("Pajak Daring")

    for _ in range(2):
        application_enrich_from_client(agency_code=CITY, client_id="klien-1", name="pajak  daring", by=SYSTEM)
    other = application_enrich_from_client(agency_code=CITY, client_id="klien-2", name="Parkir", by=SYSTEM)

    assert Application.objects.get(pk=known.id).clients == ["klien-1"]
    assert (Application.objects.count(), other.values["clients"]) == (2, ("klien-2",))


def test_gate_record_is_recognised_by_a_later_list(country: Country) -> None:
    peer = country.agencies[CITY].peer_id
    view = application_enrich_from_exchange(
        peer_id=peer, service=f"{peer}/pajak", title="Pajak Daring", by=SYSTEM
    )

    import_list(csv_bytes([["A1", "PAJAK DARING", "Memungut pajak", "", "", "", ""]]))

    row = Application.objects.get()
    assert (row.id, row.local_id, row.interfaces) == (view.id, "A1", [f"{peer}/pajak"])


def test_end_names_a_successor_and_refuses_a_circle() -> None:
    old, new, newest = (register(name, live_on=date(2020, 1, 1)) for name in ("Lama", "Baru", "Terbaru"))
    application_end(old.id, on=date(2025, 1, 1), successor=new.code, by=SYSTEM)
    application_end(new.id, on=date(2026, 1, 1), successor=newest.code, by=SYSTEM)

    with pytest.raises(SuccessorCycle) as refused:
        application_update(newest.id, values={"successor": old.code}, by=SYSTEM)
    assert set(refused.value.codes) == {old.code, new.code, newest.code}
    with pytest.raises(ApplicationUnknown):
        application_update(newest.id, values={"successor": "APL-999999"}, by=SYSTEM)
    with pytest.raises(RecordInvalid):
        application_end(newest.id, on=date(2019, 1, 1), by=SYSTEM)


def test_update_of_an_older_version_is_refused() -> None:
    view = register("Pajak")
    application_update(view.id, values={"function": "A"}, version=1, by=SYSTEM)

    with pytest.raises(ChangedMeanwhile):
        application_update(view.id, values={"function": "B"}, version=1, by=SYSTEM)
    assert application_update(view.id, values={"function": "A"}, version=2, by=SYSTEM).version == 2


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("pegawai", ["Sistem Informasi Kepegawaian"]),
        ("kepegaw", ["Sistem Informasi Kepegawaian"]),
        ("kepegawian", ["Sistem Informasi Kepegawaian"]),
        ("mutasi", ["Sistem Informasi Kepegawaian"]),
        ("parkr", ["Parkir Daring"]),
        ("' | !:* &", []),
        ("", ["Parkir Daring", "Sistem Informasi Kepegawaian"]),
    ],
)
def test_search_finds_forms_parts_and_typing_errors(q: str, names: list[str]) -> None:
    register("Sistem Informasi Kepegawaian", function="Mengelola mutasi", rab_codes=("RAB.09.06.01",))
    register("Parkir Daring", agency=OFFICE)

    assert [row.name for row in search(Wanted(q=q), access=PUBLIC).rows] == names


def test_search_by_tree_agency_state_and_code_narrows() -> None:
    first = register("Kepegawaian", rab_codes=("RAB.09.06",), raa_code="RAA.01.02")
    register("Parkir", agency=OFFICE, state="ended")
    for wanted in (
        Wanted(code="RAB.09"),
        Wanted(code="RAA.01"),
        Wanted(agency=CITY),
        Wanted(state="live"),
        Wanted(q=first.code.lower()),
    ):
        assert [row.name for row in search(wanted, access=Access()).rows] == ["Kepegawaian"]
    assert not search(Wanted(code="RAB.01"), access=Access()).rows


def test_figures_follow_single_changes_by_timer_and_say_when() -> None:
    view = application_register(
        agency_code=CITY,
        values={
            "name": "Pajak",
            "live_on": date(2024, 5, 1),
            "rab_codes": ("RAB.09.06",),
            "interfaces": ("99010000/pajak",),
        },
        costs={(2025, "build"): 7},
        gate=CLEARANCE,
        by=SYSTEM,
    )
    old = {"name": "Parkir", "live_on": date(2020, 1, 1), "state": "ended"}
    for ended_on in (date(2025, 6, 1), None):  # one whose end has no day is in no year's number
        application_register(
            agency_code=CITY, values={**old, "ended_on": ended_on}, gate=CLEARANCE, by=SYSTEM
        )
    with freeze(now() + timedelta(minutes=2)):
        fire_due()
    national, city = Summary.objects.get(agency_code=""), Summary.objects.get(agency_code=CITY)
    assert (national.facts["total"], city.facts["alive"]) == (3, 1)
    assert {"year": 2024, "new": 1, "ended": 0, "in_use": 2} in city.facts["years"]
    assert {"year": 2025, "new": 0, "ended": 1, "in_use": 1} in city.facts["years"]
    assert city.facts["integrated_sectors"] == {"RAB.09": [1, 1]}
    assert "costs" not in city.facts and city.internal["dearest"][0]["code"] == view.code
    assert national.as_of is not None


def test_completeness_counts_weighted_parts_that_apply() -> None:
    parts = [Part("a", 3, ("name",)), Part("b", 1, ("url", "server"), ("live",)), Part("c", 1, ("users",))]

    assert completeness({"name": "x", "state": "ended"}, parts=parts) == 75
    assert completeness({"name": "x", "state": "live", "server": "s", "users": 0}, parts=parts) == 100
    assert completeness({}, parts=[]) == 100
    for nothing in (None, "", (), [], {}):
        assert completeness({"name": nothing, "users": 0}, parts=[Part("a", 1, ("name",)), parts[2]]) == 50


def test_circles_of_successors_are_found_wherever_they_begin() -> None:
    assert find_cycles({1: 2, 2: 3, 4: 1}) == []
    assert sorted(map(sorted, find_cycles({1: 2, 2: 1, 3: 1, 5: 5}))) == [[1, 2], [5]]
    assert would_cycle({2: 3, 3: 1}, of=1, to=2) == [1, 2, 3]
    assert would_cycle({2: 3}, of=1, to=2) == []
