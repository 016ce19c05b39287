"""What each peer's manager tells: FSC's shapes (manager.yaml), true to what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from terpadu.directory.demo import AGENCIES, DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL
from terpadu.directory.public import agency_get
from terpadu.exchange.models import Grant
from terpadu_wire.contracts import content_from_json, content_hash, required_signers
from tests.exchange.signing import sign

pytestmark = pytest.mark.django_db
BASE = "http://control.test"


def _manager(agency_code: str) -> str:
    return f"/fsc/v1/{agency_get(agency_code).peer_id}"


def _contracts(client: Client, *, manager: str, caller: str, query: str = "") -> dict[str, object]:
    call = sign("GET", f"{_manager(manager)}/contracts{query}", b"", agency_code=caller, content_type="")
    response = call.send(client)
    assert response.status_code == 200, response.content
    answer: dict[str, object] = response.json()  # type: ignore[attr-defined] # the test client adds it
    return answer


def test_contracts_shows_those_of_both_peers(client: Client, country: Path) -> None:
    answer = _contracts(client, manager=DUKCAPIL, caller=DISDUKCAPIL)

    contracts = answer["contracts"]
    assert isinstance(contracts, list)
    assert len(contracts) == 2
    for contract in contracts:
        content = content_from_json(contract["content"])
        assert set(contract["signatures"]["accept"]) == required_signers(content)
        assert contract["signatures"]["revoke"] == {}
        assert content_hash(content).startswith("$1$1$")
    assert answer["pagination"] == {"next_cursor": ""}


def test_contracts_of_others_are_not_shown(client: Client, country: Path) -> None:
    assert _contracts(client, manager=DISDUKCAPIL, caller=KECAMATAN)["contracts"] == []


def test_contracts_filter_by_grant_hash(client: Client, country: Path) -> None:
    wanted = Grant.objects.get(purpose="kk.perubahan", service="kependudukan").grant_hash

    found = _contracts(client, manager=DUKCAPIL, caller=PORTAL, query=f"?grant_hash={wanted}")["contracts"]

    assert isinstance(found, list)
    assert len(found) == 1


def test_contracts_pages_by_cursor(client: Client, country: Path) -> None:
    first = _contracts(client, manager=DUKCAPIL, caller=PORTAL, query="?limit=2")
    assert first["pagination"] == {"next_cursor": "2"}

    rest = _contracts(client, manager=DUKCAPIL, caller=PORTAL, query="?cursor=2&limit=1000")

    whole = _contracts(client, manager=DUKCAPIL, caller=PORTAL)["contracts"]
    assert first["contracts"] + rest["contracts"] == whole  # type: ignore[operator] # both are lists


def test_contracts_unsigned_are_refused(client: Client, country: Path) -> None:
    response = client.get(f"{_manager(DUKCAPIL)}/contracts")

    assert (response.status_code, response.headers["Fsc-Error-Code"]) == (401, "signature.missing")


def test_peers_lists_the_group(client: Client, country: Path) -> None:
    answer = client.get(f"{_manager(PORTAL)}/peers").json()

    assert [peer["id"] for peer in answer["peers"]] == sorted(agency.peer_id for agency in AGENCIES)
    assert answer["peers"][0]["manager_address"] == f"{BASE}/fsc/v1/00000001"


def test_peers_filters_by_name_and_id(client: Client, country: Path) -> None:
    def ids(query: str) -> list[str]:
        return [peer["id"] for peer in client.get(f"{_manager(PORTAL)}/peers?{query}").json()["peers"]]

    assert ids("peer_name=kecamatan") == ["36710101"]
    assert ids("peer_id=00000002&peer_id=36710001") == ["00000002", "36710001"]


def test_services_lists_published_interfaces(client: Client, country: Path) -> None:
    def names(query: str = "") -> list[str]:
        answer = client.get(f"{_manager(PORTAL)}/services{query}").json()
        return [entry["data"]["name"] for entry in answer["services"]]

    assert {"akta-kelahiran", "kependudukan", "sim", "dtsen"} <= set(names())
    assert names("?service_name=KEPENDUDUKAN") == ["kependudukan"]
    assert names("?peer_id=00000002") == ["akta-kelahiran", "kependudukan", "peristiwa"]
    assert names("?peer_id=36710001&service_name=nothing") == []


def test_peer_names_the_manager_and_its_key_set_holds_no_key_that_fsc_does_not_know(
    client: Client, country: Path
) -> None:
    assert client.get(f"{_manager(DUKCAPIL)}/peer").json()["peer_id"] == "00000002"
    keys = client.get(f"{_manager(DUKCAPIL)}/.well-known/jwks.json").json()["keys"]
    assert {(one["kty"], one["alg"]) for one in keys} == {("EC", "ES256")}


@pytest.mark.parametrize("page", ["contracts", "peer", ".well-known/jwks.json"])
def test_manager_of_an_unknown_peer_is_not_found(client: Client, country: Path, page: str) -> None:
    assert client.get(f"/fsc/v1/99999999/{page}").status_code == 404


@pytest.mark.parametrize("query", ["?limit=0", "?limit=-1", "?cursor=x", "?limit=99999999999"])
def test_peers_odd_paging_is_harmless(client: Client, country: Path, query: str) -> None:
    assert client.get(f"{_manager(PORTAL)}/peers{query}").status_code == 200
