"""What operators do to the provider: keys, locks of accounts, clients; and what it means for logins and tokens."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from terpadu.directory.public import AgencyView
from terpadu.identity.enums import KeyState
from terpadu.identity.errors import PeriodInvalid
from terpadu.identity.errors.operator import KeyInUse, KeyNotReady
from terpadu.identity.models import Account, SigningKey
from terpadu.identity.policies.provider import OPERATORS
from terpadu.identity.selectors.provider.clients import client_get, fetch_hosts_of
from terpadu.identity.services import locks
from terpadu.identity.services.provider import keys
from terpadu.identity.services.provider.tokens import id_token_hint_read
from terpadu.kernel import clock, outbox, timers
from terpadu.kernel.clock import now, today
from terpadu.kernel.models import AuditEvent
from tests.identity.conftest import NIK, SETUP
from tests.identity.operator.conftest import Operator, make_operator
from tests.identity.people import BUDI_NIK, RINA_NIK
from tests.identity.provider.agency_server import AgencyServer
from tests.identity.provider.conftest import MakeParty
from tests.identity.provider.party import Party

pytestmark = pytest.mark.django_db
HOME = "/operator/identitas/"


@pytest.fixture
def dian(account: Account, platform: AgencyView) -> Operator:
    """The first operator."""
    return make_operator(BUDI_NIK, "Dian Anggraini", OPERATORS[0], platform)


@pytest.fixture
def nadia(account: Account, agency: AgencyView) -> Operator:
    """The second operator."""
    return make_operator(RINA_NIK, "Nadia Putri", OPERATORS[1], agency)


def kid_of(state: KeyState) -> str:
    return SigningKey.objects.get(alg="ES256", state=state).kid


def test_login_begun_under_the_old_key_ends_well_under_the_new_one(party: Party) -> None:
    begun = party.code()
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)

    assert party.redeem(begun).status_code == 200


def test_process_that_still_signs_with_the_old_key_is_believed(party: Party) -> None:
    """Another process keeps its keys for half a minute: what it signs meanwhile must count everywhere."""
    party.tokens()
    stale = keys.key_ring()
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)
    keys._rings[:] = [stale]
    tokens = party.tokens()
    keys._rings.clear()

    assert party.userinfo(tokens["access_token"]).status_code == 200
    jwt.decode(
        tokens["id_token"], KeySet.import_key_set(party.server.get("/oidc/jwks").json()), algorithms=["ES256"]
    )


def test_tokens_of_the_old_key_count_until_it_is_taken_away(party: Party) -> None:
    tokens = party.tokens(scope="openid profile offline_access", prompt="consent")
    old = kid_of(KeyState.ACTIVE)
    keys.keys_rotate_by_hand(is_urgent=True, by=SETUP)

    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert id_token_hint_read(tokens["id_token"]) is not None
    assert party.refresh(tokens["refresh_token"]).status_code == 200
    assert old in str(party.server.get("/oidc/jwks").json())
    keys.key_withdraw(old, by=SETUP)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert id_token_hint_read(tokens["id_token"]) is None
    assert old not in str(party.server.get("/oidc/jwks").json())


def test_rotation_by_hand_waits_for_a_day_of_publication_unless_urgent(party: Party) -> None:
    keys.key_ring()
    coming = kid_of(KeyState.NEXT)
    with pytest.raises(KeyNotReady):
        keys.keys_rotate_by_hand(is_urgent=False, by=SETUP)
    with clock.freeze(now() + timedelta(days=1, minutes=1)):
        keys.keys_rotate_by_hand(is_urgent=False, by=SETUP)

    assert kid_of(KeyState.ACTIVE) == coming


@pytest.mark.parametrize("state", [KeyState.ACTIVE, KeyState.NEXT])
def test_key_in_use_is_not_taken_away(party: Party, state: KeyState) -> None:
    keys.key_ring()

    with pytest.raises(KeyInUse):
        keys.key_withdraw(kid_of(state), by=SETUP)


def test_planned_rotation_happens_at_its_moment_and_can_be_taken_back(party: Party) -> None:
    keys.key_ring()
    coming, at = kid_of(KeyState.NEXT), now() + timedelta(days=3)
    with pytest.raises(PeriodInvalid):
        keys.rotation_plan(now() - timedelta(minutes=1), by=SETUP)
    keys.rotation_plan(at, by=SETUP)
    keys.rotation_plan(None, by=SETUP)
    assert timers.timer_due_at(keys.ROTATION, key="all") is None
    keys.rotation_plan(at, by=SETUP)
    assert timers.timer_due_at(keys.ROTATION, key="all") == at

    with clock.freeze(at + timedelta(minutes=1)):
        timers.fire_due()

    assert kid_of(KeyState.ACTIVE) == coming


def test_keys_page_rotates_plans_and_takes_away(dian: Operator) -> None:
    page = f"{HOME}kunci/"
    dian.browser.get(page)
    first = kid_of(KeyState.ACTIVE)
    day = today() + timedelta(days=9)
    typed = {"on_day": day.day, "on_month": day.month, "on_year": day.year}

    assert dian.browser.post(page, {"answer": "rotate"}).status_code == 422
    assert dian.browser.post(page, {"answer": "rotate", "is_urgent": "on"}).status_code == 302
    assert dian.browser.post(page, {"answer": "plan", **typed, "on_year": 2020}).status_code == 422
    assert dian.browser.post(page, {"answer": "plan", **typed}).status_code == 302
    assert "Planned for" in dian.browser.get(page).content.decode()
    assert dian.browser.post(page, {"answer": "unplan"}).status_code == 302
    assert dian.browser.post(page, {"answer": "withdraw", "key": first}).status_code == 302
    assert not SigningKey.objects.filter(kid=first).exists()
    assert dian.browser.post(page, {"answer": "withdraw", "key": kid_of(KeyState.ACTIVE)}).status_code == 409


@pytest.mark.parametrize("scope", ["openid profile", "openid profile offline_access"])
def test_lock_of_an_account_ends_every_token_and_tells_the_client(
    make_party: MakeParty, server: AgencyServer, account: Account, dian: Operator, nadia: Operator, scope: str
) -> None:
    server.answers["/keluar"] = (200, b"")
    party = make_party(backchannel_logout_uri=server.url("/keluar"))
    tokens = party.tokens(scope=scope, prompt="consent")
    lock_id = locks.lock_ask(account.person_id, reason="Sandi bocor di pasar", by=dian.actor)
    locks.lock_confirm(lock_id, by=nadia.actor)
    while outbox.deliver_due():
        pass

    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert len(server.taken) == 1
    assert "/masuk/" in party.browser.get("/akun/")["Location"]
    locks.unlock_ask(lock_id, reason="Pemilik datang ke loket", by=dian.actor)
    locks.unlock_confirm(lock_id, by=nadia.actor)
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_lock_tells_clients_whose_session_ended_before(
    make_party: MakeParty, server: AgencyServer, account: Account, dian: Operator, nadia: Operator
) -> None:
    server.answers["/keluar"] = (200, b"")
    party = make_party(backchannel_logout_uri=server.url("/keluar"))
    tokens = party.tokens(scope="openid profile offline_access", prompt="consent")
    party.browser.post("/keluar/")
    while outbox.deliver_due():
        pass
    assert party.refresh(tokens["refresh_token"]).status_code == 200
    told = len(server.taken)
    lock_id = locks.lock_ask(account.person_id, reason="Sandi bocor di pasar", by=dian.actor)
    locks.lock_confirm(lock_id, by=nadia.actor)
    while outbox.deliver_due():
        pass

    assert len(server.taken) == told + 1


def test_client_pages_stop_resume_and_grant(party: Party, dian: Operator) -> None:
    page = f"{HOME}aplikasi/{party.client_id}/"
    day = today() + timedelta(days=90)
    until = {"leave-until_day": day.day, "leave-until_month": day.month, "leave-until_year": day.year}
    assert party.client_id in dian.browser.get(f"{HOME}aplikasi/", {"cari": "antrean"}).content.decode()
    assert party.client_id not in dian.browser.get(f"{HOME}aplikasi/", {"tahap": "ended"}).content.decode()

    assert dian.browser.post(page, {"answer": "stop"}).status_code == 422
    assert dian.browser.post(page, {"answer": "stop", "stop-reason": "Kunci bocor"}).status_code == 302
    assert party.par().json()["error"] == "invalid_client"
    assert dian.browser.post(page, {"answer": "resume"}).status_code == 302
    assert party.par().status_code == 201
    grant = {"answer": "grant", **until, "leave-reason": "Program lama"}
    assert dian.browser.post(page, {**grant, "leave-until_year": 2020}).status_code == 422
    assert dian.browser.post(page, grant).status_code == 302
    assert client_get(party.client_id).exception_until == day
    assert "Program lama" in dian.browser.get(page).content.decode()
    assert dian.browser.post(page, {"answer": "end"}).status_code == 302
    assert not client_get(party.client_id).is_plain
    assert dian.browser.get(f"{HOME}aplikasi/tidak-ada/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (
            "kunci.contoho.go.id\nantre.contoho.go.id:8443",
            {"kunci.contoho.go.id", "antre.contoho.go.id:8443"},
        ),
        ("", set()),
        ("https://kunci.contoho.go.id", None),
        ("kunci.contoho.go.id/jalan", None),
        ("Kunci.contoho.go.id", None),
        ("169.254.169.254", None),
        ("a@b.go.id", None),
    ],
)
def test_hosts_page_takes_hosts_only(
    agency: AgencyView, dian: Operator, typed: str, kept: set[str] | None
) -> None:
    answer = dian.browser.post(f"{HOME}alamat/{agency.code}/", {"hosts": typed})

    assert answer.status_code == (422 if kept is None else 302)
    assert fetch_hosts_of(agency.code) == (kept or set())


def search(dian: Operator, **asked: Any) -> str:
    answer = dian.browser.get(f"{HOME}audit/", asked)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


def test_audit_finds_by_day_actor_event_and_object_and_is_itself_on_record(
    party: Party, account: Account, dian: Operator
) -> None:
    party.tokens()
    code = str(account.person_id)

    assert "identity.consent_changed" in search(dian, actor=code)
    assert "identity.consent_changed" in search(
        dian, about_kind="person", about_id=code, event="identity.consent"
    )
    assert "identity.consent_changed" not in search(dian, event="identity.client_")
    assert "Nothing found" in search(dian, since="2020-01-01", until="2020-01-02")
    assert "identity.consent_changed" not in search(dian, actor=str(dian.actor.person_id))
    found = AuditEvent.objects.filter(event="identity.audit_searched").order_by("at")
    assert found.count() == 5
    assert found[0].facts["actor"] == code
    assert found[0].actor_person_id == dian.actor.person_id


def test_audit_turns_pages_without_losing_or_doubling_an_entry(dian: Operator) -> None:
    for number in range(120):
        AuditEvent.objects.create(
            event="test.noted",
            actor_kind="system",
            actor_position="tests",
            about_kind="thing",
            about_id=str(number),
        )
    seen, address = [], f"{HOME}audit/?about_kind=thing"
    while address:
        answer = dian.browser.get(address)
        seen += [row.about_id for row in answer.context["rows"]]
        older = answer.context["older"]
        address = f"{HOME}audit/?{answer.context['query']}&before={older}" if older else ""

    assert seen == [str(number) for number in reversed(range(120))]


def test_audit_file_is_csv_that_no_spreadsheet_runs(dian: Operator) -> None:
    AuditEvent.objects.create(
        event="test.noted",
        actor_kind="system",
        actor_position="=1+1",
        about_kind="thing",
        about_id="1",
        facts={"a": "b"},
    )

    answer = dian.browser.get(f"{HOME}audit/", {"about_kind": "thing", "bentuk": "csv"})
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["actor_position"] for row in rows] == ["'=1+1"]
    assert rows[0]["facts"] == '{"a":"b"}'
    assert AuditEvent.objects.get(event="identity.audit_searched").facts["file"] is True


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "2026-02-02", "until": "2026-02-01"},
        {"since": "kemarin"},
        {"actor": NIK},
        {"about_id": NIK},
        {"before": "x"},
        {"actor": "x" * 61},
    ],
)
def test_audit_question_with_a_mistake_says_so_and_searches_nothing(
    dian: Operator, asked: dict[str, str]
) -> None:
    answer = dian.browser.get(f"{HOME}audit/", asked)

    assert answer.status_code == 422
    assert not AuditEvent.objects.filter(event="identity.audit_searched").exists()
