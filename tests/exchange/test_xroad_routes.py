"""X-Road's names for what contracts open: which id leads where, and what may not bring the doors' program to a halt."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from terpadu.directory.demo import KECAMATAN, KELURAHAN
from terpadu.exchange.cli_connect import app
from terpadu.exchange.demo.systems import HOST, XROAD_CODE
from terpadu.exchange.errors import SystemUndescribed
from terpadu.exchange.models import Contract, Grant, XroadSubsystem
from terpadu.exchange.services.connecting import DoorRequest, Place, connect_xroad_service
from terpadu.exchange.services.contracts import contract_accept, contract_conclude, contract_store
from terpadu.exchange.services.doors import doors_provision, xroad_client_ensure, xroad_providers
from terpadu.exchange.services.trials import Trial, trial_contract
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu_wire.contracts import ServiceConnectionGrant, Validity, content_from_json
from tests.gateway.processes import ROOT

BY = Actor.system("tests")
SERVICE = "ID/GOV/36710107/layanan/surat"


def _routes(country: Path) -> list[dict[str, Any]]:
    doors_provision(HOST)
    config = tomllib.loads((country / "doors" / HOST / "doors.toml").read_text())
    found: list[dict[str, Any]] = config["xroad"]["routes"]
    return found


def _contract() -> Contract:
    [grant] = Grant.objects.filter(service="surat", purpose="surat.verifikasi").select_related("contract")
    return grant.contract


def _conclude_again(contract: Contract, *, begins_in: timedelta) -> None:
    validity = Validity(
        not_before=int((now() + begins_in).timestamp()),
        not_after=int((now() + begins_in + timedelta(days=365)).timestamp()),
    )
    content = replace(content_from_json(contract.content), iv=str(uuid7()), validity=validity)
    contract_conclude(content, by=BY)


def test_further_purpose_changes_nothing_for_programs_that_use_the_plain_id(
    country: Path, settings: Any
) -> None:
    settings.DEMO = True
    trial_contract(f"{KELURAHAN}/surat", Trial(KECAMATAN, subject="/nik"), by=BY)

    purposes = {route["id"]: route["purpose"] for route in _routes(country)}

    assert purposes == {
        SERVICE: "surat.verifikasi",
        f"{SERVICE}.surat.verifikasi": "surat.verifikasi",
        f"{SERVICE}.uji.coba": "uji.coba",
    }


def test_contract_that_begins_later_is_known_beforehand_and_none_that_is_over(country: Path) -> None:
    contract = _contract()
    _conclude_again(contract, begins_in=timedelta(days=3))

    before = [route for route in _routes(country) if route["id"] == SERVICE]
    Contract.objects.filter(pk=contract.pk).update(not_after=now() - timedelta(seconds=1))
    after = [route for route in _routes(country) if route["id"] == SERVICE]

    assert [one["not_before"] > now().timestamp() for one in before] == [True, False]
    assert after == before[:1]


def test_contract_with_a_foreign_peer_leaves_the_other_routes_standing(country: Path) -> None:
    content = content_from_json(_contract().content)
    [item] = content.grants
    assert isinstance(item.data, ServiceConnectionGrant)
    service = replace(item.data.service, name="asing")  # as a foreign peer's: no interface of it is kept here
    grants = (replace(item, data=replace(item.data, service=service)),)
    row = contract_store(replace(content, iv=str(uuid7()), grants=grants), by=BY)
    for agency in (KECAMATAN, KELURAHAN):
        contract_accept(row.content_hash, agency_code=agency, by=BY)

    described = {route["service"]: "openapi_file" in route for route in _routes(country)}

    assert described == {"surat": True, "asing": False}


@pytest.mark.parametrize("code", ["", "a b", "a/b", "../../x", "x" * 51, "é"])
def test_subsystem_that_x_road_does_not_allow_is_refused_before_it_is_written(
    country: Path, code: str
) -> None:
    with pytest.raises(SystemUndescribed, match="system_undescribed"):
        xroad_client_ensure(KECAMATAN, code=code, host=HOST, by=BY)


def test_client_of_an_unknown_gateway_leaves_nothing_behind(country: Path) -> None:
    command = ["xroad-client", "--agency", KECAMATAN, "--subsystem", "lain", "--gateway", "none"]

    done = CliRunner().invoke(app, command)

    assert done.exit_code == 2
    assert not XroadSubsystem.objects.filter(code="lain").exists()


def test_providers_are_named_as_x_road_does(country: Path) -> None:
    row = xroad_client_ensure(KECAMATAN, code=XROAD_CODE, host=HOST, by=BY)

    assert xroad_providers(row) == ["ID/GOV/36710107/layanan"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"base_url": "not a url", "subsystem": "izin"}, "describe.asked"),
        ({"base_url": "http://127.0.0.1:9/api", "subsystem": "dua kata"}, "describe.asked"),
        ({"base_url": "http://10.1.2.3/api", "subsystem": "izin"}, "door.target_refused"),
    ],
)
def test_service_made_for_x_road_with_wrong_settings_is_not_connected(
    country: Path, asked: dict[str, object], reason: str
) -> None:
    before = (country / "doors" / HOST / "doors.toml").read_text()
    request = DoorRequest("xroad-service", {"instance": "ID", **asked})
    source = str(ROOT / "demo" / "sekolah" / "openapi.yaml")

    with pytest.raises(SystemUndescribed) as refused:
        connect_xroad_service(Place("polri", "uji", gateway="agencies"), request, source=source, by=BY)

    assert refused.value.reason == reason
    assert (country / "doors" / HOST / "doors.toml").read_text() == before


def test_service_made_for_x_road_gets_a_door_with_its_key(country: Path) -> None:
    members: dict[str, object] = {
        "base_url": "http://127.0.0.1:9/api", "instance": "ID", "subsystem": "izin", "header_name": "X-Kunci",
    }  # fmt: skip
    request = DoorRequest("xroad-service", members, {"header_value_file": "rahasia-4711"})
    source = str(ROOT / "demo" / "sekolah" / "openapi.yaml")

    connected = connect_xroad_service(
        Place("polri", "uji", gateway="agencies"), request, source=source, by=BY
    )

    toml = (country / "doors" / HOST / "doors.toml").read_text()
    assert connected.interface.operations[0].id == "cariPesertaDidik"
    assert 'header_name = "X-Kunci"' in toml
    assert "rahasia-4711" not in toml
