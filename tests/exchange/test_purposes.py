"""Purposes: the state machine by properties, the services with signatures, approval by attributes, and the gateways' view."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, KECAMATAN, PUPR
from terpadu.directory.public import agency_key
from terpadu.exchange.errors import ContractInvalid, PurposeClosed, PurposeInvalid, PurposeUnknown
from terpadu.exchange.events import PurposeMoved
from terpadu.exchange.models import Grant
from terpadu.exchange.public import (
    PurposeView,
    PurposeWords,
    approval_terms_set,
    attribute_certify,
    contract_conclude,
    contract_list,
    purpose_approve,
    purpose_change,
    purpose_draft,
    purpose_get,
    purpose_list,
    purpose_move,
    purpose_submit,
    purpose_waiting_count,
)
from terpadu.exchange.rules.purposes import (
    STATES,
    TRANSITIONS,
    Action,
    Declared,
    Side,
    Standing,
    Terms,
    actions_of,
    has_attributes,
    move,
    passes_by_itself,
)
from terpadu.exchange.selectors.explain import _snapshot
from terpadu.exchange.selectors.purpose_forms import purpose_templates, risk_questions
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import OutboxEvent
from terpadu_wire.contracts import ContractContent, GrantItem
from terpadu_wire.properties import Text
from terpadu_wire.purposes import LegalBasis, purpose_from_json, verify_purpose_signature

BY = Actor.system("tests")
ACTIONS: tuple[Action, ...] = get_args(Action)
SIDES: tuple[Side, ...] = get_args(Side)
ENDS = {"archived", "rejected"}


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(SIDES)), max_size=30))
def test_purpose_never_gets_active_without_the_provider_and_never_leaves_an_end(
    steps: list[tuple[Action, Side]],
) -> None:
    standing, approved_by_provider = Standing("draft"), False
    for action, side in steps:
        before, after = standing, move(standing, action, side=side)
        if after is None:
            continue
        assert before.state not in ENDS
        approved_by_provider |= action == "approve" and side == "provider"
        if after.state in ("active", "suspended"):
            assert approved_by_provider
        assert (after.state == "suspended") == bool(after.suspended_by)
        if action == "resume":
            assert side in before.suspended_by
            assert after.suspended_by == before.suspended_by - {side}
        standing = after


def test_purpose_table_names_every_state_and_only_known_ones() -> None:
    reached = {state for state, _ in TRANSITIONS.values()} | {"suspended"}
    assert reached | {"draft"} == set(STATES)
    for state in STATES:
        for side in SIDES:
            assert all(one in ACTIONS for one in actions_of(Standing(state), side=side))
    assert all(not actions_of(Standing(one), side=side) for one in STATES if one in ENDS for side in SIDES)


def test_purpose_suspended_by_both_needs_both_to_resume() -> None:
    both = move(Standing("suspended", frozenset({"consumer"})), "suspend", side="provider")
    assert both == Standing("suspended", frozenset({"consumer", "provider"}))
    once = move(both, "resume", side="consumer")
    assert once == Standing("suspended", frozenset({"provider"}))
    assert move(once, "resume", side="consumer") is None
    assert move(once, "resume", side="provider") == Standing("active")


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=3), max_size=4), st.sets(st.sampled_from("abcd")))
def test_has_attributes_is_an_and_of_ors(groups: list[list[str]], held: set[str]) -> None:
    assert has_attributes(groups, held) == all(set(group) & held for group in groups)


@pytest.mark.parametrize(
    ("terms", "calls", "declared", "expected"),
    [
        (Terms(), 1, Declared(), False),
        (Terms((("a",),), 10, 10), 10, Declared(), True),
        (Terms((("a",),), 10, 10), 11, Declared(), False),
        (Terms((("a",),), 10, 100), 5, Declared(6, 6), False),
        (Terms((("a",),), 100, 10), 5, Declared(0, 6), False),
        (Terms((("b", "a"), ("a",)), 10, 10), 1, Declared(), True),
        (Terms((("a",), ("b",)), 10, 10), 1, Declared(), False),
    ],
)
def test_passes_by_itself_table(terms: Terms, calls: int, declared: Declared, expected: bool) -> None:
    assert passes_by_itself(terms, held={"a"}, calls=calls, declared=declared) == expected


def test_templates_answer_every_question_in_both_languages() -> None:
    for template in purpose_templates().values():
        assert template.risk.keys() == {question.code for question in risk_questions()}
        assert all((template.text.id, template.text.en, template.title.id, template.title.en))


def words(code: str = "uji.coba", **changes: object) -> PurposeWords:
    """Return a complete purpose of the district office."""
    base = PurposeWords(
        code=code,
        provider=DUKCAPIL,
        services=("kependudukan",),
        text=Text("Uji coba", "A trial"),
        legal_basis=LegalBasis("public_task", "UU 24/2013 ps. 58"),
        data_items=("NIK",),
        retention="P1D",
        risk={question.code: "Tidak" for question in risk_questions()},
        expected_calls=10,
        not_before=now(),
        not_after=now() + timedelta(days=30),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def officer(agency: str) -> Actor:
    return Actor.officer(uuid7(), agency=agency, position=str(uuid7()))


def submitted(**changes: object) -> PurposeView:
    view = purpose_draft(KECAMATAN, words(**changes), by=officer(KECAMATAN))  # type: ignore[arg-type]
    return purpose_submit(view.id, by=officer(KECAMATAN))


@pytest.mark.django_db
def test_purpose_from_draft_to_active_is_signed_by_both_and_tells_the_provider_at_once(
    country: Path, client: Client
) -> None:
    before = purpose_waiting_count(DUKCAPIL)
    view = submitted()

    assert (view.state, view.approved_jws) == ("waiting", "")
    assert purpose_waiting_count(DUKCAPIL) == before + 1
    event = OutboxEvent.objects.filter(name=PurposeMoved.name).latest("id")
    assert (event.payload["state"], event.payload["provider"]) == ("waiting", DUKCAPIL)

    view = purpose_approve(view.id, by=officer(DUKCAPIL))

    assert view.state == "active"
    told = client.get(f"/exchange/purposes/{view.id}").json()
    assert purpose_from_json(told["content"]) == view.content
    for kind, agency in (("submit", KECAMATAN), ("approve", DUKCAPIL)):
        public = agency_key(agency).public_key()
        verify_purpose_signature(told["signatures"][kind], digest=told["digest"], kind=kind, key=public)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_purpose_steps_of_strangers_and_out_of_turn_are_refused(country: Path) -> None:
    draft = purpose_draft(KECAMATAN, words(), by=officer(KECAMATAN))
    with pytest.raises(NotAllowed):
        purpose_submit(draft.id, by=officer(PUPR))
    with pytest.raises(PurposeClosed):
        purpose_approve(draft.id, by=officer(DUKCAPIL))
    assert draft.id not in {one.id for one in purpose_list(DUKCAPIL)}
    view = purpose_submit(draft.id, by=officer(KECAMATAN))
    with pytest.raises(PurposeClosed):
        purpose_approve(view.id, by=officer(KECAMATAN))
    with pytest.raises(PurposeClosed):
        purpose_change(view.id, words(), by=officer(KECAMATAN))
    with pytest.raises(PurposeInvalid):
        purpose_move(view.id, "reject", by=officer(DUKCAPIL))
    rejected = purpose_move(view.id, "reject", reason="Datanya terlalu banyak", by=officer(DUKCAPIL))
    assert (rejected.state, rejected.reason) == ("rejected", "Datanya terlalu banyak")
    with pytest.raises(PurposeUnknown):
        purpose_get(uuid7())


@pytest.mark.django_db
def test_purpose_with_an_unanswered_question_or_a_code_twice_is_refused(country: Path) -> None:
    draft = purpose_draft(KECAMATAN, words(risk={"minimal": "x"}), by=BY)
    with pytest.raises(PurposeInvalid) as refused:
        purpose_submit(draft.id, by=BY)
    assert refused.value.facts["reason"] == "purpose.risk_missing"
    with pytest.raises(PurposeInvalid):
        purpose_draft(KECAMATAN, words(), by=BY)
    with pytest.raises(PurposeInvalid):
        purpose_draft(KECAMATAN, words("lain", services=("pajak",)), by=BY)
    purpose_change(draft.id, words(), by=BY)
    assert purpose_submit(draft.id, by=BY).state == "waiting"


@pytest.mark.django_db
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code": "A B"}, "code"),
        ({"expected_calls": 0}, "expected_calls"),
        ({"data_items": ()}, "data_items"),
        ({"data_items": ("x",) * 201}, "data_items"),
        ({"retention": ""}, "retention"),
        ({"risk": {"Ä": "Ya"}}, "risk"),
    ],
)
def test_purpose_that_cannot_be_signed_as_it_is_names_the_place(
    country: Path, changes: dict[str, object], place: str
) -> None:
    with pytest.raises(PurposeInvalid) as caught:
        purpose_draft(KECAMATAN, words(**changes), by=officer(KECAMATAN))  # type: ignore[arg-type]
    assert str(caught.value.facts["place"]).startswith(place)


def test_purpose_of_an_agency_that_meets_the_terms_is_active_at_once(country: Path) -> None:
    groups = (("jenis:district", "jenis:ministry"), ("wilayah:36.71", "kewenangan:domisili"))
    approval_terms_set(
        f"{DUKCAPIL}/kependudukan",
        attributes=groups,
        per_consumer=20_000,
        in_total=10**6,
        by=officer(DUKCAPIL),
    )
    view = submitted()
    assert (view.state, view.is_automatic) == ("active", True)
    assert view.approved_jws

    other = purpose_draft(PUPR, words(), by=BY)
    assert purpose_submit(other.id, by=BY).state == "waiting"
    assert submitted(code="banyak", expected_calls=30_000).state == "waiting"


@pytest.mark.django_db
def test_attribute_is_certified_by_the_platform_alone_and_counts(country: Path) -> None:
    with pytest.raises(NotAllowed):
        attribute_certify(PUPR, code="kewenangan:x", source="SK 1", by=officer(PUPR))
    attribute_certify(PUPR, code="kewenangan:x", source="SK 1", by=officer("portal"))
    approval_terms_set(
        f"{DUKCAPIL}/kependudukan",
        attributes=[["kewenangan:x"]],
        per_consumer=10**6,
        in_total=10**6,
        by=BY,
    )
    view = purpose_draft(PUPR, words(), by=BY)
    assert purpose_submit(view.id, by=BY).is_automatic


@pytest.mark.django_db
def test_demo_contracts_stand_on_active_purposes_that_gateways_know(country: Path) -> None:
    concluded = Grant.objects.filter(kind__contains="CONNECTION", contract__waiting_for=0)
    named = {grant.properties["purpose"]["id"] for grant in concluded}
    snapshot = _snapshot()
    assert named == {one.id for one in snapshot.purposes}
    assert {one.state for one in snapshot.purposes} == {"active"}

    purpose = next(one for one in purpose_list(KECAMATAN) if one.content.code == "domisili.surat")
    purpose_move(purpose.id, "suspend", reason="Sedang diperiksa ulang", by=officer(DUKCAPIL))
    found = _snapshot().purpose(str(purpose.id))
    assert found is not None and found.state == "suspended"


@pytest.mark.django_db
def test_contract_that_names_another_purpose_is_refused(country: Path) -> None:
    contract = next(
        one for one in contract_list() if one.state == "valid" and any(one.content.connection_grants())
    )
    grant = next(contract.content.connection_grants())
    properties = grant.properties or {}
    purpose = properties["purpose"]
    assert isinstance(purpose, dict)
    for change, code in (
        ({"id": str(uuid7())}, "purpose.unknown"),
        ({"digest": "0" * 64}, "purpose.changed"),
        ({"code": "lain"}, "purpose.changed"),
    ):
        changed = replace(grant, properties=properties | {"purpose": purpose | change})
        content: ContractContent = replace(
            contract.content, iv=str(uuid7()), grants=(GrantItem(data=changed),)
        )
        with pytest.raises(ContractInvalid) as refused:
            contract_conclude(content, by=BY)
        assert refused.value.reason == code


@pytest.mark.django_db
def test_officers_of_the_provider_find_the_waiting_purpose_in_their_inbox(country: Path) -> None:
    from terpadu.directory.public import position_list
    from terpadu.identity.public import assignment_create, person_ensure
    from terpadu.kernel.clock import today
    from terpadu.kernel.outbox import deliver_due
    from terpadu.messaging.public import inbox_for

    person_id = person_ensure(nik="3671015406920003", name="Siti", birth_on=today(), sex="P", by=BY)
    position = position_list(DISDUKCAPIL, kind="kepala_dinas")[0]
    deliver_due(limit=1000)
    assignment_create(person_id=person_id, position_id=position.id, valid_from=today(), by=BY)
    position = position_list(DUKCAPIL)[0]
    assignment_create(person_id=person_id, position_id=position.id, valid_from=today(), by=BY)

    view = submitted()
    deliver_due(limit=1000)

    message = inbox_for(person_id)[0]
    assert str(view.id) in message.link
