"""Certificates renewed by the gateway itself: only for better ones of the same key, name and authority."""

import asyncio
import time
from pathlib import Path

import pytest
import structlog

from terpadu_gateway.clients import Clients
from terpadu_gateway.config import load_config
from terpadu_gateway.identities import load_secrets
from terpadu_gateway.renewal import RESTART_BEFORE, ListenerOutdatedError, Renewal
from terpadu_wire.keys import generate_key
from tests.gateway.country import PORTAL, Authority
from tests.gateway.processes import wait_until
from tests.gateway.road import Road, make_road


def renewal_of(road: Road, *, ahead: float = 0.0) -> Renewal:
    config = load_config(road.portal.config)
    secrets = load_secrets(config)
    return Renewal(
        config.control_url,
        certificates={PORTAL: road.country.portal.certificate_file},
        identities=dict(secrets.identities),
        authority_pem=secrets.authority_pem,
        clients=Clients(secrets),
        clock=lambda: time.time() + ahead,
    )


@pytest.mark.parametrize("kind", ["good", "other key", "other authority", "older", "other name", "nonsense"])
def test_renewal_takes_a_newer_certificate_of_the_same_key_name_and_authority(
    tmp_path: Path, kind: str
) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    road = make_road(tmp_path / "country")
    country = road.country
    old = country.portal.certificate_file.read_bytes()
    stranger = Authority(country.folder, name="stranger")
    road.plane.new_certificate = {
        "good": country.authority.certificate(country.portal, days=90),
        "other key": country.authority.certificate(country.portal, days=90, key=generate_key()),
        "other authority": stranger.certificate(country.portal, days=90),
        "older": country.authority.certificate(country.portal, days=1),
        "other name": country.authority.certificate(country.registry, days=90, key=country.portal.key),
        "nonsense": b"nonsense",
    }[kind]

    async def main() -> tuple[bool, float]:
        renewal = renewal_of(road)
        return await renewal.renew(PORTAL), renewal.seconds_left

    taken, left = asyncio.run(main())
    road.close()
    assert taken is (kind == "good")
    kept = country.portal.certificate_file.read_bytes()
    assert kept == (road.plane.new_certificate if taken else old)
    assert (left > 80 * 86_400) is taken


def test_renewal_ends_a_gateway_whose_listener_would_show_an_ended_certificate(tmp_path: Path) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    road = make_road(tmp_path / "country")
    road.plane.new_certificate = road.country.authority.certificate(road.country.portal, days=90)

    async def main() -> None:
        renewal = renewal_of(road, ahead=60 * 86_400 - RESTART_BEFORE + 60)
        async with asyncio.timeout(60):
            await renewal.keep(every=0.01)

    with pytest.raises(ListenerOutdatedError):
        asyncio.run(main())
    road.close()


def test_gateway_near_the_end_of_its_certificate_renews_it_and_goes_on(build_road) -> None:  # type: ignore[no-untyped-def]  # the fixture's own type
    road: Road = build_road()
    country = road.country
    country.portal.certificate_file.write_bytes(country.authority.certificate(country.portal, days=20))
    road.plane.new_certificate = country.authority.certificate(country.portal, days=90)
    road.start()

    wait_until(lambda: "certificate.renewed" in road.portal.log())
    assert country.portal.certificate_file.read_bytes() == road.plane.new_certificate
    assert road.call().status_code == 200
