"""Who may call the SCIM endpoints, and what the service says of itself to everybody."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from terpadu.directory.public import AgencyView
from terpadu.identity.rules.scim_access import SCOPE
from terpadu.identity.services.provider.clients import client_suspend
from tests.identity.conftest import SETUP
from tests.identity.provider.party import make_key
from tests.identity.scim.directory import Directory, connect, user

pytestmark = pytest.mark.django_db


def test_discovery_tells_what_is_there_without_a_token(db: None) -> None:
    config = Browser().get("/scim/v2/ServiceProviderConfig").json()
    schemas = Browser().get("/scim/v2/Schemas").json()
    types = Browser().get("/scim/v2/ResourceTypes").json()

    assert (config["patch"]["supported"], config["bulk"]["supported"], config["etag"]["supported"]) == (
        True,
        False,
        True,
    )
    assert {one["name"] for one in types["Resources"]} == {"User", "Group"}
    assert schemas["totalResults"] == 3
    nik = next(
        attribute
        for schema in schemas["Resources"]
        for attribute in schema["attributes"]
        if attribute["name"] == "nik"
    )
    assert (nik["mutability"], nik["returned"]) == ("writeOnly", "never")
    assert Browser().get(f"/scim/v2/Schemas/{schemas['Resources'][0]['id']}").status_code == 200
    assert Browser().get("/scim/v2/ResourceTypes/User").json()["endpoint"] == "/Users"
    assert Browser().get("/scim/v2/Schemas?filter=x").status_code == 403
    assert Browser().get("/scim/v2/Schemas/none").status_code == 404
    assert Browser().post("/scim/v2/Bulk").status_code == 501


def test_call_with_a_bound_token_works_and_without_its_proof_does_not(agency: AgencyView) -> None:
    directory = connect(agency.code, dpop=True)
    made = directory.made("/Users", user())
    proof = directory.proof("GET", "/Users")

    assert directory.send("GET", f"/Users/{made['id']}?attributes=userName").status_code == 200
    assert directory.send("GET", "/Users", DPoP=proof).status_code == 200
    assert directory.send("GET", "/Users", DPoP=proof).status_code == 401
    assert directory.send("GET", "/Groups", DPoP=directory.proof("GET", "/Users")).status_code == 401
    assert directory.send("GET", "/Users", DPoP=directory.proof("POST", "/Users")).status_code == 401
    directory.party.dpop = make_key()
    assert directory.send("GET", "/Users").status_code == 401
    directory.dpop = False
    stolen = directory.send("GET", "/Users")
    assert (stolen.status_code, stolen.json()["status"]) == (401, "401")
    assert stolen["WWW-Authenticate"].startswith("DPoP ")


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic eDp5", "Bearer "])
def test_call_without_a_good_token_is_refused(directory: Directory, header: str) -> None:
    answer = directory.send("GET", "/Users", Authorization=header)

    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer


def test_call_without_the_scope_or_from_the_sandbox_is_refused(agency: AgencyView) -> None:
    assert connect(agency.code, scopes=("antrean:baca",)).send("GET", "/Users").status_code == 403
    assert connect(agency.code, stage="sandbox").send("GET", "/Users").status_code == 403


def test_call_of_a_suspended_system_is_refused_at_once(directory: Directory) -> None:
    assert directory.send("GET", "/Users").status_code == 200
    client_suspend(directory.party.client_id, reason="dicuri", by=SETUP)

    assert directory.send("GET", "/Users").status_code == 401


def test_directory_of_another_agency_finds_nothing_of_ours(
    directory: Directory, other_agency: AgencyView
) -> None:
    entry = directory.made("/Users", user())["id"]
    stranger = connect(other_agency.code, scopes=(SCOPE,))

    assert stranger.read("/Users")["totalResults"] == 0
    for method in ("GET", "DELETE"):
        assert stranger.send(method, f"/Users/{entry}").status_code == 404
    assert stranger.send("PUT", f"/Users/{entry}", user()).status_code == 404


def test_method_that_is_not_there_is_refused_in_scims_form(directory: Directory) -> None:
    answer = directory.send("DELETE", "/Users")

    assert (answer.status_code, answer.json()["status"]) == (405, "405")
