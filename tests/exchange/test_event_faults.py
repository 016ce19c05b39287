"""What events must survive at the control plane: large ones, hostile ones, a carrier that stays silent, a purpose held back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from terpadu.directory.demo import BPJS, DUKCAPIL
from terpadu.directory.public import certificate_get
from terpadu.exchange.adapters.carrier_postgres import PostgresCarrier
from terpadu.exchange.adapters.carriers import Carried, CarrierAway
from terpadu.exchange.enums import PurposeState
from terpadu.exchange.errors import HeldEventUnknown
from terpadu.exchange.models import CarriedEvent, Grant, Interface, Purpose
from terpadu.exchange.selectors.events import events_held, subscriptions_of
from terpadu.exchange.services import events as event_services
from terpadu.exchange.services.callers import Caller
from terpadu.exchange.services.contracts import contract_revoke
from terpadu.exchange.services.deliveries import held_events_retry
from terpadu.exchange.services.events import events_key_ensure, events_prune
from terpadu.exchange.services.tokens import token_issue
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu_wire.canonical import b64url_encode
from terpadu_wire.keys import jwk_thumbprint, load_public_key
from tests.exchange.signing import sign
from tests.exchange.test_events import ask, ended, event, for_insurer, ids, publish

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")
MOST_OF_AN_ANSWER = 1 << 20
"""Gateways read no larger answer."""


def let_topic_have_data() -> None:
    interface = Interface.objects.get(peer__agency__code=DUKCAPIL, name="peristiwa")
    interface.operations = [one | {"has_data": True} for one in interface.operations]
    interface.save(update_fields=["operations"])


def test_large_events_are_given_in_answers_that_a_gateway_reads(client: Client, country: Path) -> None:
    let_topic_have_data()
    for number in range(12):
        # Quotes and letters beyond ASCII take more room in the answer than in the event.
        assert publish(client, event(f"e{number}", data='"é' * 15_000)).status_code == 202
    given: list[str] = []
    done: list[object] = []
    while True:
        body = orjson.dumps({"gateway": "agencies", "done": done})
        answer = _deliveries(client, body)
        batches = orjson.loads(answer.content)["batches"]
        if not batches:
            break
        assert len(answer.content) < MOST_OF_AN_ANSWER
        given += [one for batch in batches if batch["provider"] == "00000017" for one in ids(batch)]
        done = [ended(one) for one in batches]

    assert given == [f"e{number}" for number in range(12)]


def test_large_events_are_pulled_in_answers_that_a_gateway_reads(
    client: Client, country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_topic_have_data()
    monkeypatch.setattr(event_services, "_is_about_nobody", lambda grant, operation: True)
    for number in range(12):
        publish(client, event(f"e{number}", data='"é' * 15_000))
    token = token_of(BPJS, Grant.objects.get(consumer="00000017", service="peristiwa"))
    given: list[str] = []
    answer = bring(client, PULL, {"limit": 100}, token)
    while answer.json()["events"]:
        assert len(answer.content) < MOST_OF_AN_ANSWER
        given += [one["id"] for one in answer.json()["events"]]
        answer = bring(client, PULL, {"limit": 100, "after": answer.json()["next"]}, token)

    assert given == [f"e{number}" for number in range(12)]


def test_event_whose_numbers_grow_when_they_are_written_holds_nobody_up(
    client: Client, country: Path
) -> None:
    let_topic_have_data()
    told = orjson.dumps(event("big")).decode()
    grows = f'{told[:-1]},"data":[{",".join(["1e14"] * 12_000)}]}}'
    assert publish(client, grows.encode()).status_code == 202

    assert ids(for_insurer(ask(client))) == ["big"]


def test_same_id_with_another_content_is_refused_and_not_swallowed(client: Client, country: Path) -> None:
    first = publish(client, event("e0", time="2026-11-22T10:00:00Z"))
    again = publish(client, event("e0", time="2026-11-22T10:00:05Z"))
    other = publish(client, event("e0", subject="b" * 43))

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "event.other_content")
    assert CarriedEvent.objects.count() == 1


class _SilentOnce(PostgresCarrier):
    """Keeps the first event in another transaction, as a server does, and is not heard to confirm it."""

    silent = True

    def append(self, topic: str, *, event_id: str, body: bytes) -> Carried:
        if self.silent:
            self.silent = False
            self.kept = (topic, event_id, body)
            raise CarrierAway("silent")
        return super().append(topic, event_id=event_id, body=body)


def test_first_event_that_the_carrier_kept_without_confirming_it_reaches_the_subscribers(
    client: Client, country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = _SilentOnce()
    monkeypatch.setattr(event_services, "carrier", lambda: carrier)
    assert publish(client, event("e0")).status_code == 503
    topic, event_id, body = carrier.kept
    PostgresCarrier().append(topic, event_id=event_id, body=body)
    assert publish(client, event("e0")).status_code == 202

    assert ids(for_insurer(ask(client))) == ["e0"]


def test_subscriber_whose_purpose_is_held_back_gets_its_events_when_it_is_active_again(
    client: Client, country: Path
) -> None:
    for number in range(3):
        publish(client, event(f"e{number}"))
    grant = Grant.objects.get(consumer="00000002", provider="00000017")
    purpose = Purpose.objects.filter(pk=grant.properties["purpose"]["id"])
    purpose.update(state=PurposeState.SUSPENDED)

    assert [one["provider"] for one in ask(client)] == ["00000001"]
    purpose.update(state=PurposeState.ACTIVE)
    assert ids(for_insurer(ask(client))) == ["e0", "e1", "e2"]


def test_subscriber_that_is_farthest_behind_comes_first(
    client: Client, country: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("terpadu.exchange.services.deliveries.MOST_BATCHES", 1)
    turns = []
    for number in range(4):
        publish(client, event(f"e{number}"))
        [batch] = ask(client)
        turns.append(batch["provider"])
        publish(client, event(f"f{number}"))
        ask_and_wait_not(client, batch)

    assert len(set(turns)) == 2


def test_all_that_is_held_up_for_a_subscriber_is_tried_again_at_once_and_in_order(
    client: Client, country: Path
) -> None:
    for number in range(4):
        publish(client, event(f"e{number}", subject=f"{number % 2}" * 43))
    refused = {f"e{number}": "system.not_found" for number in range(4)}
    ask(client, ended(for_insurer(ask(client)), refused))
    [insurer] = [one for one in subscriptions_of("00000002") if one.held]
    assert events_held() == (4, 4)

    stranger = Actor(kind="officer", person_id=UUID(int=1), agency=BPJS, position="x")
    with pytest.raises(NotAllowed):
        held_events_retry(insurer.id, by=stranger)
    with pytest.raises(HeldEventUnknown):
        held_events_retry(UUID(int=1), by=BY)
    held_events_retry(insurer.id, by=BY)
    batch = for_insurer(ask(client))
    assert ids(batch) == ["e0", "e1"]
    assert ids(for_insurer(ask(client, ended(batch)))) == ["e2", "e3"]


def test_agreement_that_is_over_is_said_and_its_events_are_forgotten_in_time(
    client: Client, country: Path
) -> None:
    publish(client, event("e0"))
    ask(client, *(ended(one, {"e0": "system.refused"}) for one in ask(client)))
    publish(client, event("e1"))
    assert [one.is_over for one in subscriptions_of("00000002")] == [False, False]
    grant = Grant.objects.get(consumer="00000002", provider="00000017")
    contract_revoke(grant.contract.content_hash, agency_code=DUKCAPIL, by=BY)

    assert [one.is_over for one in subscriptions_of("00000002")] == [False, True]
    with clock.freeze(now() + timedelta(days=31)):
        events_prune()
        assert [one.held for one in subscriptions_of("00000002")] == [1]
        assert events_held() == (1, 1)


PULL = "/exchange/topics/00000002/peristiwa/kelahiran"


def token_of(agency_code: str, grant: Grant) -> str:
    """Return the token that an agency has for one of its grants."""
    certificate = certificate_get(agency_code)
    jkt = jwk_thumbprint(load_public_key(certificate.spki))
    caller = Caller(certificate.peer_id, certificate.public_key_thumbprint, jkt, certificate.thumbprint)
    form = {"grant_type": "client_credentials", "scope": grant.grant_hash, "client_id": caller.peer_id}
    return token_issue(form, manager=grant.provider, caller=caller).access_token


def bring(client: Client, path: str, body: object, token: str) -> HttpResponse:
    """Send what an inway sends that has the key of the systems for events."""
    headers = {"X-Events-Key": events_key_ensure().read_text(), "Fsc-Authorization": f"Bearer {token}"}
    return client.post(path, orjson.dumps(body), content_type="application/json", headers=headers)


def test_key_of_the_systems_for_events_opens_no_topic_without_a_token_for_it(
    client: Client, country: Path
) -> None:
    publish(client, event("e0"))
    pull = Grant.objects.get(consumer="00000017", provider="00000002", service="peristiwa")
    push = Grant.objects.get(consumer="00000002", provider="00000017")
    token = token_of(BPJS, pull)
    head, _, signature = token.split(".")
    claims = b64url_encode(orjson.dumps({"gth": pull.grant_hash}))

    assert [one["id"] for one in bring(client, PULL, {}, token).json()["events"]] == ["e0"]
    assert bring(client, PULL, {"after": -1}, token).json()["code"] == "events.place"
    for forged in ("", f"{head}.{claims}.{signature}", token_of(DUKCAPIL, push)):
        assert bring(client, PULL, {}, forged).status_code == 401
    with clock.freeze(now() + timedelta(hours=1)):
        assert bring(client, PULL, {}, token).status_code == 401


def test_platform_takes_events_of_whoever_brings_them_alone(client: Client, country: Path) -> None:
    to_portal = Grant.objects.get(consumer="00000002", provider="00000001")
    to_insurer = Grant.objects.get(consumer="00000002", provider="00000017")
    path, told = "/exchange/received/births", event("e0")

    assert bring(client, path, told, token_of(DUKCAPIL, to_portal)).status_code == 200
    assert bring(client, path, told, token_of(DUKCAPIL, to_insurer)).status_code == 401
    other = event("e0", source="urn:terpadu:00000017:peristiwa")
    assert bring(client, path, other, token_of(DUKCAPIL, to_portal)).json()["code"] == "event.other_source"


def ask_and_wait_not(client: Client, batch: dict[str, object]) -> None:
    """Say that a batch arrived, and want no more."""
    _deliveries(client, orjson.dumps({"gateway": "agencies", "done": [ended(batch)], "want": False}))


def _deliveries(client: Client, body: bytes) -> HttpResponse:
    path = "/exchange/deliveries"
    return sign("POST", path, body, agency_code=DUKCAPIL, content_type="application/json").send(client)
