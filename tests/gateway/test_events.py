"""Events at the gateways: one leaves its agency with a pseudonym, comes in as what the contract says, until it is taken, once."""

from dataclasses import replace

import httpx
import orjson
import pytest
from pydantic import JsonValue

from terpadu_wire.cloudevents import MEDIA_TYPE
from terpadu_wire.properties import EvidenceRule, Topic
from terpadu_wire.subjects import pseudonym
from tests.gateway.country import NIK, PORTAL, PURPOSE, REGISTRY, SERVICE, SUBJECT_KEY
from tests.gateway.forger import Forger, Message
from tests.gateway.processes import wait_until
from tests.gateway.road import Road, call_headers
from tests.gateway.segments import records_in


def event(event_id: str = "e-1", /, **changes: JsonValue) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"urn:terpadu:{PORTAL}:peristiwa",
        "type": "lahir.v1",
        "subject": pseudonym(SUBJECT_KEY, NIK),
    }
    return members | changes


def publish(road: Road, told: dict[str, JsonValue], **changes: str) -> httpx.Response:
    headers = call_headers() | {"content-type": MEDIA_TYPE} | changes
    return httpx.post(f"{road.outway_url}/events", content=orjson.dumps(told), headers=headers)


def test_published_event_leaves_with_a_pseudonym_and_waits_for_no_poll(road: Road) -> None:
    answer = publish(road, event("p-1", subject=NIK))

    assert (answer.status_code, answer.json()) == (202, {"sequence": len(road.plane.events)})
    assert road.plane.events[-1] == event("p-1")
    road.plane.takes_events = False
    assert publish(road, event("p-2")).json()["code"] == "event.unavailable"
    road.plane.takes_events = True


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": f"urn:terpadu:{REGISTRY}:peristiwa"}, "event.other_source"),
        ({"source": "urn:terpadu:x"}, "event.invalid"),
        ({"specversion": "0.3"}, "event.invalid"),
        ({"comment": "x" * 999, "more": "x" * 70_000}, "event.too_large"),
    ],
)
def test_event_that_is_none_of_the_agency_is_not_taken(
    road: Road, changes: dict[str, JsonValue], code: str
) -> None:
    before = len(road.plane.events)

    assert publish(road, event(**changes)).json()["code"] == code
    assert publish(road, event(), authorization="Bearer nobody").json()["code"] == "application.unknown"
    assert len(road.plane.events) == before


def test_event_in_another_mode_is_refused_with_the_way_to_send_it(road: Road) -> None:
    headers = call_headers() | {"ce-specversion": "1.0", "ce-id": "b-1", "ce-type": "lahir.v1"}
    answer = httpx.post(f"{road.outway_url}/events", content=b'{"a": 1}', headers=headers)

    assert answer.json()["code"] == "event.invalid"
    assert "structured mode" in answer.json()["detail"]


def test_events_are_pushed_in_order_for_each_key_and_once(road: Road) -> None:
    _agree_on_events(road)
    told = [("a", "o-1"), ("b", "gagal-1"), ("a", "o-2"), ("b", "o-3"), ("a", "o-1")]
    road.plane.to_push = [_batch(road, told)]
    outcomes = wait_until(lambda: road.plane.pushed)

    by_place = {one["sequence"]: one["code"] for one in outcomes}
    assert by_place == {0: "", 1: "system.failed", 2: "", 3: "event.behind", 4: ""}
    given = [one for one in records_in(road.agency.segments) if one.operation == "terima"]
    answered = [one for one in given if one.phase == "response" and one.outcome == "answered"]
    assert {one.subject for one in answered} == {pseudonym(SUBJECT_KEY, NIK)}
    assert {(one.consumer, one.provider, one.purpose) for one in given} == {(PORTAL, REGISTRY, PURPOSE)}
    assert _taken(road, "o-9") == 4  # o-1, gagal-1, o-2 and o-9: the second o-1 was known


def test_event_that_failed_reaches_the_system_when_it_is_pushed_again(road: Road) -> None:
    _agree_on_events(road)
    before = _taken(road, "s-1")
    outcomes = [_push(road, "sekali-1") for _ in range(3)]

    assert outcomes == ["system.failed", "", ""]
    assert _taken(road, "s-2") - before == 3  # twice, and s-2: when it was pushed once more it was known


def test_event_that_comes_again_under_a_renewed_contract_is_known(road: Road) -> None:
    _agree_on_events(road)
    before = _taken(road, "g-1")
    first = _push(road, "r-1")
    _agree_on_events(road)

    assert (first, _push(road, "r-1")) == ("", "")
    assert _taken(road, "g-2") - before == 2
    _agree_on_events(road, "mati.v1")
    assert _push(road, "r-1", type="mati.v1") == ""  # another event, since ids are those of a topic
    _agree_on_events(road)
    assert _taken(road, "g-3") - before == 4


@pytest.mark.parametrize(
    ("told", "key", "code"),
    [
        (event(source=f"urn:terpadu:{REGISTRY}:peristiwa"), "e-1", "event.other_source"),
        (event(source=f"urn:terpadu:{PORTAL}:lain"), "e-1", "event.other_source"),
        (event(type="mati.v1"), "e-1", "event.other_topic"),
        (event(), "e-2", "event.other_key"),
        (event(), "", "event.other_key"),
        (event(Upper="x"), "e-1", "event.invalid"),
        (event(time="yesterday"), "e-1", "event.invalid"),
        (event(data=1, data_base64="MQ=="), "e-1", "event.invalid"),
        (event(comment="x" * 70_000), "e-1", "event.too_large"),
        ({"nik": NIK}, "e-1", "event.invalid"),
        (event(subject=NIK), "e-1", "subject.missing"),
    ],
)
def test_pushed_event_that_is_not_what_the_contract_says_is_refused(
    road: Road, told: dict[str, JsonValue], key: str, code: str
) -> None:
    forger = Forger(road)
    message = Message(
        forger.token(),
        path="/terima",
        body=orjson.dumps(told),
        headers={"content-type": MEDIA_TYPE, "terpadu-on-behalf-of": "agency:event"}
        | ({"idempotency-key": key} if key else {}),
    )
    answer = forger.send(message, forger.sign(message))

    assert answer.json()["code"] == code
    forger.close()


def test_event_is_not_delivered_twice_by_the_same_message(road: Road) -> None:
    forger = Forger(road)
    headers = {"content-type": MEDIA_TYPE, "idempotency-key": "r-1"}
    message = Message(forger.token(), path="/terima", body=orjson.dumps(event("r-1")), headers=headers)
    signature = forger.sign(message)

    assert forger.send(message, signature).status_code == 200
    assert forger.send(message, signature).json()["code"] == "signature.replayed"
    forger.close()


def test_subscriber_that_does_not_answer_keeps_nobody_else_waiting(road: Road) -> None:
    _agree_on_events(road)
    before = len(road.plane.pushed)
    road.plane.to_push = [_batch(road, [("k", "diam-1")]), _batch(road, [("a", "q-1"), ("b", "q-2")])]
    publish(road, event("w-1"))

    told = wait_until(lambda: road.plane.pushed[before:])
    assert [(one["sequence"], one["code"]) for one in told] == [(0, ""), (1, "")]


def _agree_on_events(road: Road, type_: str = "lahir.v1") -> None:
    """Let events of a type pass, which are of no case."""
    properties = road.country.properties
    operations = tuple(
        replace(one, topic=Topic("peristiwa", type_)) if one.topic else one for one in properties.operations
    )
    road.country.agree(replace(properties, operations=operations, evidence=EvidenceRule()))
    road.republish()


def _taken(road: Road, event_id: str) -> int:
    """Return how many events the system took, one more included."""
    answer = road.call(path="/terima", body=orjson.dumps(event(event_id)), idempotency_key=event_id)
    return int(answer.json()["nomor"])


def _push(road: Road, event_id: str, **changes: JsonValue) -> str:
    """Push one event as the control plane would have it; return what became of it."""
    before = len(road.plane.pushed)
    road.plane.to_push = [_batch(road, [("k", event_id)], **changes)]
    publish(road, event("w-1"))  # which makes the gateway ask for deliveries
    return str(wait_until(lambda: road.plane.pushed[before:])[0]["code"])


def _batch(road: Road, told: list[tuple[str, str]], **changes: JsonValue) -> dict[str, object]:
    return {
        "lease": "l-1",
        "consumer": PORTAL,
        "provider": REGISTRY,
        "service": SERVICE,
        "method": "POST",
        "path": "/terima",
        "grant_hash": road.scope,
        "purpose": PURPOSE,
        "events": [
            (place, key, orjson.dumps(event(event_id, **changes)).decode())
            for place, (key, event_id) in enumerate(told)
        ],
    }
