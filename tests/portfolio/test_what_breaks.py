"""What breaks when an application ends, on the demo country's real contracts and services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from terpadu.casework import demo as casework_demo
from terpadu.casework.public import interface_uses
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_get
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.public import contract_list
from terpadu.portfolio.models import Application
from terpadu.portfolio.selectors.dependencies import consumer_of, dependents_of
from terpadu.portfolio.services.gates import application_enrich_from_exchange
from tests.portfolio.clearance import make_application
from tests.portfolio.conftest import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _road(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The demo country's agencies, contracts and services, made once in a transaction around this module's tests."""
    folder = tmp_path_factory.mktemp("road")
    places = {"DATA_DIR": folder, "EXCHANGE_DIR": folder / "exchange", "CONTROL_URL": "http://control.test"}
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**places):
            directory_demo.seed()
            exchange_demo.seed()
            casework_demo.seed()
        yield
        transaction.set_rollback(True)


def registry(name: str = "kependudukan") -> Application:
    """Return the record of the application behind an interface of the population registry."""
    peer_id = agency_get("dukcapil").peer_id
    view = application_enrich_from_exchange(
        peer_id=peer_id, service=f"{peer_id}/{name}", title="Registri Penduduk", by=SYSTEM
    )
    return Application.objects.get(pk=view.id)


def test_end_of_the_registry_names_every_contract_and_every_service(_road: None, db: None) -> None:
    row = registry()
    grants = [
        grant
        for contract in contract_list()
        if contract.state == "valid"
        for grant in contract.content.connection_grants()
        if f"{grant.service.peer_id}/{grant.service.name}" == row.interfaces[0]
    ]

    found = dependents_of(row)

    kinds = Counter(one.kind for one in found)
    consumers = {one.agency_code for one in found if one.kind == "contract"}
    services = {one.reference for one in found if one.kind == "service"}
    assert kinds["contract"] == len(grants) > 3
    assert {agency_get(code).peer_id for code in consumers} == {consumer_of(grant) for grant in grants}
    assert consumers >= {
        "disdukcapil.36.71",
        "kecamatan.36.71.01",
    }  # not the portal, which calls in their name
    assert services == {
        one.service_id for one in interface_uses() if one.interface == "dukcapil/kependudukan"
    }
    assert len(services) > 1


def test_end_of_an_application_that_offers_nothing_breaks_nothing(_road: None, db: None) -> None:
    assert dependents_of(make_application(agency="dukcapil")) == []
