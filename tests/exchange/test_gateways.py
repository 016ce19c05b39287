"""Provisioning: what is written is what a gateway reads; keys stay in files of their owner."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import pytest

from terpadu.directory.demo import DUKCAPIL, KECAMATAN, PORTAL
from terpadu.exchange import demo
from terpadu.exchange.errors import (
    GatewayInvalid,
    GatewayPollInvalid,
    InterfaceUnknown,
    PeerUnknown,
    SystemUndescribed,
)
from terpadu.exchange.models import Application, Gateway, Interface, PublishedSnapshot
from terpadu.exchange.public import GatewayPlan, contract_list, gateway_provision, interface_connect
from terpadu.exchange.selectors.places import application_key_path, group_public_key
from terpadu.exchange.services.peers import SignIn
from terpadu.kernel.actors import Actor
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu_gateway.config import load_config
from terpadu_gateway.identities import load_secrets
from terpadu_wire.keys import public_key_thumbprint
from terpadu_wire.snapshot_wire import LONGEST_POLL

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


def _plan(**changes: object) -> GatewayPlan:
    members: dict[str, object] = {
        "name": "test-gateway",
        "agencies": (PORTAL, DUKCAPIL),
        "outway_listen": "127.0.0.1:7011",
        "applications": ((PORTAL, "terpadu"),),
        "inway_listen": "127.0.0.1:7012",
        "inway_url": "https://127.0.0.1:7012",
        "health_listen": "127.0.0.1:7013",
    }
    return GatewayPlan(**members | changes)  # type: ignore[arg-type] # a test's shorthand


def test_gateway_provision_writes_what_the_gateway_reads(country: Path) -> None:
    path = gateway_provision(_plan(snapshot_poll_s=0.5), by=BY)

    config = load_config(path)
    secrets = load_secrets(config)
    assert config.limits.snapshot_poll_seconds == 0.5
    assert set(secrets.identities) == {"00000001", "00000002"}
    assert public_key_thumbprint(secrets.group_key) == public_key_thumbprint(group_public_key())
    assert config.outway is not None
    key = application_key_path(PORTAL, "terpadu").read_bytes()
    assert config.outway.applications[0].key_sha256 == hashlib.sha256(key).hexdigest()
    assert config.inway is not None
    assert [(one.peer_id, one.name) for one in config.inway.services] == [
        ("00000001", "peristiwa"),
        ("00000002", "akta-kelahiran"),
        ("00000002", "kependudukan"),
        ("00000002", "peristiwa"),
    ]
    assert config.inway.services[2].header_name == "X-API-Key"


def test_gateway_provision_files_are_for_the_owner_alone(country: Path) -> None:
    path = gateway_provision(_plan(), by=BY)

    for file in (path, application_key_path(PORTAL, "terpadu"), country / "group" / "group.key"):
        assert file.stat().st_mode & 0o077 == 0


def test_gateway_provision_again_keeps_the_keys(country: Path) -> None:
    first = gateway_provision(_plan(), by=BY).read_text()

    assert gateway_provision(_plan(), by=BY).read_text() == first
    assert Gateway.objects.filter(name="test-gateway").count() == 1
    assert Application.objects.filter(name="terpadu").count() == 1


def test_gateway_provision_publishes_where_the_inway_is(country: Path) -> None:
    before = PublishedSnapshot.objects.count()

    gateway_provision(_plan(inway_url="https://elsewhere.test:8443"), by=BY)

    assert PublishedSnapshot.objects.count() == before + 1
    assert Gateway.objects.get(name="test-gateway").peer_ids == ["00000001", "00000002"]


@pytest.mark.parametrize("changes", [{"agencies": ()}, {"outway_listen": "", "inway_listen": ""}])
def test_gateway_provision_incomplete_plan_is_refused(country: Path, changes: dict[str, object]) -> None:
    with pytest.raises(GatewayInvalid):
        gateway_provision(_plan(**changes), by=BY)


@pytest.mark.parametrize(
    "changes",
    [
        {name: seconds}
        for name, wrong in {
            "snapshot_poll_s": (4.5, math.inf, math.nan, 0, -1),
            "shipping_poll_s": (math.inf, math.nan, 0),
        }.items()
        for seconds in wrong
    ],
)
def test_gateway_provision_that_a_gateway_would_not_start_with_is_refused(
    country: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(GatewayPollInvalid):
        gateway_provision(_plan(**changes), by=BY)


def test_gateway_provision_allows_what_the_gateway_allows(country: Path) -> None:
    path = gateway_provision(_plan(snapshot_poll_s=LONGEST_POLL), by=BY)

    assert load_config(path).limits.snapshot_poll_seconds == LONGEST_POLL


def test_gateway_provision_for_an_agency_that_did_not_join_is_refused(country: Path) -> None:
    with pytest.raises(PeerUnknown):
        gateway_provision(_plan(agencies=("nobody",)), by=BY)


def test_interface_connect_by_another_agency_is_refused(country: Path) -> None:
    officer = Actor.officer(uuid7(), agency=KECAMATAN, position=str(uuid7()))

    with pytest.raises(NotAllowed):
        interface_connect(f"{DUKCAPIL}/kependudukan", base_url="http://127.0.0.1:1", by=officer)
    with pytest.raises(InterfaceUnknown):
        interface_connect(f"{DUKCAPIL}/unknown", base_url="http://127.0.0.1:1", by=BY)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"base_url": "ftp://system/x"}, "https://host/path"),
        ({"base_url": "http://system/x?kunci=1"}, "https://host/path"),
        ({"base_url": "http://system/x#y"}, "https://host/path"),
        ({"header_name": "X Kunci"}, "letters, digits and hyphens"),
        ({"sign_in": SignIn(token_url="nowhere", client_id="x", client_secret_file="x")}, "token endpoint"),
        ({"sign_in": SignIn(token_url="https://masuk/t")}, "needs client_id"),
        ({"sign_in": SignIn(client_certificate="x")}, "client_key"),
        ({"sign_in": SignIn(auth="kerberos")}, "auth"),
    ],
)
def test_system_that_no_gateway_could_read_is_refused_before_it_is_written(
    country: Path, members: dict[str, Any], words: str
) -> None:
    """A gateway refuses its whole configuration, so one agency's slip would hold up all that it acts for."""
    with pytest.raises(SystemUndescribed) as refused:
        interface_connect(f"{DUKCAPIL}/kependudukan", **({"base_url": "http://127.0.0.1:1"} | members), by=BY)

    assert words in refused.value.detail


def test_demo_seed_twice_keeps_contracts_and_secrets(country: Path) -> None:
    def state() -> tuple[object, ...]:
        hashes = {view.content_hash for view in contract_list()}
        files = {path.name: path.read_bytes() for path in country.rglob("*.key")}
        return hashes, files, set(Interface.objects.values_list("credential_path", flat=True))

    demo.seed()
    before = state()
    demo.seed()

    assert state() == before
