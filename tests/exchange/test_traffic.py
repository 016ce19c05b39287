"""Exchanges are counted once, by hour and day, however their records arrive; and the platform's metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from terpadu.exchange.models import TrafficCount
from terpadu.exchange.rules.traffic import BOUNDS_MS, Tally, quantile
from terpadu.exchange.selectors.traffic import (
    traffic_by_error,
    traffic_by_interface,
    traffic_by_pair,
    traffic_by_time,
    traffic_in_all,
)
from terpadu.exchange.services.traffic import traffic_prune
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import secret_token
from terpadu_wire.records import Record
from tests.exchange.deliveries import deliver, delivery_body, of_side, records_of_exchange
from tests.exchange.test_pages import person

DUKCAPIL, DISDUKCAPIL = "00000002", "36710001"


def exchange(*, took_ms: int = 40, error: str = "") -> dict[str, Record]:
    """Return the four records of an exchange that took so long, or failed."""
    records = records_of_exchange(person("siti"))
    for key in ("in.response", "out.response"):
        records[key] = replace(records[key], at=records["out.request"].at + took_ms)
        if error:
            records[key] = replace(records[key], outcome="failed", error_code=error, status=502, fields=())
    return records


@pytest.mark.django_db
def test_exchange_is_counted_once_on_each_side_also_when_delivered_twice(
    country: Path, client: Client
) -> None:
    body = delivery_body(of_side(exchange(), "in"), gateway="agencies")
    assert deliver(client, body, agency_code="dukcapil").status_code == 200
    assert deliver(client, body, agency_code="dukcapil").status_code == 409

    (given,) = [one for one in traffic_by_time(DUKCAPIL, role="gives", span="hour") if one.calls]
    assert (given.calls, given.answered, given.failed) == (1, 1, 0)
    assert given.p50_ms is not None
    assert 25 < given.p50_ms <= 50
    assert sum(one.calls for one in traffic_by_time(DUKCAPIL, role="gives", span="day")) == 1
    assert not any(one.calls for one in traffic_by_time(DISDUKCAPIL, role="reads", span="hour"))


@pytest.mark.django_db
def test_question_and_answer_in_two_deliveries_still_have_their_duration(
    country: Path, client: Client
) -> None:
    asked, answered = of_side(exchange(took_ms=700), "in")
    deliver(client, delivery_body([asked], gateway="agencies", end=108), agency_code="dukcapil")
    deliver(
        client, delivery_body([answered], gateway="agencies", offset=108, end=200), agency_code="dukcapil"
    )

    (row,) = TrafficCount.objects.filter(span="hour")
    assert (row.calls, row.timed, row.total_ms) == (1, 1, 700)
    assert row.within[BOUNDS_MS.index(1000)] == 1


@pytest.mark.django_db
def test_counts_are_grouped_by_reader_interface_and_reason(country: Path, client: Client) -> None:
    records = [
        *of_side(exchange(), "in"),
        *of_side(exchange(), "in"),
        *of_side(exchange(error="system.unavailable"), "in"),
    ]
    deliver(client, delivery_body(records, gateway="agencies"), agency_code="dukcapil")

    (by_interface,) = traffic_by_interface(DUKCAPIL, role="gives", span="hour")
    assert by_interface.names == (DISDUKCAPIL, DUKCAPIL, "kependudukan")
    assert (by_interface.calls, by_interface.failed) == (3, 1)
    (by_error,) = traffic_by_error(DUKCAPIL, role="gives", span="day")
    assert by_error.names == ("system.unavailable", "failed", "kependudukan")
    assert [one.names for one in traffic_by_pair(span="hour")] == [(DISDUKCAPIL, DUKCAPIL)]
    assert sum(one.calls for one in traffic_in_all(span="hour")) == 3


@pytest.mark.django_db
def test_old_hours_go_and_days_stay(country: Path, client: Client) -> None:
    deliver(client, delivery_body(of_side(exchange(), "in"), gateway="agencies"), agency_code="dukcapil")
    TrafficCount.objects.update(begin_at=now() - timedelta(days=40))

    assert traffic_prune() == 1
    assert list(TrafficCount.objects.values_list("span", flat=True)) == ["day"]


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=60), st.sampled_from([0.5, 0.95]))
def test_quantile_lies_in_the_bucket_of_the_value_that_it_stands_for(times: list[int], share: float) -> None:
    counted = Tally()
    for took in times:
        counted.add(took)
    found = quantile(counted.within, share)
    assert found is not None
    wanted = sorted(times)[max(0, -(-len(times) * int(share * 100) // 100) - 1)]
    edges = (0, *BOUNDS_MS)
    upper = next((bound for bound in BOUNDS_MS if wanted <= bound), BOUNDS_MS[-1])
    lower = edges[edges.index(upper) - 1] if wanted <= BOUNDS_MS[-1] else BOUNDS_MS[-1]
    assert lower <= found <= upper


@pytest.mark.django_db
def test_metrics_are_there_for_the_token_alone(
    country: Path, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    deliver(client, delivery_body(of_side(exchange(), "in"), gateway="agencies"), agency_code="dukcapil")
    for shown in ("", "Bearer wrong", f"Bearer {secret_token('metrics')[:-1]}"):
        assert client.get("/metrics", headers={"authorization": shown}).status_code == 404
    with django_assert_max_num_queries(15):
        answer = client.get("/metrics", headers={"authorization": f"Bearer {secret_token('metrics')}"})
    page = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert 'terpadu_exchanges_today{outcome="answered"} 1.0' in page
    for name in (
        "worker_waiting",
        "orphans_open",
        "snapshot_age_seconds",
        "certificate_seconds",
        "log_lag_seconds",
        "events_held",
        "events_stopped",
    ):
        assert f"\nterpadu_{name} " in page
