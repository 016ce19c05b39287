"""Agencies whose certificates other authorities issued: believed while the group trusts those, in both directions."""

from collections.abc import Callable

from tests.gateway.country import Authority, Peer
from tests.gateway.processes import Gateway
from tests.gateway.road import Road


def certify(peer: Peer, authority: Authority) -> None:
    """Let a peer show another authority's certificate of its key."""
    peer.certificate_file.write_bytes(authority.certificate(peer, days=60))


def trust(road: Road, *authorities: Authority) -> None:
    """Let both gateways trust these authorities."""
    anchors = road.country.folder / "anchors.pem"
    anchors.write_bytes(b"".join(one.file.read_bytes() for one in authorities))
    for gateway in (road.portal, road.agency):
        _add(gateway, f'anchors = "{anchors}"\n')


def _add(gateway: Gateway, line: str) -> None:
    gateway.config.write_text(line + gateway.config.read_text())


def test_certificates_of_other_authorities_are_believed_while_the_group_trusts_those(
    build_road: Callable[..., Road],
) -> None:
    road = build_road()
    others = [Authority(road.country.folder, name=name) for name in ("lain", "asing", "tak-dikenal")]
    certify(road.country.portal, others[0])
    certify(road.country.registry, others[1])
    trust(road, road.country.authority, *others[:2])
    road.start()
    assert road.call().status_code == 200

    road.portal.kill()
    certify(road.country.portal, others[2])
    road.portal.start()
    road.republish()
    assert road.call().json()["code"] == "provider.unreachable"
