"""The contract of what carries events, held against PostgreSQL and a real NATS server; and a cluster that loses a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from terpadu.exchange.adapters.carrier_nats import NatsCarrier
from terpadu.exchange.adapters.carrier_postgres import PostgresCarrier
from terpadu.exchange.adapters.carriers import Carrier, CarrierAway
from terpadu.exchange.models import CarriedEvent
from tests.exchange.nats_servers import nats_servers
from tests.gateway.processes import free_port, wait_until

TOPIC, OTHER = "00000002/peristiwa/lahir.v1", "00000002/peristiwa/mati.v1"


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_servers(tmp_path_factory.mktemp("nats")) as servers:
        yield servers[0].url


@pytest.fixture(params=["postgres", "nats"])
def carrier(request: pytest.FixtureRequest, db: None) -> Iterator[Carrier]:
    made: Carrier
    made = (
        PostgresCarrier() if request.param == "postgres" else NatsCarrier(request.getfixturevalue("nats_url"))
    )
    yield made
    made.close()


def test_carrier_gives_a_topic_back_in_order_and_from_any_place(carrier: Carrier) -> None:
    start = carrier.head(TOPIC)
    kept = [carrier.append(TOPIC, event_id=f"order-{n}", body=b'{"n":%d}' % n) for n in range(5)]
    places = [one.sequence for one in kept]
    carrier.append(OTHER, event_id="order-0", body=b"{}")

    assert places == sorted(set(places))
    assert carrier.head(TOPIC) == places[-1]
    found = carrier.read(TOPIC, after=start, limit=10)
    assert [(one.sequence, one.body) for one in found] == [
        (place, b'{"n":%d}' % n) for n, place in enumerate(places)
    ]
    assert [one.sequence for one in carrier.read(TOPIC, after=places[1], limit=2)] == places[2:4]
    assert carrier.read(TOPIC, after=places[-1], limit=10) == []
    assert all(one.carried_at.tzinfo is not None for one in found)


def test_carrier_keeps_the_same_id_once_in_each_topic(carrier: Carrier) -> None:
    first = carrier.append(TOPIC, event_id="same", body=b"{}")
    again = carrier.append(TOPIC, event_id="same", body=b"[]")
    elsewhere = carrier.append(OTHER, event_id="same", body=b"{}")

    assert (first.sequence, first.body) == (again.sequence, again.body)
    assert elsewhere.sequence != first.sequence
    found = carrier.read(TOPIC, after=first.sequence - 1, limit=10)
    assert [(one.sequence, one.body) for one in found] == [(first.sequence, b"{}")]


def test_carrier_knows_nothing_of_a_topic_without_events(carrier: Carrier) -> None:
    assert carrier.head("00000002/peristiwa/lain") == 0
    assert carrier.read("00000002/peristiwa/lain", after=0, limit=10) == []
    carrier.prune()


@pytest.mark.django_db(transaction=True)
def test_postgres_reader_never_passes_an_event_that_commits_later() -> None:
    """A second writer of the topic waits for the first, or a reader in between would skip the first one's event."""
    carrier, seen = PostgresCarrier(), []

    def second() -> None:
        carrier.append(TOPIC, event_id="b", body=b"{}")
        seen.extend(CarriedEvent.objects.filter(topic=TOPIC).values_list("event_id", flat=True))
        connection.close()

    with transaction.atomic():
        carrier.append(TOPIC, event_id="a", body=b"{}")
        thread = threading.Thread(target=second)
        thread.start()
        wait_until(_somebody_waits)
        assert seen == []
    thread.join(60)

    assert sorted(seen) == ["a", "b"]
    assert [one.body for one in carrier.read(TOPIC, after=0, limit=5)] == [b"{}", b"{}"]


def test_nats_away_is_said_and_not_waited_for() -> None:
    carrier = NatsCarrier(f"nats://127.0.0.1:{free_port()}")
    carrier.timeout_s = 0.5
    with pytest.raises(CarrierAway):
        carrier.append(TOPIC, event_id="x", body=b"{}")
    carrier.close()


def test_cluster_that_loses_a_server_loses_no_event(tmp_path: Path) -> None:
    with nats_servers(tmp_path, count=3) as servers:
        carrier = NatsCarrier(",".join(server.url for server in servers))
        carrier.timeout_s = 1.0
        kept = [_kept(carrier, number) for number in range(40)]
        leader = carrier.leader()
        next(server for server in servers if server.name == leader).kill()
        kept += [_kept(carrier, number) for number in range(40, 80)]
        found = carrier.read(TOPIC, after=0, limit=100)

        assert [int(one.body) for one in found] == list(range(80))
        assert [one.sequence for one in found] == kept
        carrier.close()


def _kept(carrier: NatsCarrier, number: int) -> int:
    """Append as a publisher does: until it is confirmed, always with the same id."""

    def try_once() -> int | None:
        try:
            return carrier.append(TOPIC, event_id=f"c-{number}", body=b"%d" % number).sequence
        except CarrierAway:
            return None

    return wait_until(try_once)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        return bool(cursor.fetchone()[0])
