"""Addresses with parameters: what contracts open of them, and calls to copy that carry what the operation demands."""

from __future__ import annotations

import shlex
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from pytest_django.fixtures import Settings

from terpadu.directory.demo import POLRI
from terpadu.exchange.models import Grant
from terpadu.exchange.rules.addresses import open_query, sample_address
from terpadu.exchange.selectors.console import grants_of_contracts
from terpadu.exchange.selectors.joining import sample_call
from terpadu.exchange.selectors.registry import InterfaceView, contract_get
from terpadu.exchange.services.peers import interface_publish
from terpadu.exchange.services.trials import Trial, first_call, trial_contract
from terpadu.kernel.actors import Actor
from terpadu_gateway.messages import _PATH, _QUERY
from terpadu_wire.properties import parse_properties

BY = Actor.system("tests")
NIB: JsonValue = {
    "name": "nib",
    "in": "query",
    "required": True,
    "schema": {"type": "string"},
    "example": "12 & 3/é",
}
DOCUMENT: JsonValue = {
    "openapi": "3.0.3",
    "info": {"title": "Izin", "version": "1"},
    "paths": {
        "/orang/{nik}": {
            "parameters": [{"name": "nik", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "orang", "responses": {"200": {"description": ""}}},
        },
        "/izin/{id}/": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 7}},
                {"name": "halaman", "in": "query", "schema": {"type": "integer"}},
            ],
            "get": {
                "operationId": "izin",
                "parameters": [
                    NIB,
                    {"name": "nik", "in": "query", "schema": {"type": "string"}},
                    {"name": "filter[a]", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"status": {"type": "string"}}}
                            }
                        },
                    }
                },
            },
        },
    },
}


def _published() -> InterfaceView:
    return interface_publish(
        POLRI, name="izin", openapi=orjson.dumps(DOCUMENT), directory_code="portal", by=BY
    )


def test_contract_may_open_query_parameters_that_name_nobody() -> None:
    assert open_query(DOCUMENT, "izin") == ("halaman", "nib")


@given(st.text(max_size=20), st.text(max_size=20))
def test_sample_address_is_one_that_gateways_take(path: str, query: str) -> None:
    parameters: JsonValue = [
        {"name": "a", "in": "path", "required": True, "schema": {}, "example": path},
        {"name": "b", "in": "query", "required": True, "schema": {}, "example": query},
    ]
    document: JsonValue = {"paths": {"/x/{a}": {"get": {"operationId": "x", "parameters": parameters}}}}

    address, _, pairs = sample_address(document, "x", "/x/{a}").text.partition("?")

    assert _PATH.fullmatch(address)
    assert _QUERY.fullmatch(pairs)


@pytest.mark.django_db
def test_trial_opens_the_query_and_its_first_call_carries_what_is_demanded(
    country: Path, settings: Settings
) -> None:
    settings.DEMO = True
    view = _published()

    contract = trial_contract(view.service, Trial("portal"), by=BY)

    [row] = Grant.objects.filter(contract__content_hash=contract.content_hash)
    [rule] = parse_properties(row.properties).operations
    assert (rule.id, rule.query) == ("izin", ("halaman", "nib"))
    words = shlex.split(first_call(view.service, Trial("portal")).replace("\\\n", " "))
    assert words[4].endswith("/izin/izin/7/?nib=12%20%26%203%2F%C3%A9")
    [grant] = grants_of_contracts([contract])
    call = sample_call(grant)
    assert call is not None
    assert call.path == "/izin/7/?nib=12%20%26%203%2F%C3%A9"


@pytest.mark.django_db
def test_trial_asked_for_again_is_one_and_a_changed_one_takes_its_place(
    country: Path, settings: Settings
) -> None:
    settings.DEMO = True
    view = _published()
    first = trial_contract(view.service, Trial("portal"), by=BY)

    again = trial_contract(view.service, Trial("portal"), by=BY)
    changed = trial_contract(view.service, Trial("portal", subject="/nik"), by=BY)

    assert again.content_hash == first.content_hash
    assert changed.content_hash != first.content_hash
    assert (contract_get(first.content_hash).state, changed.state) == ("revoked", "valid")
