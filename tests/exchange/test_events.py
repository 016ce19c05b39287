"""Events as the control plane keeps them: who may publish what, who gets it in which order, what happens to what fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydantic import JsonValue
from pytest_django import DjangoAssertNumQueries

from terpadu.directory.demo import BPJS, DISDUKCAPIL, DUKCAPIL, PORTAL
from terpadu.exchange.errors import HeldEventUnknown
from terpadu.exchange.models import CarriedEvent, EventSubscription, Grant, HeldEvent
from terpadu.exchange.public import trail_for_person
from terpadu.exchange.rules.events import (
    LONGEST_WAIT,
    TRIES_BEFORE_STOP,
    TRIES_OF_ALL,
    needs_a_person,
    wait_after,
)
from terpadu.exchange.selectors.events import held_events_of, subscriptions_of
from terpadu.exchange.services.contracts import contract_revoke
from terpadu.exchange.services.deliveries import held_event_drop, held_event_retry
from terpadu.exchange.services.events import events_key_ensure, events_pull
from terpadu.identity.public import person_ensure
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu_wire.cloudevents import MEDIA_TYPE
from tests.exchange.deliveries import START, deliver_both, records_of_exchange
from tests.exchange.signing import sign

BY = Actor.system("tests")
TOPIC = "00000002/peristiwa/id.demo.kelahiran.tercatat.v1"
ONE, TWO = "a" * 43, "b" * 43
Told = dict[str, JsonValue]

pytestmark = pytest.mark.django_db


def event(event_id: str, *, subject: str = ONE, **changes: JsonValue) -> Told:
    members: Told = {
        "specversion": "1.0",
        "id": event_id,
        "source": "urn:terpadu:00000002:peristiwa",
        "type": "id.demo.kelahiran.tercatat.v1",
        "subject": subject,
    }
    return {name: value for name, value in (members | changes).items() if value is not None}


def publish(client: Client, told: object, *, agency_code: str = DUKCAPIL) -> HttpResponse:
    body = told if isinstance(told, bytes) else orjson.dumps(told)
    return sign("POST", "/exchange/events", body, agency_code=agency_code, content_type=MEDIA_TYPE).send(
        client
    )


def ask(
    client: Client, *done: object, agency_code: str = DUKCAPIL, gateway: str = "agencies"
) -> list[dict[str, object]]:
    body = orjson.dumps({"gateway": gateway, "done": done})
    call = sign(
        "POST", "/exchange/deliveries", body, agency_code=agency_code, content_type="application/json"
    )
    answer = call.send(client)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, object]] = orjson.loads(answer.content)["batches"]
    return found


def for_insurer(batches: list[dict[str, object]]) -> dict[str, object]:
    return next(one for one in batches if one["provider"] == "00000017")


def ids(batch: dict[str, object]) -> list[str]:
    events = batch["events"]
    assert isinstance(events, list)
    return [orjson.loads(text)["id"] for _, _, text in events]


def ended(batch: dict[str, object], codes: dict[str, str] | None = None, **more: int) -> dict[str, object]:
    """Return what a gateway says of a batch; codes by event id, everything else arrived."""
    events = batch["events"]
    assert isinstance(events, list)
    outcomes = [
        {"sequence": place, "code": (codes or {}).get(orjson.loads(text)["id"], ""), **more}
        for place, _, text in events
    ]
    return {"lease": batch["lease"], "outcomes": outcomes}


def test_event_reaches_every_subscriber_once_and_in_order(client: Client, country: Path) -> None:
    answers = [publish(client, event(f"e{n}", subject=(ONE, TWO)[n % 2])) for n in range(4)]

    assert [one.status_code for one in answers] == [202] * 4
    batches = ask(client)
    assert sorted(str(one["provider"]) for one in batches) == ["00000001", "00000017"]
    assert all(ids(one) == ["e0", "e1", "e2", "e3"] for one in batches)
    assert ask(client) == []  # in hand
    assert ask(client, *(ended(one) for one in batches)) == []
    assert {row.cursor for row in EventSubscription.objects.all()} == {CarriedEvent.objects.last().sequence}
    assert publish(client, event("e3", subject=TWO)).json() == answers[3].json()
    assert ask(client) == []


def test_event_published_again_and_again_costs_few_queries(
    client: Client, country: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    publish(client, event("e0"))
    with django_assert_max_num_queries(13):
        assert publish(client, event("e1")).status_code == 202


def test_event_published_takes_the_subscriptions_of_its_topic_in_one_order(
    client: Client, country: Path
) -> None:
    publish(client, event("e0"))
    with CaptureQueriesContext(connection) as done:
        publish(client, event("e1"))

    # Two publishers of one topic that took them in different orders would wait for each other.
    [taken] = [one["sql"] for one in done if "FOR UPDATE" in one["sql"] and "eventsubscription" in one["sql"]]
    assert 'ORDER BY "exchange_eventsubscription"."id" ASC FOR UPDATE' in taken


def test_batch_that_is_not_taken_back_in_time_comes_again(client: Client, country: Path) -> None:
    publish(client, event("e0"))
    late = for_insurer(ask(client))
    with clock.freeze(now() + timedelta(seconds=61)):
        again = for_insurer(ask(client))
        assert ids(again) == ["e0"]
        ask(client, ended(late))  # too late: it counts no more
        assert EventSubscription.objects.get(grant__provider="00000017").cursor == 0
        ask(client, ended(again))
        assert EventSubscription.objects.get(grant__provider="00000017").cursor > 0


def test_event_that_fails_holds_up_its_own_key_alone(client: Client, country: Path) -> None:
    moment = now()
    with clock.freeze(moment):  # what failed is tried again seconds later
        for number in range(3):
            publish(client, event(f"a{number}", subject=ONE))
            publish(client, event(f"b{number}", subject=TWO))
        batch = for_insurer(ask(client))
        behind = {"a1": "event.behind", "a2": "event.behind"}
        ask(client, ended(batch, {"a0": "system.failed", **behind}))

        assert [one.event_id for one in held_events_of("00000002")] == ["a0", "a1", "a2"]
        publish(client, event("a3", subject=ONE))
        publish(client, event("b3", subject=TWO))
        assert ids(for_insurer(ask(client))) == ["b3"]
    with clock.freeze(moment + timedelta(minutes=2)):
        order: list[str] = []
        batches = ask(client)
        while batches:
            order += [one for batch in batches if batch["provider"] == "00000017" for one in ids(batch)]
            batches = ask(client, *(ended(one) for one in batches))
    assert [one for one in order if one.startswith("a")] == ["a0", "a1", "a2", "a3"]
    assert not HeldEvent.objects.filter(subscription__grant__provider="00000017").exists()


def test_subscriber_that_takes_nothing_is_left_alone_longer_and_longer(client: Client, country: Path) -> None:
    for number in range(5):
        publish(client, event(f"e{number}", subject=f"{number}" * 43))
    failing = {f"e{number}": "provider.unreachable" for number in range(5)}
    moment, waits = now(), []
    for _ in range(TRIES_OF_ALL):
        with clock.freeze(moment):
            batch = for_insurer(ask(client))
            assert ids(batch) == list(failing)
            ask(client, ended(batch, failing))
            row = EventSubscription.objects.get(grant__provider="00000017")
            assert row.paused_until is not None
            waits.append((row.paused_until - moment).total_seconds())
            assert not [one for one in ask(client) if one["provider"] == "00000017"]
            [view] = [one for one in subscriptions_of("00000002") if one.subscriber == "BPJS Kesehatan"]
            assert (view.waiting, view.code) == (5, "provider.unreachable")
        moment = row.paused_until
    assert waits == sorted(waits)
    assert waits[-1] > 10
    with clock.freeze(moment):
        ask(client, ended(for_insurer(ask(client)), failing))
    assert HeldEvent.objects.count() == 5


def test_refused_event_waits_for_a_person_who_lets_it_go_on_or_drops_it(
    client: Client, country: Path
) -> None:
    publish(client, event("a0"))
    publish(client, event("a1"))
    batch = for_insurer(ask(client))
    ask(client, ended(batch, {"a0": "system.refused", "a1": "event.behind"}))
    first, _ = held_events_of("00000002")

    assert first.stopped_at is not None
    with clock.freeze(now() + timedelta(hours=2)):
        assert not [one for one in ask(client) if one["provider"] == "00000017"]
    stranger = Actor(kind="officer", person_id=UUID(int=1), agency=BPJS, position="x")
    with pytest.raises(NotAllowed):
        held_event_drop(first.id, reason="", by=stranger)
    held_event_retry(first.id, by=BY)
    again = for_insurer(ask(client))
    assert ids(again) == ["a0"]
    ask(client, ended(again, {"a0": "system.refused"}))
    held_event_drop(first.id, reason="wrong", by=BY)
    assert ids(for_insurer(ask(client))) == ["a1"]
    with pytest.raises(HeldEventUnknown):
        held_event_retry(first.id, by=BY)


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        (b"{", 422, "event.invalid"),
        (b"[]", 422, "event.invalid"),
        (event("x", specversion="0.3"), 422, "event.invalid"),
        (event("x", id=None), 422, "event.invalid"),
        (event("x", source="urn:terpadu:00000017:peristiwa"), 422, "event.other_source"),
        (event("x", source="https://forged.example"), 422, "event.invalid"),
        (event("x", source="urn:terpadu:00000002:kependudukan"), 422, "event.other_topic"),
        (event("x", type="id.demo.kematian.v1"), 422, "event.other_topic"),
        (event("x", subject="3671014506900001"), 422, "event.names_a_person"),
        (event("x", nik="3671014506900001"), 422, "event.names_a_person"),
        (event("x", data={"nama": "SITI"}), 422, "event.not_thin"),
        (event("x", comment="x" * 70_000), 413, "event.too_large"),
    ],
)
def test_event_that_may_not_be_published_is_refused(
    client: Client, country: Path, told: object, status: int, code: str
) -> None:
    answer = publish(client, told)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not CarriedEvent.objects.exists()


def test_forged_and_replayed_requests_are_refused(client: Client, country: Path) -> None:
    assert publish(client, event("x"), agency_code=DISDUKCAPIL).json()["code"] == "event.other_source"
    call = sign(
        "POST",
        "/exchange/events",
        orjson.dumps(event("x")),
        agency_code=DUKCAPIL,
        content_type=MEDIA_TYPE,
    )
    assert call.send(client).json() == call.send(client).json()
    assert CarriedEvent.objects.count() == 1
    ours = sign(
        "POST",
        "/exchange/deliveries",
        orjson.dumps({"gateway": "agencies"}),
        agency_code=DUKCAPIL,
        content_type="application/json",
    )
    assert ours.send(client).status_code == 200
    assert ours.send(client).json()["code"] == "signature.replayed"
    assert client.post("/exchange/deliveries", b"{}", content_type="application/json").status_code == 401
    body = orjson.dumps({"gateway": "agencies"})
    stranger = sign("POST", "/exchange/deliveries", body, agency_code=PORTAL, content_type="application/json")
    assert stranger.send(client).json()["code"] == "deliveries.other_gateway"


def test_other_carrier_goes_on_from_its_own_places(client: Client, country: Path) -> None:
    publish(client, event("e0"))
    EventSubscription.objects.update(carrier="nats", cursor=9_000, head=9_000)
    publish(client, event("e1"))

    assert ids(for_insurer(ask(client))) == ["e1"]


def test_revoked_contract_gets_no_more_events(client: Client, country: Path) -> None:
    publish(client, event("e0"))
    grant = Grant.objects.get(consumer="00000002", provider="00000017")
    contract_revoke(grant.contract.content_hash, agency_code=DUKCAPIL, by=BY)

    assert [one["provider"] for one in ask(client)] == ["00000001"]


def test_pull_gives_one_notice_at_a_time_and_none_from_before_the_contract(
    client: Client, country: Path
) -> None:
    grant = Grant.objects.get(consumer="00000017", service="peristiwa")
    for number in range(3):
        publish(client, event(f"e{number}"))
    CarriedEvent.objects.filter(event_id="e0").update(
        carried_at=grant.contract.not_before - timedelta(days=1)
    )
    pulled, place = [], 0
    for _ in range(3):
        found = events_pull(
            "00000002/peristiwa", "/kelahiran", grant_hash=grant.grant_hash, after=place, limit=50
        )
        pulled.append([one["id"] for one in found.events if isinstance(one, dict)])
        place = found.next
    assert pulled == [["e1"], ["e2"], []]


@pytest.mark.parametrize(
    "path", ["/exchange/topics/00000002/peristiwa/kelahiran", "/exchange/received/births"]
)
def test_systems_for_events_answer_inways_alone(client: Client, country: Path, path: str) -> None:
    key = events_key_ensure().read_text()

    assert client.post(path, b"{}", content_type="application/json").status_code == 401
    refused = client.post(path, b"{}", content_type="application/json", headers={"X-Events-Key": key})
    assert (refused.status_code, refused.json()["code"]) == (401, "token.invalid")


def test_waits_grow_to_an_hour_and_end_with_a_person() -> None:
    waits = [wait_after(tries).total_seconds() for tries in (1, 2, 3, 10, 40)]

    assert waits == [1, 2, 4, 512, LONGEST_WAIT.total_seconds()]
    assert wait_after(1, retry_after=90) == timedelta(seconds=90)
    assert needs_a_person("contract.revoked", 1)
    assert not needs_a_person("system.slow", 1)
    assert needs_a_person("system.slow", TRIES_BEFORE_STOP)


def test_deferred_reading_is_one_entry_of_the_trail(client: Client, country: Path) -> None:
    """The call that was answered 202 stands for the whole; its data are there when the result was brought."""
    siti = person_ensure(nik="3671015406920003", name="Siti", birth_on=date(1992, 6, 14), sex="P", by=BY)
    begun = records_of_exchange(siti)
    first = begun["out.request"].transaction_id
    for key, record in begun.items():
        waits = {"status": 202, "fields": (), "interaction": first} if "response" in key else {}
        begun[key] = replace(record, **waits)
    deliver_both(client, begun)
    assert [(one.outcome, one.data_items) for one in trail_for_person(siti)] == [("asked", ())]

    result = {key: replace(one, interaction=first) for key, one in records_of_exchange(siti).items()}
    deliver_both(client, result, offset=START + 100)
    [entry] = trail_for_person(siti)
    assert str(entry.transaction_id) == first
    assert (entry.outcome, entry.is_confirmed) == ("answered", True)
    assert [item.en for item in entry.data_items] == ["Family card number", "Address"]
