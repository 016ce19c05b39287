"""Addresses that agencies name: the provider fetches from nowhere else, and never becomes a tool against others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terpadu.directory.public import AgencyView
from terpadu.identity.errors import FetchRefused
from terpadu.identity.rules.provider.addresses import find_fetch_fault, is_public_address
from terpadu.identity.rules.provider.metadata import find_faults
from terpadu.identity.services.provider.clients import fetch_hosts_set
from terpadu.identity.services.provider.fetching import fetch, fetch_json
from terpadu.kernel.http import pinning
from tests.identity.conftest import SETUP
from tests.identity.provider.agency_server import AgencyServer
from tests.identity.provider.conftest import DRAFT, MakeParty
from tests.identity.provider.test_fapi2_list import error_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://kunci.contoho.go.id/jwks", ""),
        ("http://kunci.contoho.go.id/jwks", "scheme"),
        ("https://kunci.contoho.go.id:8443/jwks", "not allowed"),
        ("https://kunci.contoho.go.id@169.254.169.254/", "userinfo"),
        ("https://169.254.169.254/latest/meta-data", "host"),
        ("https://[::1]/", "not allowed"),
        ("https://0x7f.1/", "host"),
        ("https://2130706433/", "host"),
        ("https://localhost/", "not allowed"),
        ("file:///etc/passwd", "form"),
        ("gopher://kunci.contoho.go.id/", "scheme"),
        ("https://kunci.contoho.go.id./", "host"),
        ("https://KUNCI.contoho.go.id/", "host"),
    ],
)
def test_fetch_by_an_address_outside_the_list_is_refused(address: str, fault: str) -> None:
    allowed = {"kunci.contoho.go.id"}

    assert find_fetch_fault(address, allowed=allowed) == fault
    if fault:
        with pytest.raises(FetchRefused):
            fetch(address, allowed=allowed)


@pytest.mark.parametrize(
    "answer", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "100.64.0.1"]
)
def test_fetch_of_a_listed_name_that_leads_inside_is_refused(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (answer, 443))])

    assert not is_public_address(answer)
    with pytest.raises(FetchRefused) as refused:
        fetch("https://kunci.contoho.go.id/jwks", allowed={"kunci.contoho.go.id"})
    assert refused.value.facts["reason"] == "private address"


@pytest.mark.parametrize("field", ["jwks_uri", "sector_identifier_uri", "logo_uri", "backchannel_logout_uri"])
@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/latest/meta-data",
        "https://localhost:5432/",
        "http://kunci.contoho.go.id/x",
        "https://kunci.contoho.go.id@10.0.0.1/x",
        "https://kunci.contoho.go.id:8443/x",
        "https://kunci.contoho.go.id./x",
        "https://0x7f000001/x",
        "file:///etc/passwd",
        "gopher://kunci.contoho.go.id/x",
    ],
)
def test_ssrf_by_a_registered_address_is_refused(field: str, address: str) -> None:
    faults = find_faults(replace(DRAFT, **{field: address}), fetch_hosts=frozenset({"kunci.contoho.go.id"}))

    assert field in {name for name, _ in faults}


@pytest.mark.parametrize("path", ["/jwks", "/sektor", "/logo"])
def test_ssrf_by_a_redirect_from_a_listed_host_is_refused(server: AgencyServer, path: str) -> None:
    server.answers[path] = (302, b"http://169.254.169.254/latest/meta-data")
    server.answers["/latest/meta-data"] = (200, b"{}")

    assert fetch(server.url(path), allowed={server.host}).status == 302
    with pytest.raises(FetchRefused):
        fetch_json(server.url(path), allowed={server.host})


def test_ssrf_by_a_name_that_leads_inside_later_refuses_the_client(
    make_party: MakeParty, agency: AgencyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_hosts_set(agency.code, frozenset({"kunci.contoho.go.id"}), by=SETUP)
    party = make_party(jwks={}, jwks_uri="https://kunci.contoho.go.id/jwks")
    monkeypatch.setattr(pinning.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("10.0.0.1", 443))])

    assert error_of(party.par()) == "invalid_client"
