"""The good ways through the provider: what a well-behaved client gets."""

from __future__ import annotations

import base64
from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from terpadu.identity.enums import DataRequestState, DataRight, SignInMethod
from terpadu.identity.models import Account, Authorization, Consent, DataRequest
from terpadu.identity.policies.sharing import PARTICULARS
from terpadu.identity.selectors.provider.clients import client_get
from terpadu.identity.services.persons import person_ensure
from terpadu.identity.services.provider.subjects import subject_of
from terpadu.identity.services.provider.wire import issuer
from terpadu.kernel.clock import freeze, now
from tests.identity.conftest import NIK, SETUP
from tests.identity.provider.conftest import MakeParty, sign_in
from tests.identity.provider.party import Party, back, claims_of, header_of, make_key, signed

pytestmark = pytest.mark.django_db


def test_happy_flow(party: Party) -> None:
    tokens = party.tokens()

    assert tokens["token_type"] == "DPoP"
    assert tokens["expires_in"] == 300
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    assert header_of(tokens["access_token"])["typ"] == "at+jwt"
    assert access["cnf"]["jkt"] == party.dpop.thumbprint()
    assert (access["iss"], access["aud"], access["client_id"]) == (issuer(), issuer(), party.client_id)
    assert (identity["aud"], identity["acr"], identity["amr"]) == (
        party.client_id,
        "loa2",
        ["pwd", "otp", "mfa"],
    )
    assert identity["sub"] == access["sub"]
    assert "name" not in identity
    info = party.userinfo(tokens["access_token"])
    assert info.status_code == 200
    assert info.json() == {"sub": access["sub"], "name": "Siti Rahmawati"}


@pytest.mark.parametrize("alg", ["ES256", "ES512", "PS256", "EdDSA"])
def test_client_assertion_with_each_algorithm_is_taken(make_party: MakeParty, alg: str) -> None:
    assert make_party(alg=alg).tokens()["id_token"]


def test_consent_once_given_is_not_asked_again(party: Party) -> None:
    party.tokens()

    response = party.visit(party.push())

    assert back(response)["code"]


def test_consent_ticks_decide_what_userinfo_tells(party: Party) -> None:
    request_uri = party.push(scope="openid profile nik")
    page = party.visit(request_uri)
    answer = back(party.agree(page, request_uri, claim=["nik", "birthdate"]))
    token = party.redeem(answer["code"]).json()["access_token"]

    told = party.userinfo(token).json()

    assert told["nik"] == NIK
    assert told["birthdate"] == "1992-06-14"
    assert "gender" not in told
    consent = Consent.objects.get()
    assert (consent.version, consent.refused) == (1, ["gender"])


def test_consent_for_a_changed_scope_is_asked_anew_and_kept_as_history(party: Party) -> None:
    party.tokens()
    request_uri = party.push(scope="openid profile nik")

    page = party.visit(request_uri)
    assert page.status_code == 200
    party.agree(page, request_uri)

    versions = Consent.objects.order_by("version").values_list("version", "ended_reason")
    assert list(versions) == [(1, "replaced"), (2, "")]


def test_consent_is_asked_anew_when_it_has_expired(party: Party) -> None:
    party.tokens()
    later = now() + timedelta(days=366)

    with freeze(later):
        party.browser = sign_in(Account.objects.get())
        assert party.visit(party.push()).status_code == 200


def test_claims_parameter_identity_claims(party: Party) -> None:
    claims = '{"id_token": {"name": {"essential": true}}, "userinfo": {"gender": null}}'
    request_uri = party.push(scope="openid", claims=claims)
    page = party.visit(request_uri)
    code = back(party.agree(page, request_uri, claim=["gender"]))["code"]
    tokens = party.redeem(code).json()

    assert claims_of(tokens["id_token"])["name"] == "Siti Rahmawati"
    assert party.userinfo(tokens["access_token"]).json()["gender"] == "female"


@pytest.mark.parametrize(
    ("framework", "is_told"),
    [("null", True), ('{"value": "id_terpadu"}', True), ('{"value": "eidas"}', False)],
)
def test_verified_claims_follow_the_demanded_framework(party: Party, framework: str, is_told: bool) -> None:
    wish = f'{{"verification": {{"trust_framework": {framework}}}, "claims": {{"name": null}}}}'
    request_uri = party.push(scope="openid profile", claims=f'{{"userinfo": {{"verified_claims": {wish}}}}}')
    page = party.visit(request_uri)
    code = back(party.agree(page, request_uri, claim=["verified_claims"]))["code"]
    told = party.userinfo(party.redeem(code).json()["access_token"]).json()

    assert ("verified_claims" in told) is is_told
    if is_told:
        verified = told["verified_claims"]
        assert verified["verification"]["assurance_level"] == "matched"
        assert verified["claims"] == {"name": "Siti Rahmawati"}


def test_user_rejects_authentication(party: Party) -> None:
    request_uri = party.push(state="xyz")
    page = party.visit(request_uri)

    answer = back(party.agree(page, request_uri, answer="deny"))

    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "xyz", issuer())
    assert not Consent.objects.exists()


def test_subject_is_pairwise_and_the_same_again(make_party: MakeParty, account: Account) -> None:
    one, other = make_party(), make_party(redirect_uris=("https://lain.contoho.go.id/b",))
    first = claims_of(one.tokens()["id_token"])["sub"]
    other_code = other.code(redirect_uri="https://lain.contoho.go.id/b")
    second = other.redeem(other_code, redirect_uri="https://lain.contoho.go.id/b").json()

    assert claims_of(one.tokens()["id_token"])["sub"] == first
    assert claims_of(second["id_token"])["sub"] != first
    assert str(account.person_id) not in first


def test_refresh_token_rotates(party: Party) -> None:
    first = party.tokens()

    second = party.refresh(first["refresh_token"])

    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert claims_of(second.json()["access_token"])["sub"] == claims_of(first["access_token"])["sub"]


def test_acr_step_up_is_asked_and_then_told(party: Party, account: Account) -> None:
    request_uri = party.push(acr_values="loa3")
    page = party.visit(request_uri)
    assert "identity/provider/step_up.html" in [t.name for t in page.templates]

    party.browser = sign_in(account, SignInMethod.TOTP, SignInMethod.PASSKEY)
    page = party.visit(request_uri)
    code = back(party.agree(page, request_uri))["code"]

    assert claims_of(party.redeem(code).json()["id_token"])["acr"] == "loa3"


def test_acr_that_cannot_be_met_goes_back_with_its_error(party: Party) -> None:
    request_uri = party.push(acr_values="loa3")
    party.visit(request_uri)

    response = party.browser.post(
        "/oidc/decide", {"client_id": party.client_id, "request_uri": request_uri, "answer": "unmet"}
    )

    assert back(response)["error"] == "unmet_authentication_requirements"


def test_max_age_asks_for_a_new_proof(party: Party, account: Account) -> None:
    party.tokens()
    party.browser = sign_in(account, ago=timedelta(minutes=10))
    request_uri = party.push(max_age="300")

    assert party.visit(request_uri)["Location"].startswith("/masuk/ulang/")

    party.browser = sign_in(account)
    code = back(party.visit(request_uri))["code"]
    assert claims_of(party.redeem(code).json()["id_token"])["auth_time"] >= int(now().timestamp()) - 5


def test_prompt_login_asks_for_a_new_proof(party: Party, account: Account) -> None:
    party.tokens()
    party.browser = sign_in(account, ago=timedelta(seconds=30))

    assert party.visit(party.push(prompt="login"))["Location"].startswith("/masuk/ulang/")


@pytest.mark.parametrize(
    ("signed_in", "consented", "error"),
    [(False, False, "login_required"), (True, False, "consent_required"), (True, True, "")],
)
def test_prompt_none_never_shows_a_page(party: Party, signed_in: bool, consented: bool, error: str) -> None:
    if consented:
        party.tokens()
    if not signed_in:
        party.browser = Browser()

    assert back(party.visit(party.push(prompt="none"))).get("error", "") == error


def test_sign_in_comes_first_and_leads_back_by_a_page(party: Party, account: Account) -> None:
    party.tokens()
    party.browser = Browser()
    request_uri = party.push(ui_locales="en")

    response = party.visit(request_uri)
    assert response["Location"].startswith("/masuk/?next=%2Foidc%2Fcontinue")
    assert response.cookies["language"].value == "en"
    party.browser = sign_in(account)
    page = party.browser.get("/oidc/continue", {"client_id": party.client_id, "request_uri": request_uri})

    assert page.status_code == 200
    assert page["Refresh"].startswith("0;url=https://antre.contoho.go.id/balik?code=")
    assert b"You are signed in" in page.content


def test_authorization_details_are_shown_consented_and_told(party: Party) -> None:
    share = '[{"type":"data_share","datatypes":["kartu keluarga"],"purpose":"Mengisi formulir","legal_basis":"UU 24/2013"}]'
    request_uri = party.push(authorization_details=share)
    page = party.visit(request_uri)
    assert "kartu keluarga" in page.content.decode()

    tokens = party.redeem(back(party.agree(page, request_uri))["code"]).json()

    assert tokens["authorization_details"][0]["datatypes"] == ["kartu keluarga"]
    assert claims_of(tokens["access_token"])["authorization_details"] == tokens["authorization_details"]


def test_id_token_can_be_signed_with_ps256(make_party: MakeParty) -> None:
    tokens = make_party(id_token_alg="PS256").tokens()

    assert header_of(tokens["id_token"])["alg"] == "PS256"
    assert claims_of(tokens["id_token"])["nonce"]


def test_plain_client_by_exception_signs_in_with_secret_and_pkce(make_party: MakeParty) -> None:
    party = make_party(plain=True)
    first = party.browser.get("/oidc/authorize", party.parameters())
    request_uri = dict(part.split("=") for part in first["Location"].partition("?")[2].split("&"))[
        "request_uri"
    ]
    request_uri = request_uri.replace("%3A", ":")
    page = party.browser.get(first["Location"])
    code = back(party.agree(page, request_uri))["code"]
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "https://antre.contoho.go.id/balik",
    }

    basic = base64.b64encode(f"{party.client_id}:{party.extra['secret']}".encode()).decode()
    answer = party.server.post(
        "/oidc/token", {**data, "code_verifier": party.verifier}, headers={"Authorization": f"Basic {basic}"}
    )

    assert answer.json()["token_type"] == "Bearer"
    info = party.server.get(
        "/oidc/userinfo", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}
    )
    assert info.json()["name"] == "Siti Rahmawati"


def test_public_client_needs_the_servers_nonce(make_party: MakeParty) -> None:
    party = make_party(kind="native", auth_method="none", redirect_uris=("http://127.0.0.1/balik",))
    party.extra["plain"] = True
    here = "http://127.0.0.1:53111/balik"
    code = party.code(redirect_uri=here)
    refused = party.redeem(code, client_id=party.client_id, redirect_uri=here)
    assert refused.json()["error"] == "use_dpop_nonce"

    party.nonce = refused["DPoP-Nonce"]
    answer = party.redeem(code, client_id=party.client_id, redirect_uri=here)

    assert answer.status_code == 200, answer.content


def test_signed_request_object_is_taken(make_party: MakeParty) -> None:
    party = make_party(must_sign_request=True)
    assert party.par().json()["error"] == "invalid_request"
    at = int(now().timestamp())
    claims = {**party.parameters(), "aud": issuer(), "iss": party.client_id, "nbf": at, "exp": at + 60}

    request = signed({"alg": "ES256", "kid": "k1"}, claims, party.key)
    answer = party.post("par", {"client_id": party.client_id, "request": request}, proof=None)

    assert answer.status_code == 201
    page = party.visit(answer.json()["request_uri"])
    assert page.status_code == 200


def test_dpop_key_of_par_binds_the_code(party: Party) -> None:
    request_uri = party.push(proof=party.proof("par"))
    page = party.visit(request_uri)
    code = back(party.agree(page, request_uri))["code"]
    assert Authorization.objects.get().jkt == party.dpop.thumbprint()

    other = make_key()
    assert party.redeem(code, proof=party.proof("token", key=other)).json()["error"] == "invalid_grant"
    assert party.redeem(code).status_code == 200


def test_tokens_of_a_represented_person_name_who_acts(party: Party, account: Account) -> None:
    child = person_ensure(nik="3671011202200001", name="Raka", birth_on=date(2020, 2, 12), sex="L", by=SETUP)
    code = party.code()
    own = subject_of(account.person_id, client=client_get(party.client_id))
    Authorization.objects.update(person_id=child, actor_person_id=account.person_id, mandate="m-1")

    tokens = party.redeem(code).json()

    for token in (tokens["access_token"], tokens["id_token"]):
        claims = claims_of(token)
        assert claims["act"] == {"sub": own}
        assert claims["sub"] != own
        assert claims["mandate"] == "m-1"
    assert party.userinfo(tokens["access_token"]).json()["name"] == "Raka"


def limit_particulars(account: Account) -> None:
    """Grant Siti's request that the use of her particulars is limited."""
    DataRequest.objects.create(
        person_id=account.person_id,
        right=DataRight.RESTRICTION,
        section=PARTICULARS,
        state=DataRequestState.DONE,
        agency_code="dukcapil",
        made_by=account.person_id,
        due_at=now(),
    )


def test_limited_use_of_data_gives_nothing_new_away(party: Party, account: Account) -> None:
    limit_particulars(account)
    request_uri = party.push()

    page = party.visit(request_uri)
    answer = party.agree(page, request_uri)

    assert page.context["is_limited"]
    assert 'value="allow"' not in page.content.decode()
    assert answer.status_code == 409
    assert not Consent.objects.exists()
    assert back(party.agree(page, request_uri, answer="deny"))["error"] == "access_denied"


def test_limited_use_of_data_keeps_back_what_was_agreed_before_until_it_is_lifted(
    party: Party, account: Account
) -> None:
    tokens = party.tokens()
    limit_particulars(account)

    assert set(party.userinfo(tokens["access_token"]).json()) == {"sub"}
    assert "name" not in claims_of(party.tokens()["id_token"])
    DataRequest.objects.update(lifted_at=now())
    assert "name" in party.userinfo(tokens["access_token"]).json()


def test_limited_use_of_data_still_signs_in_where_nothing_is_given(party: Party, account: Account) -> None:
    limit_particulars(account)

    assert party.tokens(scope="openid")["id_token"]
