"""Contracts: what may be proposed, who may sign, what a signature causes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import JsonValue

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL
from terpadu.directory.public import agency_get
from terpadu.exchange.demo.contracts import contract_contents
from terpadu.exchange.errors import ContractClosed, ContractInvalid, ContractUnknown, NotASigner
from terpadu.exchange.models import Contract, Grant, Signature
from terpadu.exchange.public import (
    ContractView,
    contract_accept,
    contract_get,
    contract_list,
    contract_propose,
    contract_reject,
    contract_revoke,
)
from terpadu.exchange.selectors.registry import grant_for
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent, OutboxEvent
from terpadu_wire.contracts import ContractContent, Validity, content_from_json, content_to_json
from tests.exchange.world import change_at

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


@pytest.fixture
def content(country: Path) -> ContractContent:
    """A contract that Disdukcapil's reading through the portal stands on; signers: three."""
    return replace(contract_contents()[1], iv=str(uuid7()))


def _accept(view: ContractView, *agency_codes: str) -> ContractView:
    for agency_code in agency_codes:
        view = contract_accept(view.content_hash, agency_code=agency_code, by=BY)
    return view


def test_contract_is_in_force_with_the_last_signature(content: ContractContent) -> None:
    view = contract_propose(content, by=BY)
    assert view.state == "proposed"

    assert _accept(view, PORTAL, DISDUKCAPIL).state == "proposed"
    assert _accept(view, DUKCAPIL).state == "valid"

    assert contract_get(view.content_hash).content == content
    assert OutboxEvent.objects.filter(name="exchange.contract_signed").count() >= 3
    assert AuditEvent.objects.filter(event="exchange.contract_proposed").exists()


def test_contract_content_survives_storage_byte_for_byte(content: ContractContent) -> None:
    view = contract_propose(content, by=BY)

    stored = Contract.objects.get(content_hash=view.content_hash).content
    assert content_to_json(content_from_json(stored)) == content_to_json(content)


@pytest.mark.parametrize("sign", [contract_reject, contract_revoke])
def test_contract_once_closed_takes_no_signature(content: ContractContent, sign: object) -> None:
    view = contract_propose(content, by=BY)
    _accept(view, PORTAL)
    closer = DUKCAPIL if sign is contract_reject else PORTAL
    sign(view.content_hash, agency_code=closer, by=BY)  # type: ignore[operator] # one of two services

    for again in (contract_accept, contract_reject, contract_revoke):
        with pytest.raises(ContractClosed):
            again(view.content_hash, agency_code=DISDUKCAPIL, by=BY)


def test_contract_accepted_twice_is_refused(content: ContractContent) -> None:
    view = _accept(contract_propose(content, by=BY), PORTAL)

    with pytest.raises(ContractClosed):
        _accept(view, PORTAL)
    assert Signature.objects.filter(contract__content_hash=view.content_hash).count() == 1


def test_contract_revoked_by_one_who_did_not_accept_is_refused(content: ContractContent) -> None:
    view = contract_propose(content, by=BY)

    with pytest.raises(ContractClosed):
        contract_revoke(view.content_hash, agency_code=DUKCAPIL, by=BY)


def test_contract_signed_by_an_outsider_is_refused(content: ContractContent) -> None:
    view = contract_propose(content, by=BY)

    with pytest.raises(NotASigner):
        _accept(view, KECAMATAN)


def test_contract_signed_by_an_officer_of_another_agency_is_refused(content: ContractContent) -> None:
    view = contract_propose(content, by=BY)
    officer = Actor.officer(uuid7(), agency=DISDUKCAPIL, position=str(uuid7()))

    with pytest.raises(NotAllowed):
        contract_accept(view.content_hash, agency_code=DUKCAPIL, by=officer)
    assert contract_accept(view.content_hash, agency_code=DISDUKCAPIL, by=officer).state == "proposed"


def test_contract_proposed_by_an_outsider_is_refused(content: ContractContent) -> None:
    with pytest.raises(NotAllowed):
        contract_propose(content, by=Actor.officer(uuid7(), agency=KECAMATAN, position="x"))
    with pytest.raises(NotAllowed):
        contract_propose(content, by=Actor.person(uuid7()))


def test_contract_unknown_hash_is_not_found(country: Path) -> None:
    with pytest.raises(ContractUnknown):
        contract_accept("$1$1$nothing", agency_code=PORTAL, by=BY)


def test_contract_ends_by_its_dates(content: ContractContent) -> None:
    view = _accept(contract_propose(content, by=BY), PORTAL, DISDUKCAPIL, DUKCAPIL)

    with freeze(now() + timedelta(days=731)):
        assert contract_get(view.content_hash).state == "expired"
        with pytest.raises(ContractClosed):
            contract_revoke(view.content_hash, agency_code=PORTAL, by=BY)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("group_id", "another.group", "contract.wrong_group"),
        ("iv", "no-uuid", "contract.invalid"),
        ("created_at", 4_000_000_000, "contract.from_the_future"),
        ("validity.not_after", 1_000_000_000, "contract.invalid"),
        ("validity", {"not_before": 1, "not_after": 2}, "contract.expired"),
        ("grants", [], "contract.invalid"),
        ("grants.0.data.outway.peer_id", "99999999", "peer.unknown"),
        ("grants.0.data.service.name", "unknown", "service.unknown"),
        ("grants.0.data.properties.surprise", 1, "contract.properties_invalid"),
        ("grants.0.data.properties.purpose.code", "Not A Code", "contract.properties_invalid"),
        ("grants.0.data.properties.evidence.pattern", "(", "contract.properties_invalid"),
        ("grants.0.data.properties.openapi_sha256", "0" * 64, "contract.other_interface_version"),
        ("grants.0.data.properties.operations.0.id", "unknown", "contract.operation_unknown"),
        ("grants.0.data.properties.operations.0.path", "/v1/other", "contract.operation_unknown"),
        ("grants.0.data.properties.operations.0.method", "DELETE", "contract.operation_unknown"),
        ("grants.0.data.properties.operations.0.fields.allow", ["/data/typo"], "contract.field_unknown"),
        ("grants.0.data.properties.operations.0.fields.allow", [], "contract.label_without_field"),
    ],
)
def test_contract_propose_breaking_a_rule_is_refused(
    content: ContractContent, path: str, value: JsonValue, reason: str
) -> None:
    before = Contract.objects.count()

    with pytest.raises(ContractInvalid) as refused:
        contract_propose(change_at(content_to_json(content), path, value), by=BY)

    assert refused.value.reason == reason
    assert Contract.objects.count() == before


@pytest.mark.parametrize("value", [None, [], "text", 1, {}])
def test_contract_propose_anything_else_is_refused(country: Path, value: JsonValue) -> None:
    with pytest.raises(ContractInvalid):
        contract_propose(value, by=BY)


def test_contract_propose_same_iv_is_refused(content: ContractContent) -> None:
    contract_propose(content, by=BY)
    later = Validity(not_before=content.validity.not_before, not_after=content.validity.not_after + 1)

    with pytest.raises(ContractInvalid) as refused:
        contract_propose(replace(content, validity=later), by=BY)
    assert refused.value.reason == "contract.duplicate"


def test_grant_for_finds_the_delegators_right_only(country: Path) -> None:
    place = {"provider": agency_get(DUKCAPIL).peer_id, "service": "kependudukan", "operation": "cariKeluarga"}
    ours = agency_get(DISDUKCAPIL).peer_id

    found = grant_for(agency_peer_id=ours, purpose="kia.verifikasi", **place)

    assert found is not None
    assert (found.delegator, found.consumer) == (ours, agency_get(PORTAL).peer_id)
    portal = agency_get(PORTAL).peer_id
    assert grant_for(agency_peer_id=portal, purpose="kia.verifikasi", **place) is None
    assert grant_for(agency_peer_id=ours, purpose="another", **place) is None


def test_demo_contracts_let_no_sensitive_field_through(country: Path) -> None:
    """Data minimisation: what no service needs is in no contract."""
    allowed = {
        pointer.rsplit("/", 1)[-1]
        for grant in Grant.objects.exclude(consumer="")
        for operation in grant.properties["operations"]
        for pointer in operation["fields"]["allow"]
    }

    assert not allowed & {
        "agama",
        "pendidikan",
        "jenis_pekerjaan",
        "golongan_darah",
        "telepon",
        "tanggal_kawin",
    }
    states = [view.state for view in contract_list()]
    assert states.count("proposed") == 1  # the one that waits for Ditjen Dukcapil's officer
    assert set(states) == {"proposed", "valid"}
    for grant in Grant.objects.exclude(consumer=""):
        assert grant.properties["purpose"]["legal_basis"]
