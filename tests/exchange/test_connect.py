"""Connecting existing systems: what is published, and what is refused with a next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.cli_connect import app
from terpadu.exchange.demo.systems import HOST
from terpadu.exchange.errors import (
    AgencyNotHosted,
    InterfaceInvalid,
    SystemUndescribed,
    TargetRefused,
)
from terpadu.exchange.models import Interface
from terpadu.exchange.services.connecting import (
    DoorRequest,
    HeaderSecret,
    Place,
    connect_door,
    connect_openapi,
)
from terpadu.exchange.services.gateways import gateway_host, gateway_of
from terpadu.exchange.services.peers import peer_join
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from tests.gateway.processes import ROOT

BY = Actor.system("tests")
PLACE = Place("polri", "uji", gateway="agencies")


def test_openapi_document_is_published_with_its_way_to_sign_in(country: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("kunci-rahasia-4711")

    connected = connect_openapi(
        PLACE,
        source=str(ROOT / "demo" / "sekolah" / "openapi.yaml"),
        base_url="http://127.0.0.1:9/api",
        header=HeaderSecret("X-Kunci-Aplikasi", key),
        by=BY,
    )

    assert connected.interface.operations[0].id == "cariPesertaDidik"
    assert any("X-Kunci-Aplikasi" in note for note in connected.notes)
    toml = (country / "gateways" / "agencies" / "gateway.toml").read_text()
    assert 'name = "uji"' in toml
    assert key.read_text() not in toml


@pytest.mark.parametrize("base_url", ["http://10.1.2.3/api", "http://169.254.169.254/", "http://192.168.1.1"])
def test_private_base_address_needs_the_operators_word(country: Path, base_url: str) -> None:
    with pytest.raises(TargetRefused):
        connect_openapi(
            PLACE, source=str(ROOT / "demo" / "sekolah" / "openapi.yaml"), base_url=base_url, by=BY
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "json.invalid"),
        ('{"openapi": "3.0.0", "openapi": "3.0.0"}', "json.duplicate_key"),
        ("a: [", "interface.not_yaml"),
        ("a: 1\na: 2\n", "interface.not_yaml"),
        ("openapi: 2.0.0\n", "interface.version"),
        ("!!python/object/apply:os.system ['true']", "interface.not_yaml"),
        ("openapi: 3.0.0\ninfo: {}\npaths: {}\n", "interface.empty"),
    ],
)
def test_document_that_cannot_be_used_is_refused(
    country: Path, tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)

    with pytest.raises(InterfaceInvalid) as refused:
        connect_openapi(PLACE, source=str(path), base_url="http://127.0.0.1:9", by=BY)

    assert refused.value.reason.startswith(reason)


def test_agency_without_a_gateway_is_told_to_name_one(country: Path) -> None:
    with pytest.raises(AgencyNotHosted):
        connect_openapi(Place("satpolpp.36.71", "x"), source="x", base_url="http://127.0.0.1:9", by=BY)


def test_officer_connects_systems_of_the_own_agency_alone(country: Path) -> None:
    officer = Actor.officer(uuid7(), agency="kemenkes", position="x")

    with pytest.raises(NotAllowed):
        connect_openapi(PLACE, source="x", base_url="http://127.0.0.1:9", by=officer)


def test_system_that_cannot_be_read_leaves_nothing_behind(country: Path, tmp_path: Path) -> None:
    peer_join("satpolpp.36.71", by=BY)
    place = Place("satpolpp.36.71", "data", gateway="agencies")
    request = DoorRequest("database", {}, {"url_file": f"sqlite:///{tmp_path / 'none.sqlite3'}"})

    with pytest.raises(SystemUndescribed) as refused:
        connect_door(place, request, by=BY)

    assert refused.value.reason == "door.unavailable"
    assert gateway_of("satpolpp.36.71", inway=True) is None
    assert "satpolpp" not in (country / "doors" / HOST / "doors.toml").read_text()


def test_agency_that_joined_stays_with_its_gateway_when_the_demo_country_is_renewed(country: Path) -> None:
    peer_join("satpolpp.36.71", by=BY)
    gateway_host("agencies", "satpolpp.36.71", application="patroli", by=BY)

    exchange_demo._provision()

    plan = gateway_of("satpolpp.36.71", inway=True)
    assert plan is not None
    assert ["satpolpp.36.71", "patroli"] in [list(one) for one in plan.applications]


def test_command_says_what_is_wrong_in_one_language_and_names_a_missing_file(
    country: Path, tmp_path: Path
) -> None:
    document = str(ROOT / "demo" / "sekolah" / "openapi.yaml")
    command = [
        "openapi",
        document,
        "--agency",
        "polri",
        "--name",
        "uji",
        "--gateway",
        "agencies",
        "--base-url",
    ]

    query = CliRunner().invoke(app, [*command, "http://127.0.0.1:9/api?kunci=1"])
    missing = CliRunner().invoke(
        app, [*command, "http://127.0.0.1:9/api", "--key-file", str(tmp_path / "none")]
    )

    assert (query.exit_code, missing.exit_code) == (2, 2)
    assert query.output.strip() == (
        "This system cannot be connected as it is. (system.access) Give the base address as https://host/path, "
        "without a query. Mend what is named and run the command again."
    )
    assert "'--key-file'" in missing.output
    assert not Interface.objects.filter(name="uji").exists()
