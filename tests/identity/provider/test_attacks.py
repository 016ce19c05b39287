"""What others try: each ends in a refusal that says nothing, and never in a failure of ours."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from terpadu.identity.enums import SignInMethod
from terpadu.identity.models import Account, Authorization, Client, Consent, SignIn
from terpadu.identity.rules.provider.metadata import EXCHANGE
from terpadu.identity.services.provider.client_keys import client_known
from terpadu.identity.services.provider.clients import (
    client_resume,
    client_secret_renew,
    client_suspend,
)
from terpadu.identity.services.provider.consents import consent_withdraw
from terpadu.identity.services.provider.keys import keys_rotate
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from tests.identity.conftest import SETUP
from tests.identity.provider.conftest import MakeParty, sign_in
from tests.identity.provider.party import ASSERTION_TYPE, REDIRECT, Party, back, claims_of, make_key

pytestmark = pytest.mark.django_db
API = "https://api.contoho.go.id"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


def error_of(response: Any) -> str:
    """Return the error of an answer that is a refusal."""
    assert 400 <= response.status_code < 500, response.content
    return str(response.json()["error"])


def at_once(work: Callable[[], int], times: int) -> list[int]:
    """Run something in many threads that begin together, each with a database connection of its own."""
    barrier = threading.Barrier(times)

    def one() -> int:
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(one) for _ in range(times)]]


@pytest.mark.django_db(transaction=True)
def test_code_used_twelve_times_at_once_gives_one_token_that_dies(party: Party) -> None:
    code = party.code()
    bodies: list[dict[str, Any]] = []

    def redeem() -> int:
        response = party.redeem(code)
        bodies.append(response.json())
        return int(response.status_code)

    assert sorted(at_once(redeem, 12)) == [200] + [400] * 11
    [good] = [body for body in bodies if "access_token" in body]
    assert party.userinfo(good["access_token"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_refresh_token_used_six_times_at_once_gives_one_family_that_dies(party: Party) -> None:
    token = party.tokens()["refresh_token"]

    assert sorted(at_once(lambda: int(party.refresh(token).status_code), 6)) == [200] + [400] * 5
    assert Authorization.objects.get().revoked_reason == "refresh reused"


@pytest.mark.django_db(transaction=True)
def test_assertion_replayed_at_once_is_taken_once(party: Party) -> None:
    data = {**party.parameters(), **party.authentication()}

    found = at_once(lambda: int(party.post("par", data, proof=None).status_code), 6)

    assert sorted(found) == [201, 401, 401, 401, 401, 401]


def test_refresh_token_reused_ends_the_family(party: Party) -> None:
    first = party.tokens()["refresh_token"]
    second = party.refresh(first).json()

    assert error_of(party.refresh(first)) == "invalid_grant"
    assert error_of(party.refresh(second["refresh_token"])) == "invalid_grant"
    assert party.userinfo(second["access_token"]).status_code == 401


def test_suspended_client_stops_at_once_though_it_is_in_memory(party: Party) -> None:
    tokens = party.tokens()
    assert client_known(party.client_id)
    client_suspend(party.client_id, reason="leak", by=SETUP)

    assert error_of(party.refresh(tokens["refresh_token"])) == "invalid_client"
    assert error_of(party.par()) == "invalid_client"


def test_key_taken_from_a_client_stops_at_once_though_it_is_in_memory(party: Party) -> None:
    party.tokens()
    new = make_key()
    rows = Client.objects.filter(client_id=party.client_id)
    rows.update(jwks={"keys": [new.as_dict(private=False)]}, version=99)

    assert error_of(party.par()) == "invalid_client"
    party.key = new
    assert party.par().status_code == 201


def test_key_given_to_a_client_counts_at_once_though_the_old_one_is_in_memory(party: Party) -> None:
    party.tokens()
    assert client_known(party.client_id)
    party.key = make_key()
    rows = Client.objects.filter(client_id=party.client_id)
    rows.update(jwks={"keys": [party.key.as_dict(private=False)]}, version=99)

    assert party.par().status_code == 201


def test_client_that_was_refused_in_memory_works_when_it_is_let_go_on(party: Party) -> None:
    client_suspend(party.client_id, reason="leak", by=SETUP)
    assert error_of(party.par()) == "invalid_client"
    client_resume(party.client_id, by=SETUP)

    assert party.par().status_code == 201


def test_secret_renewed_counts_at_once_though_the_old_one_is_in_memory(make_party: MakeParty) -> None:
    party = make_party(plain=True)
    old = party.extra["secret"]
    assert party.post("introspect", {"token": "x"}, **basic(party, old)).status_code == 200
    new = client_secret_renew(party.client_id, by=SETUP)

    assert party.post("introspect", {"token": "x"}, **basic(party, new)).status_code == 200
    assert error_of(party.post("introspect", {"token": "x"}, **basic(party, old))) == "invalid_client"


def basic(party: Party, secret: str) -> dict[str, str]:
    text = b64encode(f"{party.client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def test_exception_that_is_over_refuses_the_plain_client(make_party: MakeParty) -> None:
    party = make_party(plain=True)

    with freeze(now() + timedelta(days=31)):
        response = party.browser.get("/oidc/authorize", party.parameters())

    assert response.status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "https://siti@antre.contoho.go.id/balik",
        "https://antre.contoho.go.id@evil.example/balik",
        "https://antre.contoho.go.id.evil.example/balik",
        "https://antre.contoho.go.id./balik",
        "https://ANTRE.contoho.go.id/balik",
        "https://antre.contoho.go.id/balik/",
        "https://antre.contoho.go.id/balik#x",
        "https://antre.contoho.go.id/balik?x=1",
        "https://antre.contoho.go.id/balik/../x",
        "https://antre.contoho.go.id:443/balik",
        "https://antre.contoho.go.id/balik%00",
        "http://antre.contoho.go.id/balik",
        "//antre.contoho.go.id/balik",
        "https:\\\\antre.contoho.go.id\\balik",
        "javascript:alert(1)",
        "",
    ],
)
def test_redirect_uri_tricks_lead_nowhere(make_party: MakeParty, address: str) -> None:
    party, plain = make_party(), make_party(plain=True)

    assert error_of(party.par(redirect_uri=address)) == "invalid_request"
    page = plain.browser.get("/oidc/authorize", plain.parameters(redirect_uri=address))
    assert page.status_code == 400
    assert "Location" not in page
    assert b"identity.request_broken" in page.content


def test_mix_up_is_told_by_the_issuer_in_every_answer(party: Party) -> None:
    request_uri = party.push()
    denied = party.agree(party.visit(request_uri), request_uri, answer="deny")

    assert back(denied)["iss"] == issuer()
    assert back(party.visit(party.push(prompt="none")))["iss"] == issuer()


def test_consent_without_its_csrf_token_changes_nothing(party: Party, account: Account) -> None:
    request_uri = party.push()
    page = party.visit(request_uri)
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies
    party.browser = strict

    assert party.agree(page, request_uri).status_code == 403
    assert not Consent.objects.exists()


def test_consent_for_another_question_than_shown_is_asked_anew(party: Party) -> None:
    request_uri = party.push()
    page = party.visit(request_uri)
    rows = Client.objects.filter(client_id=party.client_id)
    row = rows.get()
    row.claim_uses[0]["purpose"] = "Sesuatu yang lain"
    rows.update(claim_uses=row.claim_uses, version=2)

    response = party.agree(page, request_uri)

    assert response["Location"].startswith("/oidc/continue")
    assert not Consent.objects.exists()


def test_pages_cannot_be_framed_and_forms_end_only_at_the_client(party: Party) -> None:
    page = party.visit(party.push())

    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://antre.contoho.go.id;" in policy
    assert page["X-Frame-Options"] == "DENY"
    assert "no-store" in page["Cache-Control"]


def test_session_of_before_is_worth_nothing_after_sign_in(party: Party, account: Account) -> None:
    """The key that an attacker planted before sign-in is not the one that is signed in (session fixation)."""
    browser = Browser()
    browser.get("/masuk/")
    planted = browser.cookies.get("session")
    signed_in = sign_in(account)

    party.browser = Browser()
    if planted:
        party.browser.cookies["session"] = planted.value
    assert party.visit(party.push())["Location"].startswith("/masuk/")
    assert signed_in.session.session_key != (planted.value if planted else "")


def test_logout_by_a_link_asks_first(party: Party) -> None:
    page = party.browser.get("/oidc/logout", {"client_id": party.client_id})

    assert page.status_code == 200
    assert SignIn.objects.filter(ended_at__isnull=True).exists()
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies
    assert strict.post("/oidc/logout/confirm", {}).status_code == 403
    assert SignIn.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.parametrize("path", ["/oidc/logout/confirm", "/keluar/"])
def test_logout_forged_by_another_site_changes_nothing(party: Party, path: str) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies

    assert strict.post(path, {"client_id": party.client_id}).status_code == 403
    assert party.browser.get("/akun/").status_code == 200


def test_logout_posted_by_another_site_only_asks(party: Party) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = party.browser.cookies

    assert strict.post("/oidc/logout", {"client_id": party.client_id}).status_code == 200
    assert party.browser.get("/akun/").status_code == 200


def test_logout_with_the_sessions_id_token_goes_back_to_a_registered_address_only(party: Party) -> None:
    token = party.tokens()["id_token"]
    asked = {"id_token_hint": token, "post_logout_redirect_uri": "https://evil.example/", "state": "x"}
    page = party.browser.get("/oidc/logout", asked)
    assert page.status_code == 200
    assert not SignIn.objects.filter(ended_at__isnull=True).exists()

    asked["post_logout_redirect_uri"] = "https://antre.contoho.go.id/selesai"
    assert (
        party.browser.get("/oidc/logout", asked)["Location"] == "https://antre.contoho.go.id/selesai?state=x"
    )


def test_logout_with_another_sessions_id_token_asks_first(party: Party, account: Account) -> None:
    token = party.tokens()["id_token"]
    other = sign_in(account)

    assert other.get("/oidc/logout", {"id_token_hint": token}).status_code == 200
    assert SignIn.objects.filter(ended_at__isnull=True).count() == 2


def exchange(service: Party, token: str, **changes: Any) -> Any:
    data = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS, "resource": API}
    return service.post("token", {**data, **changes})


def test_token_exchange_keeps_level_end_and_person_and_names_who_acts(make_party: MakeParty) -> None:
    front = make_party(resources=("https://perantara.contoho.go.id",))
    service = make_party(
        kind="system", home_uri="https://perantara.contoho.go.id", grant_types=(EXCHANGE,), resources=(API,)
    )
    given = front.tokens(resource="https://perantara.contoho.go.id")["access_token"]

    answer = exchange(service, given)

    assert answer.status_code == 200, answer.content
    old, new = claims_of(given), claims_of(answer.json()["access_token"])
    assert new["act"] == {"sub": service.client_id}
    assert (new["acr"], new["auth_time"], new["amr"]) == (old["acr"], old["auth_time"], old["amr"])
    assert new["exp"] <= old["exp"]
    assert new["aud"] == API
    assert service.userinfo(answer.json()["access_token"]).status_code == 401


def test_step_up_is_not_laundered_through_token_exchange(make_party: MakeParty, account: Account) -> None:
    front = make_party(resources=("https://perantara.contoho.go.id",))
    front.browser = sign_in(account, SignInMethod.PASSWORD, ago=timedelta(hours=2))
    service = make_party(
        kind="system", home_uri="https://perantara.contoho.go.id", grant_types=(EXCHANGE,), resources=(API,)
    )
    given = front.tokens(resource="https://perantara.contoho.go.id")["access_token"]

    claims = claims_of(exchange(service, given, acr_values="loa3", max_age="0").json()["access_token"])

    assert claims["acr"] == "loa1"
    assert claims["auth_time"] < int(now().timestamp()) - 7000


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"resource": "https://lain.contoho.go.id"}, "invalid_target"),
        ({"resource": None}, "invalid_target"),
        ({"scope": "openid nik"}, "invalid_scope"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_grant"),
        ({"subject_token": None}, "invalid_grant"),
    ],
)
def test_token_exchange_of_more_than_was_given_is_refused(
    make_party: MakeParty, changes: dict[str, Any], error: str
) -> None:
    front = make_party(resources=("https://perantara.contoho.go.id",))
    service = make_party(
        kind="system", home_uri="https://perantara.contoho.go.id", grant_types=(EXCHANGE,), resources=(API,)
    )
    given = front.tokens(resource="https://perantara.contoho.go.id")["access_token"]

    assert error_of(exchange(service, given, **changes)) == error


def test_token_exchange_by_a_stranger_and_after_revocation_is_refused(make_party: MakeParty) -> None:
    front = make_party(resources=("https://perantara.contoho.go.id",))
    service = make_party(
        kind="system", home_uri="https://perantara.contoho.go.id", grant_types=(EXCHANGE,), resources=(API,)
    )
    stranger = make_party(kind="system", grant_types=(EXCHANGE,), resources=(API,))
    given = front.tokens(resource="https://perantara.contoho.go.id")["access_token"]
    assert error_of(exchange(stranger, given)) == "invalid_grant"

    front.post("revoke", {"token": given})

    assert error_of(exchange(service, given)) == "invalid_grant"


def test_system_token_is_its_own_and_no_persons(make_party: MakeParty) -> None:
    system = make_party(
        kind="system", scopes=("antrean:baca",), claim_uses=(), grant_types=(), resources=(API,)
    )
    data = {"grant_type": "client_credentials", "scope": "antrean:baca", "resource": API}

    claims = claims_of(system.post("token", data).json()["access_token"])

    assert (claims["sub"], claims["aud"], claims["scope"]) == (system.client_id, API, "antrean:baca")
    assert error_of(system.post("token", {**data, "scope": "openid"})) == "invalid_scope"
    assert error_of(system.post("token", {**data, "resource": "https://evil.example"})) == "invalid_target"
    assert error_of(system.post("token", data, proof=None)) == "invalid_dpop_proof"


def test_introspection_tells_only_whose_token_it_is(party: Party, make_party: MakeParty) -> None:
    tokens = party.tokens()

    own = party.post("introspect", {"token": tokens["access_token"]}).json()
    assert (own["active"], own["token_type"], own["scope"]) == (True, "DPoP", "openid profile")
    assert party.post("introspect", {"token": tokens["refresh_token"]}).json()["active"]
    assert make_party().post("introspect", {"token": tokens["access_token"]}).json() == {"active": False}
    assert party.post("introspect", {"token": "x"}).json() == {"active": False}


def test_revocation_ends_access_token_and_family(party: Party, make_party: MakeParty) -> None:
    tokens = party.tokens()
    assert error_of(make_party().post("revoke", {"token": tokens["access_token"]})) == "invalid_grant"
    assert party.userinfo(tokens["access_token"]).status_code == 200

    assert party.post("revoke", {"token": tokens["access_token"]}).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 401
    party.post("revoke", {"token": tokens["refresh_token"]})
    assert error_of(party.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_withdrawn_consent_ends_every_token(party: Party, account: Account) -> None:
    tokens = party.tokens()

    by = Actor.person(account.person_id)
    assert consent_withdraw(account.person_id, client_id=party.client_id, by=by)

    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert error_of(party.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert party.visit(party.push()).status_code == 200


def test_closed_account_gets_no_tokens(party: Party) -> None:
    code = party.code()
    Account.objects.update(is_active=False)

    assert error_of(party.redeem(code)) == "invalid_grant"


def test_sandbox_client_is_for_its_testers(party: Party) -> None:
    Client.objects.filter(client_id=party.client_id).update(stage="sandbox", version=2)

    page = party.visit(party.push())

    assert page.status_code == 403
    assert b"identity.not_a_tester" in page.content


def test_key_rotation_drops_no_login(party: Party) -> None:
    before = party.tokens()
    keys_rotate(by=SETUP)
    during = party.userinfo(before["access_token"])
    after = party.tokens()

    assert during.status_code == 200
    assert claims_of(before["id_token"])["sub"] == claims_of(after["id_token"])["sub"]
    assert len(Browser().get("/oidc/jwks").json()["keys"]) == 3
    assert all("d" not in key for key in Browser().get("/oidc/jwks").json()["keys"])


ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\0", "[", "{}", "[]", "null", "-1", "1e999", "a" * 25_000, "%", "\ud7ff", "[" * 3000, "https://["]
    ),
)
NAMES = st.sampled_from(
    [
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "claims",
        "max_age",
        "acr_values",
        "prompt",
        "ui_locales",
        "resource",
        "authorization_details",
        "dpop_jkt",
        "response_mode",
        "request",
        "request_uri",
        "grant_type",
        "code",
        "code_verifier",
        "refresh_token",
        "subject_token",
        "client_assertion",
        "client_assertion_type",
        "client_secret",
        "token",
        "token_type_hint",
        "device_code",
        "id_token_hint",
        "post_logout_redirect_uri",
        "user_code",
        "answer",
        "digest",
        "claim",
    ]
)
ENDPOINTS = [
    "par",
    "token",
    "introspect",
    "revoke",
    "device",
    "authorize",
    "continue",
    "decide",
    "logout",
    "userinfo",
]


@example("token", {}, "authorization_code", False, {"Authorization": "Basic /w=="})
@example("token", {"grant_type": "é"}, "x", False, {"Authorization": "Basic é"})
@example("authorize", {"redirect_uri": "https://["}, "x", False, {})
@example("authorize", {"response_type": 'a"b'}, "x", False, {})
@example("token", {"grant_type": 'a"\\b'}, "x", True, {})
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    endpoint=st.sampled_from(ENDPOINTS),
    changes=st.dictionaries(NAMES, ODD, max_size=4),
    grant=st.sampled_from(["authorization_code", "refresh_token", "client_credentials", EXCHANGE, "x"]),
    is_authenticated=st.booleans(),
    headers=st.dictionaries(
        st.sampled_from(["DPoP", "Authorization"]),
        st.sampled_from(
            [
                "",
                "x",
                "Basic !!!",
                "Basic AAAA",
                "Basic /w==",
                "DPoP x",
                "Bearer a.b.c",
                "a.b.c",
                "Basic Og==",
            ]
        ),
    ),
)
def test_no_mutated_request_ever_fails_on_our_side(
    party: Party,
    endpoint: str,
    changes: dict[str, str],
    grant: str,
    is_authenticated: bool,
    headers: dict[str, str],
) -> None:
    """Table-driven: any field of any endpoint may hold anything."""
    data = {**party.parameters(), "grant_type": grant, **changes}
    if is_authenticated:
        data = {**party.authentication(), **data}
    browser = party.browser
    sent = {name: value for name, value in headers.items() if value.isprintable()}

    posted = browser.post(f"/oidc/{endpoint}", data, headers=sent)
    gotten = browser.get(f"/oidc/{endpoint}", data, headers=sent)

    assert posted.status_code < 500, (endpoint, changes, posted.content)
    assert gotten.status_code < 500, (endpoint, changes)
    assert REDIRECT
    assert ASSERTION_TYPE
