"""The platform's metrics: for whoever has the token, and cheap."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.kernel.crypto import secret_token
from tests.exchange.deliveries import deliver, delivery_body, of_side
from tests.exchange.test_traffic import exchange

pytestmark = pytest.mark.django_db


def test_metrics_are_there_for_the_token_alone(
    country: Path, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    deliver(client, delivery_body(of_side(exchange(), "in"), gateway="agencies"), agency_code="dukcapil")
    for shown in ("", "Bearer wrong", f"Bearer {secret_token('metrics')[:-1]}"):
        assert client.get("/metrics", headers={"authorization": shown}).status_code == 404
    with django_assert_max_num_queries(14):
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
    ):
        assert f"\nterpadu_{name} " in page
