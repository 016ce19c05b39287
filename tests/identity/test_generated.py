"""The provider's endpoints and the agencies' directory under generated requests, as a client that is let in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from schemathesis.specs.openapi.checks import ignored_auth

from terpadu.directory.public import AgencyView
from terpadu.identity.rules.provider.metadata import EXCHANGE, ClientDraft
from terpadu.identity.rules.scim_access import SCOPE as DIRECTORY
from terpadu.identity.selectors.reference import DATA
from terpadu.identity.services.provider.clients import PlainException, client_register
from terpadu.kernel.clock import today
from tests.generated import REFUSALS_ARE_FINE, check_generated, schema_of
from tests.identity.conftest import NIK, SETUP
from tests.identity.provider.party import REDIRECT
from tests.identity.scim.directory import connect, group, user

pytestmark = pytest.mark.django_db
TOKEN_IS_FIXED = [ignored_auth]
"""Every request carries the token of the test; that none passes without has tests of its own."""


def plain_client(agency: AgencyView, **more: Any) -> tuple[str, str]:
    """Register an application with a secret, by exception; return its identifier and secret."""
    draft = ClientDraft(name="Antrean", auth_method="client_secret_post", **more)
    leave = PlainException(until=today() + timedelta(days=30), reason="old")
    made = client_register(agency.code, draft, by=SETUP, client_id=f"plain-{draft.kind}", exception=leave)
    return f"plain-{draft.kind}", made.secret


def provider_as(client_id: str, secret: str) -> Any:
    """Return the provider's description with a client that signs in by its secret."""
    return schema_of(
        DATA / "provider_api.yaml",
        ClientId={"enum": [client_id]},
        ClientSecret={"enum": [secret]},
        RedirectUri={"enum": [REDIRECT]},
        Scope={"enum": ["openid", DIRECTORY]},
    )


def test_provider_under_generated_requests_answers_as_described(agency: AgencyView) -> None:
    grants = ("refresh_token", EXCHANGE)
    web = plain_client(agency, kind="web", redirect_uris=(REDIRECT,), scopes=("openid",), grant_types=grants)
    kiosk = plain_client(agency, kind="device", scopes=("openid",))
    system = plain_client(agency, kind="system", scopes=(DIRECTORY,))

    names = check_generated(provider_as(*web), excluded=REFUSALS_ARE_FINE)
    check_generated(
        provider_as(*kiosk).include(path=["/oidc/device", "/oidc/token"]), excluded=REFUSALS_ARE_FINE
    )
    check_generated(provider_as(*system).include(path="/oidc/token"), excluded=REFUSALS_ARE_FINE)

    assert len(names) == 10
    assert Browser().get("/oidc/openapi.json").json()["openapi"] == "3.1.0"


def test_directory_under_generated_requests_answers_as_described(agency: AgencyView) -> None:
    directory = connect(agency.code)
    brought = directory.made("/Users", user())
    directory.made("/Groups", group("Operator SIAK", brought["id"]))
    schema = schema_of(
        DATA / "directory_api.yaml",
        Filter={"enum": ['userName eq "x"', 'displayName eq "Operator SIAK"', "active pr", "a b"]},
        Nik={"enum": [NIK, "3671015406920003"]},
    )
    headers = {"Authorization": f"Bearer {directory.token}"}

    names = check_generated(
        schema,
        headers=headers,
        path_parameters={"id": brought["id"]},
        excluded=REFUSALS_ARE_FINE + TOKEN_IS_FIXED,
    )

    assert len(names) == 17
    assert Browser().get("/scim/v2/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("start", ["0", "-1", "9223372036854775808", str(10**30)])
def test_directory_asked_for_a_page_that_no_table_reaches_answers(agency: AgencyView, start: str) -> None:
    directory = connect(agency.code)

    answer = directory.send("GET", f"/Users?startIndex={start}&count={start}")

    assert answer.status_code in (200, 400), answer.content
