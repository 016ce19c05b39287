"""Clients that nobody here wrote sign in against a running server: Authlib's and requests_oauth2client."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from pytest_django.live_server_helper import LiveServer

from tests.identity.provider.conftest import MakeParty
from tests.identity.provider.party import REDIRECT, Party

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from requests_oauth2client import OAuth2Client as ForeignClient
    from requests_oauth2client import PrivateKeyJwt

pytestmark = [pytest.mark.django_db(transaction=True)]


def person(party: Party, address: str) -> httpx.Client:
    """Return the person's browser, signed in."""
    cookie = party.browser.cookies["session"].value
    return httpx.Client(base_url=address, cookies={"session": cookie}, follow_redirects=False)


def agree(browser: httpx.Client, url: str) -> str:
    """Open a client's authorization URL, agree on the page, return the address that the client gets."""
    page = browser.get(url)
    while page.status_code == 302:
        page = browser.get(page.headers["location"])
    fields = dict(_hidden(page.text))
    answer = browser.post("/oidc/decide", data={**fields, "answer": "allow"})
    assert answer.status_code == 303, answer.text[:500]
    return answer.headers["location"]


def _hidden(text: str) -> Iterator[tuple[str, str]]:
    form = text[text.index('action="/oidc/decide"') :]
    for found in re.finditer(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        yield found[1], found[2]


def test_authlib_client_signs_in_as_a_plain_client(make_party: MakeParty, address: str) -> None:
    party = make_party(plain=True)
    known = httpx.get(f"{address}/.well-known/openid-configuration").json()
    made = OAuth2Client(
        party.client_id,
        party.extra["secret"],
        scope="openid profile",
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
    )
    with person(party, address) as browser, made as client:
        url, state = client.create_authorization_url(
            known["authorization_endpoint"], code_verifier=party.verifier, nonce="n1"
        )
        location = agree(browser, url)
        token = client.fetch_token(
            known["token_endpoint"],
            authorization_response=location,
            state=state,
            code_verifier=party.verifier,
        )
        told = client.get(known["userinfo_endpoint"]).json()

    assert token["id_token"]
    assert told["name"] == "Siti Rahmawati"


def foreign(party: Party, address: str) -> Any:
    return ForeignClient.from_discovery_endpoint(
        f"{address}/.well-known/openid-configuration",
        issuer=address,
        auth=PrivateKeyJwt(
            party.client_id, {**party.key.as_dict(private=True), "alg": "ES256"}, alg="ES256", aud=address
        ),
        redirect_uri=REDIRECT,
        testing=True,
    )


def test_requests_oauth2client_gets_a_bound_system_token(make_party: MakeParty, address: str) -> None:
    party = make_party(kind="system", scopes=("antrean:baca",), claim_uses=(), grant_types=())
    client = foreign(party, address)

    token = client.client_credentials(scope="antrean:baca", dpop=True)

    assert token.token_type == "DPoP"


def test_requests_oauth2client_signs_in_with_par_and_dpop(party: Party, address: str) -> None:
    client = foreign(party, address)
    request = client.authorization_request(scope="openid profile", dpop=True)
    pushed = client.pushed_authorization_request(request)
    with person(party, address) as browser:
        location = agree(browser, str(pushed))
    answer = request.validate_callback(location)
    token = client.authorization_code(answer, dpop=True, validate=False)
    told = client.userinfo(token)

    assert parse_qs(urlsplit(location).query)["iss"] == [address]
    assert told["name"] == "Siti Rahmawati"


def test_server_hangs_up_on_a_client_that_keeps_its_connection(live_server: LiveServer) -> None:
    with httpx.Client(base_url=live_server.url) as keeps:
        keeps.get("/oidc/jwks")
        before = live_server.thread.httpd.open_connections
        live_server.thread.httpd.hang_up()

        assert before
        assert not live_server.thread.httpd.open_connections
