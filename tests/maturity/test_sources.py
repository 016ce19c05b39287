"""What the platform counts, on the demo country's real contracts, interfaces and services."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from terpadu.casework import demo as casework_demo
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_list
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.public import contract_list, interface_list
from terpadu.maturity.facts import FactSubject
from terpadu.maturity.selectors.agencies import agencies_of
from terpadu.maturity.sources import (
    contracts_in_force,
    interfaces_described,
    services_online,
)

pytestmark = pytest.mark.django_db
CITY = FactSubject("kota.36.71", "36.71")
ON = date(2026, 11, 23)


@pytest.fixture
def country(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Seed agencies, the toll road and the services, with files of this test alone."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "EXCHANGE_DIR", tmp_path / "exchange")
    directory_demo.seed()
    exchange_demo.seed()
    casework_demo.seed()


@pytest.mark.usefixtures("country")
def test_city_stands_for_its_offices_and_districts_but_a_province_only_for_its_own() -> None:
    below = [one.code for one in agency_list() if one.region_code.startswith("36.71")]

    assert [one.code for one in agencies_of("kota.36.71", region_code="36.71")] == below
    assert agencies_of("provinsi.36", region_code="36") == []
    assert [one.code for one in agencies_of("dukcapil", region_code="")] == ["dukcapil"]


@pytest.mark.usefixtures("country")
def test_contracts_in_force_are_counted_once_with_the_query_behind_them() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}
    valid = {one.content_hash for one in contract_list() if one.state == "valid" and peers & set(one.signers)}

    fact = contracts_in_force(CITY, ON)

    assert fact is not None
    assert fact.number == len(valid) > 0
    assert "36710001" in fact.query
    assert fact.on == ON


@pytest.mark.usefixtures("country")
def test_interfaces_and_services_of_a_city_are_counted() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}

    interfaces, services = interfaces_described(CITY, ON), services_online(CITY, ON)

    assert interfaces is not None
    assert interfaces.number == sum(one.peer_id in peers for one in interface_list())
    assert services is not None
    assert services.number > 0


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize("source", [contracts_in_force, interfaces_described, services_online])
def test_agency_that_is_not_on_the_platform_gets_no_fact_at_all(source: object) -> None:
    assert callable(source)
    assert source(FactSubject("kota.99.01", "99.01"), ON) is None
