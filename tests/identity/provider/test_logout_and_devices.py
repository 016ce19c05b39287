"""Single logout over real connections, devices, discovery, purge, and fetching from an agency's server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from django.contrib.sessions.models import Session
from django.test import Client as Browser

from terpadu.directory.public import AgencyView
from terpadu.identity.errors import ClientInvalid, FetchRefused
from terpadu.identity.models import Account, Authorization, AuthorizationRequest, Client, ReplayGuard, SignIn
from terpadu.identity.rules.provider.metadata import DEVICE, find_faults
from terpadu.identity.selectors.provider.clients import client_get
from terpadu.identity.services.provider.clients import fetch_hosts_set
from terpadu.identity.services.provider.fetching import LARGEST_BYTES, fetch, fetch_json
from terpadu.identity.services.provider.keys import keys_rotate, keys_rotate_when_due
from terpadu.identity.services.provider.purge import provider_purge
from terpadu.identity.services.provider.wire import issuer
from terpadu.identity.services.sign_in import sessions_purge
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.models import Delivery
from terpadu.kernel.outbox import deliver_due
from tests.identity.conftest import SETUP
from tests.identity.provider.agency_server import AgencyServer
from tests.identity.provider.conftest import DRAFT, MakeParty, sign_in
from tests.identity.provider.party import Party, claims_of, make_key

pytestmark = pytest.mark.django_db


def deliver_all() -> None:
    while deliver_due():
        pass


def test_sign_out_tells_every_client_and_ends_what_does_not_last(
    make_party: MakeParty, server: AgencyServer, account: Account
) -> None:
    server.answers["/keluar"] = (200, b"")
    party = make_party(backchannel_logout_uri=server.url("/keluar"))
    tokens = party.tokens()
    lasting = party.tokens(scope="openid profile offline_access")

    party.browser.post("/keluar/")
    deliver_all()

    [form] = server.taken
    told = claims_of(form["logout_token"][0])
    identity = claims_of(tokens["id_token"])
    assert (told["sub"], told["sid"], told["aud"]) == (identity["sub"], identity["sid"], party.client_id)
    assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in told
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert party.refresh(lasting["refresh_token"]).status_code == 200


def test_client_that_is_down_is_told_later(make_party: MakeParty, server: AgencyServer) -> None:
    server.answers["/keluar"] = (503, b"")
    party = make_party(backchannel_logout_uri=server.url("/keluar"))
    party.tokens()
    party.browser.post("/keluar/")
    deliver_all()
    assert Delivery.objects.filter(subscriber="identity.provider_logout_send", done_at=None).exists()

    server.answers["/keluar"] = (204, b"")
    with freeze(now() + timedelta(minutes=1)):
        deliver_all()

    assert len(server.taken) == 2
    assert not Delivery.objects.filter(subscriber="identity.provider_logout_send", done_at=None).exists()


def test_client_taken_off_the_allow_list_is_not_told(
    make_party: MakeParty, server: AgencyServer, agency: AgencyView
) -> None:
    party = make_party(backchannel_logout_uri=server.url("/keluar"))
    party.tokens()
    fetch_hosts_set(agency.code, frozenset(), by=SETUP)

    party.browser.post("/keluar/")
    deliver_all()

    assert server.taken == []


LEAVE = "https://antre.contoho.go.id/keluar"


def test_sign_out_loads_the_sign_out_pages_of_clients_without_back_channel(make_party: MakeParty) -> None:
    party, other = make_party(frontchannel_logout_uri=LEAVE), make_party()
    tokens = party.tokens()
    other.tokens()

    page = party.browser.post("/keluar/")

    (left,) = page.context["left"]
    told = parse_qs(urlsplit(left.address).query)
    assert left.address.startswith(f"{LEAVE}?")
    assert told == {"iss": [issuer()], "sid": [claims_of(tokens["id_token"])["sid"]]}
    assert f'<iframe class="gone" src="{escape(left.address)}"' in page.content.decode()
    assert "; frame-src https://antre.contoho.go.id" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_sign_out_by_one_client_signs_out_of_the_others_and_goes_back(make_party: MakeParty) -> None:
    asker, other = make_party(), make_party(frontchannel_logout_uri=f"{LEAVE}?a=b")
    tokens = asker.tokens()
    other.tokens()
    back_to = "https://antre.contoho.go.id/selesai"
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": back_to, "state": "s1"}

    page = asker.browser.get("/oidc/logout", query)

    assert page.context["left"][0].address.startswith(f"{LEAVE}?a=b&iss=")
    assert page["Refresh"] == f"3;url={back_to}?state=s1"


def test_sign_out_by_the_only_client_goes_back_at_once(make_party: MakeParty) -> None:
    asker = make_party(frontchannel_logout_uri=LEAVE)
    tokens = asker.tokens()
    back_to = "https://antre.contoho.go.id/selesai"

    answer = asker.browser.get(
        "/oidc/logout", {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": back_to}
    )

    assert (answer.status_code, answer["Location"]) == (303, back_to)


def test_sign_out_without_such_clients_opens_no_frame(party: Party) -> None:
    party.tokens()

    page = party.browser.post("/keluar/")

    assert "frame-src" not in page["Content-Security-Policy"]
    assert "iframe" not in page.content.decode()


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        (LEAVE, ""),
        ("https://antre.contoho.go.id:8443/keluar", "another site"),
        ("https://lain.contoho.go.id/keluar", "another site"),
        ("http://antre.contoho.go.id/keluar", "scheme"),
        ("javascript:alert(1)", "form"),
        ("https://antre.contoho.go.id@lain.contoho.go.id/", "userinfo"),
    ],
)
def test_sign_out_page_must_be_on_the_site_of_a_redirect_address(address: str, fault: str) -> None:
    draft = replace(
        DRAFT, jwks={"keys": [make_key().as_dict(private=False)]}, frontchannel_logout_uri=address
    )

    assert find_faults(draft) == ((("frontchannel_logout_uri", fault),) if fault else ())


def test_jwks_uri_is_fetched_and_a_new_key_is_found(make_party: MakeParty, server: AgencyServer) -> None:
    party = make_party()
    server.answers["/jwks"] = (200, orjson.dumps({"keys": [party.key.as_dict(private=False)]}))
    Client.objects.filter(client_id=party.client_id).update(jwks={}, jwks_uri=server.url("/jwks"), version=2)

    assert party.par().status_code == 201
    server.answers["/jwks"] = (500, b"")
    assert party.par().status_code == 201  # an outage there is no outage here


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"", "status"),
        (200, b"<html>", "not json"),
        (302, b"http://169.254.169.254/", "status"),
        (200, b"[" + b"1," * LARGEST_BYTES + b"1]", "too large"),
    ],
)
def test_fetch_of_a_bad_answer_is_refused(
    server: AgencyServer, status: int, body: bytes, reason: str
) -> None:
    server.answers["/x"] = (status, body)

    with pytest.raises(FetchRefused) as refused:
        fetch_json(server.url("/x"), allowed={server.host})

    assert refused.value.facts["reason"] == reason


@pytest.mark.parametrize(
    ("listed", "is_taken"),
    [
        (b'["https://satu.contoho.go.id/b", "https://dua.contoho.go.id/b"]', True),
        (b'["https://satu.contoho.go.id/b"]', False),
        (b'{"a": 1}', False),
        (b"[[], 1]", False),
        (b"", False),
    ],
)
def test_sector_identifier_uri_must_list_every_redirect_uri(
    make_party: MakeParty, server: AgencyServer, listed: bytes, is_taken: bool
) -> None:
    server.answers["/sektor"] = (200, listed)
    addresses = ("https://satu.contoho.go.id/b", "https://dua.contoho.go.id/b")
    changes: dict[str, Any] = {"redirect_uris": addresses, "sector_identifier_uri": server.url("/sektor")}

    if is_taken:
        party = make_party(**changes)
        assert client_get(party.client_id).sector == "localhost"
        return
    with pytest.raises(ClientInvalid) as refused:
        make_party(**changes)
    assert refused.value.faults[0][0] == "sector_identifier_uri"


def test_fetch_of_a_closed_port_is_refused(server: AgencyServer) -> None:
    with pytest.raises(FetchRefused):
        fetch("http://localhost:1/", allowed={"localhost:1"})


@pytest.fixture
def kiosk(make_party: MakeParty) -> Party:
    """A kiosk with a key of its own."""
    return make_party(kind="device", redirect_uris=(), grant_types=("refresh_token",))


def begin(kiosk: Party) -> dict[str, Any]:
    response = kiosk.post("device", {"scope": "openid profile"})
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def poll(kiosk: Party, code: str, **changes: Any) -> Any:
    return kiosk.post("token", {"grant_type": DEVICE, "device_code": code}, **changes).json()


def answer_device(browser: Browser, code: str, answer: str) -> Any:
    page = browser.post("/perangkat/", {"user_code": code.lower().replace("-", " ")})
    assert page.status_code == 200, page.content
    data = {"user_code": code, "digest": page.context["digest"], "answer": answer}
    return browser.post("/perangkat/", data)


def test_device_gets_tokens_after_the_person_agreed(kiosk: Party) -> None:
    begun = begin(kiosk)
    assert poll(kiosk, begun["device_code"])["error"] == "authorization_pending"
    assert poll(kiosk, begun["device_code"])["error"] == "slow_down"

    done = answer_device(kiosk.browser, begun["user_code"], "allow")
    tokens = poll(kiosk, begun["device_code"])

    assert b"Antrean Dukcapil" in done.content
    assert claims_of(tokens["id_token"])["aud"] == kiosk.client_id
    assert kiosk.userinfo(tokens["access_token"]).json()["name"] == "Siti Rahmawati"
    assert poll(kiosk, begun["device_code"])["error"] in ("expired_token", "invalid_grant")


def test_device_that_is_refused_learns_it(kiosk: Party) -> None:
    begun = begin(kiosk)

    answer_device(kiosk.browser, begun["user_code"], "deny")

    assert poll(kiosk, begun["device_code"])["error"] == "access_denied"
    assert not Authorization.objects.exists()


def test_device_code_with_another_key_is_refused(kiosk: Party) -> None:
    begun = begin(kiosk)
    answer_device(kiosk.browser, begun["user_code"], "allow")
    kiosk.dpop = make_key()

    assert poll(kiosk, begun["device_code"])["error"] == "invalid_grant"


def test_device_code_that_is_wrong_or_too_old_is_not_known(kiosk: Party) -> None:
    begun = begin(kiosk)

    assert kiosk.browser.post("/perangkat/", {"user_code": "AAAA-AAAA"}).status_code == 404
    with freeze(now() + timedelta(minutes=11)):
        assert kiosk.browser.post("/perangkat/", {"user_code": begun["user_code"]}).status_code == 404
        assert poll(kiosk, begun["device_code"])["error"] == "expired_token"


def test_device_codes_cannot_be_guessed(kiosk: Party) -> None:
    for _ in range(10):
        kiosk.browser.post("/perangkat/", {"user_code": "BBBB-BBBB"})

    assert kiosk.browser.post("/perangkat/", {"user_code": "BBBB-BBBB"}).status_code == 429


def test_discovery_names_what_there_is(db: None) -> None:
    known = Browser().get("/.well-known/openid-configuration").json()

    assert known["issuer"] == issuer()
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert known["subject_types_supported"] == ["pairwise"]
    assert "none" not in known["id_token_signing_alg_values_supported"]
    assert Browser().get("/.well-known/oauth-authorization-server").json() == known
    for name, address in known.items():
        if name.endswith(("_endpoint", "jwks_uri")):
            path = address.removeprefix(issuer())
            assert Browser().get(path).status_code < 500


def test_keys_rotate_by_themselves_when_they_are_old(party: Party) -> None:
    party.tokens()
    assert not keys_rotate_when_due(by=SETUP)

    with freeze(now() + timedelta(days=91)):
        assert keys_rotate_when_due(by=SETUP)
        assert not keys_rotate_when_due(by=SETUP)
    with freeze(now() + timedelta(days=99)):
        keys_rotate(by=SETUP)
        keys_rotate_when_due(by=SETUP)
        assert len(Browser().get("/oidc/jwks").json()["keys"]) == 3


def test_purge_deletes_what_is_over_and_keeps_history(party: Party) -> None:
    party.tokens()
    party.push()
    with freeze(now() + timedelta(hours=9)):
        provider_purge()

    assert not ReplayGuard.objects.exists()
    assert not AuthorizationRequest.objects.exists()
    assert Authorization.objects.count() == 1
    with freeze(now() + timedelta(days=367)):
        provider_purge()
    assert not Authorization.objects.exists()


def test_session_that_ran_out_by_itself_is_told_too(party: Party, account: Account) -> None:
    tokens = party.tokens()
    sign_in(account)
    Session.objects.filter(session_key=party.browser.session.session_key).delete()

    sessions_purge()
    deliver_all()

    assert SignIn.objects.filter(ended_at__isnull=True).count() == 1
    assert party.userinfo(tokens["access_token"]).status_code == 401
