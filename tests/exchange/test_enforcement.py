"""The control plane's side of enforcement: shares of quotas, consents and their words, breaks, documents, explanations."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from typer.testing import CliRunner

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PORTAL, PUPR
from terpadu.exchange import demo
from terpadu.exchange.cli import app
from terpadu.exchange.errors import ConsentClosed, ConsentMissing, ConsentUnknown, ContractInvalid
from terpadu.exchange.events import ConsentAsked, InterfaceBroken
from terpadu.exchange.models import Grant, InterfaceBreak, QuotaLease
from terpadu.exchange.public import (
    ConsentView,
    ExchangeRequest,
    Question,
    breaks_of,
    consent_ask,
    consent_give,
    consent_refuse,
    consent_withdraw,
    consents_of_person,
    contract_conclude,
    contract_list,
    contract_revoke,
    exchange_call,
    explain,
    gateway_provision,
    interface_publish,
    purpose_list,
    purpose_move,
)
from terpadu.exchange.rules.explanations import WHO
from terpadu.exchange.selectors.places import group_public_key
from terpadu.exchange.services.breaks import breaks_count
from terpadu.exchange.services.consents import consent_artefact, consent_word
from terpadu.exchange.web.words import REASONS
from terpadu.identity.enums import DataRight
from terpadu.identity.errors import ProcessingLimited
from terpadu.identity.models import DataRequest
from terpadu.identity.public import person_ensure, subject_pseudonym
from terpadu.identity.selectors.rights import data_requests_of
from terpadu.identity.services.rights import data_request_cancel, data_request_decide, data_request_make
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now, today
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import OutboxEvent
from terpadu_wire.consents import open_consent, open_consent_status
from terpadu_wire.policy import STAGES
from terpadu_wire.records import Record
from tests.exchange.signing import sign
from tests.exchange.test_interfaces import DOCUMENT
from tests.exchange.world import change_at

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db


def ask_lease(
    client: Client, *wishes: dict[str, object], gateway: str = "portal", agency: str = PORTAL
) -> object:
    body = json.dumps({"gateway": gateway, "leases": list(wishes)}).encode()
    call = sign("POST", "/exchange/leases", body, agency_code=agency, content_type="application/json")
    response = call.send(client)
    return response.json() if response.status_code == 200 else (response.status_code, response.json()["code"])


def wish(grant: Grant, **changes: object) -> dict[str, object]:
    day = now().astimezone().date().isoformat()
    return {"grant_hash": grant.grant_hash, "side": "out", "day": day, "used": None, "want": 100} | changes


@pytest.fixture
def grant(country: Path) -> Grant:
    return Grant.objects.filter(purpose="kia.verifikasi", service="kependudukan").get()


def test_lease_is_given_shared_and_counted_once(client: Client, grant: Grant) -> None:
    (first,) = ask_lease(client, wish(grant))  # type: ignore[misc]
    assert (first["granted"], first["used"], first["rate"], first["shared_by"]) == (100, 0, 200.0, 1)

    (again,) = ask_lease(client, wish(grant, used=40))  # type: ignore[misc]
    assert (again["granted"], again["used"]) == (140, 40)

    second_plan = demo.GatewayPlan(name="portal-2", agencies=(PORTAL,), outway_listen="127.0.0.1:1")
    gateway_provision(second_plan, by=BY)
    (other,) = ask_lease(client, wish(grant), gateway="portal-2")  # type: ignore[misc]
    assert (other["rate"], other["shared_by"]) == (0.0, 2)
    (first,) = ask_lease(client, wish(grant, used=40))  # type: ignore[misc]
    (other,) = ask_lease(client, wish(grant, used=0), gateway="portal-2")  # type: ignore[misc]
    assert (first["rate"], other["rate"]) == (100.0, 100.0)


def test_lease_of_a_day_never_exceeds_the_quota(client: Client, grant: Grant) -> None:
    (first,) = ask_lease(client, wish(grant, want=600_000))  # type: ignore[misc]
    assert first["granted"] == 500_000
    gateway_provision(demo.GatewayPlan(name="two", agencies=(PORTAL,), outway_listen="127.0.0.1:1"), by=BY)
    (second,) = ask_lease(client, wish(grant, want=5), gateway="two")  # type: ignore[misc]
    assert second["granted"] == 0
    assert sum(QuotaLease.objects.values_list("granted", flat=True)) == 500_000


def test_lease_of_strangers_other_grants_and_malformed_ones_is_refused(client: Client, grant: Grant) -> None:
    assert ask_lease(client, wish(grant), agency=DUKCAPIL) == (400, "lease.other_gateway")
    assert ask_lease(client, wish(grant), gateway="nobody") == (400, "lease.other_gateway")
    assert ask_lease(client, wish(grant, want=-1)) == (400, "lease.malformed")
    assert ask_lease(client, wish(grant, side="in"), gateway="portal") == []
    assert ask_lease(client, wish(grant, grant_hash="$1$3$x")) == []
    assert ask_lease(client, wish(grant, day="2020-01-01")) == []
    unsigned = client.post("/exchange/leases", b"{}", content_type="application/json")
    assert unsigned.status_code == 401


@pytest.fixture
def siti(country: Path) -> UUID:
    return person_ensure(nik="3671015406920003", name="Siti Rahmawati", birth_on=today(), sex="P", by=BY)


@pytest.fixture
def consent_grant(country: Path) -> Grant:
    return Grant.objects.filter(purpose="usaha.surat").get()


def test_consent_is_asked_given_shown_and_withdrawn(client: Client, siti: UUID, consent_grant: Grant) -> None:
    asker = Actor.officer(uuid7(), agency=KECAMATAN, position=str(uuid7()))
    until = now() + timedelta(days=30)
    view = consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=asker)
    assert consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=asker).id == view.id
    assert OutboxEvent.objects.filter(name=ConsentAsked.name).count() == 1
    assert consent_artefact(siti, grant_hash=consent_grant.grant_hash) == ""

    person = Actor.person(siti)
    assert consent_give(view.id, by=person).holds
    artefact = open_consent(
        consent_artefact(siti, grant_hash=consent_grant.grant_hash), group_key=group_public_key()
    )
    assert artefact.subject == subject_pseudonym(siti)
    assert artefact.consumer == consent_grant.delegator
    assert artefact.revocation_url == f"http://control.test/exchange/consents/{view.id}"

    def word() -> str:
        raw = client.get(f"/exchange/consents/{view.id}").content.decode()
        moment = now().timestamp()
        return open_consent_status(
            raw, group_key=group_public_key(), consent_id=str(view.id), now=moment
        ).status

    assert word() == "given"
    with pytest.raises(ConsentClosed):
        consent_refuse(view.id, by=person)
    consent_withdraw(view.id, by=person)
    assert word() == "withdrawn"
    assert consent_artefact(siti, grant_hash=consent_grant.grant_hash) == ""
    # Asking again is a new question.
    assert consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=asker).state == "asked"
    assert len(consents_of_person(siti)) == 2


def test_consent_rests_while_the_use_of_data_is_limited(siti: UUID, consent_grant: Grant) -> None:
    until, person = now() + timedelta(days=9), Actor.person(siti)

    def ask() -> ConsentView:
        return consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=BY)

    view = ask()
    asked = data_request_make(
        siti, right=DataRight.RESTRICTION, section="particulars", words="Jangan dibagikan dulu", by=person
    )
    officer = Actor.officer(uuid7(), agency=data_requests_of(siti)[0].agency_code, position="x")
    data_request_decide(asked, is_granted=True, answer="Dibatasi mulai hari ini", by=officer)

    for refused in (ask, lambda: consent_give(view.id, by=person)):
        with pytest.raises(ProcessingLimited):
            refused()
    data_request_cancel(asked, by=person)
    consent_give(view.id, by=person)
    assert consent_artefact(siti, grant_hash=consent_grant.grant_hash)
    DataRequest.objects.update(lifted_at=None)
    assert consent_artefact(siti, grant_hash=consent_grant.grant_hash) == ""
    word = open_consent_status(
        consent_word(view.id), group_key=group_public_key(), consent_id=str(view.id), now=now().timestamp()
    )
    assert word.status == "withdrawn"


def test_consent_of_others_is_not_theirs_to_give(siti: UUID, consent_grant: Grant) -> None:
    until = now() + timedelta(days=1)
    with pytest.raises(NotAllowed):
        stranger = Actor.officer(uuid7(), agency=PUPR, position=str(uuid7()))
        consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=stranger)
    view = consent_ask(siti, grant_hash=consent_grant.grant_hash, until=until, by=BY)
    with pytest.raises(ConsentUnknown):
        consent_give(view.id, by=Actor.person(uuid7()))
    for actor in (BY, Actor.officer(siti, agency=KECAMATAN, position="x")):
        with pytest.raises(NotAllowed):
            consent_give(view.id, by=actor)
    raw = consent_word(uuid7())
    assert raw.count(".") == 2  # an unknown one is answered like a withdrawn one


def test_exchange_call_without_the_consent_that_the_contract_wants_is_not_sent(
    siti: UUID, consent_grant: Grant
) -> None:
    request = ExchangeRequest(
        KECAMATAN,
        f"{DUKCAPIL}/kependudukan",
        "cariKeluarga",
        {"nik": "3671015406920003"},
        siti,
        "usaha.surat",
        "DRAF-1234",
        "person:self",
    )
    with pytest.raises(ConsentMissing):
        exchange_call(request, by=BY)


def broken(place: str, **changes: object) -> Record:
    base: dict[str, object] = {
        "transaction_id": "01a1ffe6-ae32-7819-a387-3a7095712cb8",
        "side": "in",
        "phase": "response",
        "at": int(now().timestamp() * 1000),
        "consumer": "00000001",
        "provider": "00000002",
        "service": "kependudukan",
        "operation": "cariKeluarga",
        "grant_hash": "x",
        "purpose": "x",
        "outcome": "answered",
        "salt": "x",
        "openapi_break": place,
    }
    return Record(**(base | changes))  # type: ignore[arg-type]


def test_breaks_are_counted_by_place_and_told_once(country: Path) -> None:
    same = ["answer /data/anggota/0/nik: pattern", "answer /data/anggota/7/nik: pattern"]
    breaks_count([broken(place) for place in same])
    breaks_count([broken(same[0]), broken("request /nik: type"), broken(same[0], phase="request")])
    breaks_count([broken(same[0], side="out"), broken("")])

    found = {one.place: one.count for one in breaks_of("00000002")}
    assert found == {"answer /data/anggota/*/nik: pattern": 3, "request /nik: type": 1}
    assert OutboxEvent.objects.filter(name=InterfaceBroken.name).count() == 2
    assert breaks_of("00000001") == []
    assert InterfaceBreak.objects.count() == 2


def test_openapi_document_stays_under_its_digest_after_a_new_version(client: Client, grant: Grant) -> None:
    raw = (Path(__file__).parents[2] / "demo/dukcapil/openapi.json").read_bytes()
    digest = grant.properties["openapi_sha256"]
    changed = json.dumps(change_at(DOCUMENT, "info.title", "Baru")).encode()
    interface_publish(DUKCAPIL, name="kependudukan", openapi=changed, directory_code=PORTAL, by=BY)
    assert client.get(f"/exchange/openapi/{digest}").content == raw
    assert client.get(f"/exchange/openapi/{'0' * 64}").status_code == 404


def question(**changes: str) -> Question:
    base = {
        "consumer": DISDUKCAPIL,
        "service": f"{DUKCAPIL}/kependudukan",
        "operation": "cariKeluarga",
        "purpose": "kia.verifikasi",
        "evidence": "KIA-2026-001",
    }
    return Question(**(base | changes))  # type: ignore[arg-type]


def test_explain_allowed_call_names_grant_and_fields(grant: Grant) -> None:
    found = explain(question())
    assert (found.allowed, found.code, found.grant_hash) == (True, "", grant.grant_hash)
    assert "/data/no_kk" in found.fields
    assert found.per_day == 500_000


@pytest.mark.parametrize(
    ("changes", "code", "who", "agencies"),
    [
        ({"evidence": ""}, "evidence.required", "caller", {DISDUKCAPIL}),
        ({"purpose": "pajak"}, "purpose.not_in_contract", "caller", {DISDUKCAPIL}),
        ({"consumer": PUPR}, "purpose.not_in_contract", "caller", {PUPR}),
        ({"consumer": "satpolpp.36.71"}, "contract.none", "both", {"satpolpp.36.71", DUKCAPIL}),
        ({"operation": "catatKia"}, "operation.not_in_contract", "both", {DISDUKCAPIL, DUKCAPIL}),
        (
            {"consumer": KECAMATAN, "purpose": "usaha.surat"},
            "consent.required",
            "person",
            set(),
        ),
    ],
)
def test_explain_refused_call_names_the_rule_and_who_can_change_it(
    country: Path, changes: dict[str, str], code: str, who: str, agencies: set[str]
) -> None:
    found = explain(question(**changes))
    assert (found.allowed, found.code, found.who) == (False, code, who)
    assert {agency.code for agency in found.agencies} == agencies


def test_explain_follows_suspension_revocation_and_a_used_up_quota(client: Client, grant: Grant) -> None:
    ask_lease(client, wish(grant, used=500_000, want=0))
    spent = explain(question())
    assert (spent.code, spent.used_today) == ("quota.day", 500_000)
    assert spent.retry_after > 0

    purpose = next(one for one in purpose_list(DISDUKCAPIL) if one.content.code == "kia.verifikasi")
    purpose_move(purpose.id, "suspend", reason="Sedang diperiksa", by=BY)
    assert explain(question()).code == "purpose.not_active"

    contract = next(one for one in contract_list() if grant.grant_hash in one.grant_hashes)
    contract_revoke(contract.content_hash, agency_code=DUKCAPIL, by=BY)
    assert explain(question()).code == "contract.revoked"


def test_every_reason_has_somebody_who_can_change_it_and_words() -> None:
    assert set(WHO) == set(STAGES) == set(REASONS)


def test_explain_by_api_and_command(client: Client, country: Path) -> None:
    asked = {
        "consumer": DISDUKCAPIL,
        "service": f"{DUKCAPIL}/kependudukan",
        "operation": "cariKeluarga",
        "purpose": "kia.verifikasi",
    }
    told = client.get("/exchange/explain", asked).json()
    assert (told["allowed"], told["code"], told["who_can_change"]) == (False, "evidence.required", "caller")
    assert client.get("/exchange/explain", asked | {"service": "x/y"}).status_code == 404

    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    run = CliRunner().invoke
    refused = run(app, ["explain", *options])
    assert refused.exit_code == 3
    assert "evidence.required" in refused.output
    allowed = run(app, ["explain", *options, "--evidence", "KIA-2026-001", "--json"])
    assert (allowed.exit_code, json.loads(allowed.output)["allowed"]) == (0, True)
    assert run(app, ["explain", *options, "--at", "soon"]).exit_code == 2
    assert run(app, ["explain", *options[:-1], "x", "--consumer", "nobody"]).exit_code == 2


def test_contract_that_lets_an_address_name_a_person_is_refused_unless_waived(country: Path) -> None:
    raw: dict[str, object] = {
        "openapi": "3.1.0",
        "info": {"title": "Siswa", "version": "1"},
        "paths": {
            "/siswa": {
                "get": {
                    "operationId": "siswa",
                    "parameters": [{"in": "query", "name": "nisn", "schema": {"type": "string"}}],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "object", "properties": {"nama": {"type": "string"}}}
                                }
                            }
                        }
                    },
                }
            }
        },
    }
    view = interface_publish(
        DUKCAPIL, name="siswa", openapi=json.dumps(raw).encode(), directory_code=PORTAL, by=BY
    )
    from dataclasses import replace

    contract = next(
        one
        for one in contract_list()
        if any(g.service.name == "kependudukan" for g in one.content.connection_grants())
    )
    grant = next(contract.content.connection_grants())
    properties = {
        "purpose": {"code": "uji", "text": {"id": "a", "en": "b"}, "legal_basis": "x", "retention": "y"},
        "operations": [
            {
                "id": "siswa",
                "method": "GET",
                "path": "/siswa",
                "fields": {"allow": ["/nama"]},
                "query": ["nisn"],
            }
        ],
        "openapi_sha256": view.openapi_sha256,
    }

    def conclude(changes: dict[str, object]) -> None:
        changed = replace(
            grant,
            service=replace(grant.service, name="siswa"),
            properties=properties | changes,  # type: ignore[arg-type]
        )
        content = replace(
            contract.content, iv=str(uuid7()), grants=(replace(contract.content.grants[0], data=changed),)
        )
        contract_conclude(content, by=BY)

    with pytest.raises(ContractInvalid) as refused:
        conclude({})
    assert refused.value.reason == "contract.subject_in_url"
    with pytest.raises(ContractInvalid) as refused:
        conclude({"url_waiver": "sistem lama", "consent": {"required": True}})
    assert refused.value.reason == "contract.subject_unknown"
    conclude({"url_waiver": "sistem lama, sampai 2027"})
