"""What the platform counts, on the demo country's real contracts, interfaces and services."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from terpadu.casework import demo as casework_demo
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_list
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.public import contract_list, interface_list
from terpadu.maturity import sources
from terpadu.maturity.facts import FactSubject
from terpadu.maturity.selectors.agencies import agencies_of
from tests.maturity.test_sources import CITY, ON, told


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Agencies, the toll road and the services, made once for this file in a transaction around its tests."""
    folder = tmp_path_factory.mktemp("country")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DATA_DIR=folder, EXCHANGE_DIR=folder / "exchange"):
            directory_demo.seed()
            exchange_demo.seed()
            casework_demo.seed()
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_city_stands_for_its_offices_and_districts_but_a_province_only_for_its_own() -> None:
    below = [one.code for one in agency_list() if one.region_code.startswith("36.71")]

    assert [one.code for one in agencies_of("kota.36.71", region_code="36.71")] == below
    assert agencies_of("provinsi.36", region_code="36") == []
    assert [one.code for one in agencies_of("dukcapil", region_code="")] == ["dukcapil"]


def test_contracts_in_force_are_counted_once_with_the_query_behind_them() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}
    valid = {one.content_hash for one in contract_list() if one.state == "valid" and peers & set(one.signers)}

    fact = told(sources.CONTRACTS, CITY, ON)

    assert fact is not None
    assert fact.number == len(valid) > 0
    assert "36710001" in fact.query
    assert fact.on == ON


def test_interfaces_and_services_of_a_city_are_counted() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}

    interfaces, services = told(sources.INTERFACES, CITY, ON), told(sources.SERVICES, CITY, ON)

    assert interfaces is not None
    assert interfaces.number == sum(one.peer_id in peers for one in interface_list())
    assert services is not None
    assert services.number > 0


@pytest.mark.parametrize("key", list(sources.TELLERS))
def test_agency_that_is_not_on_the_platform_gets_no_fact_at_all(key: str) -> None:
    assert told(key, FactSubject("kota.99.01", "99.01"), ON) is None
