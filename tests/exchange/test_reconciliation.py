"""Both sides' records compared: pairs pass, orphans are found once, late records settle them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from terpadu.directory.demo import DUKCAPIL
from terpadu.exchange.enums import Match
from terpadu.exchange.models import Orphan, Reconciliation
from terpadu.exchange.public import trail_for_person
from terpadu.exchange.rules.reconciliation import GRACE, find_match
from terpadu.exchange.services.reconciliation import reconcile
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze, now
from terpadu.kernel.models import OutboxEvent
from terpadu_wire.records import Record
from tests.exchange.deliveries import (
    START,
    deliver,
    deliver_both,
    delivery_body,
    of_side,
    records_of_exchange,
)

BY = Actor.system("tests")
pytestmark = pytest.mark.django_db
ASKED = Record(
    transaction_id="0198d0a0-0000-7000-8000-000000000001",
    side="out",
    phase="request",
    at=1_800_000_000_000,
    consumer="1",
    provider="2",
    service="s",
    operation="o",
    grant_hash="g",
    purpose="p",
    outcome="asked",
    salt="c",
    request_digest="d",
)
ENDED = replace(ASKED, phase="response", outcome="answered", status=200, response_signature="sig")
REFUSED = replace(ENDED, outcome="refused", error_code="contract.revoked", response_signature="")


def _theirs(record: Record) -> Record:
    return replace(record, side="in")


@pytest.mark.parametrize(
    ("records", "match"),
    [
        ([ASKED, ENDED, _theirs(ASKED), _theirs(ENDED)], Match.PAIR),
        ([ASKED, _theirs(ASKED)], Match.PAIR),
        ([ASKED, ENDED], Match.NO_PROVIDER),
        ([ASKED], Match.NO_PROVIDER),
        ([_theirs(ASKED), _theirs(ENDED)], Match.NO_CONSUMER),
        ([ASKED, REFUSED], Match.NEVER_SENT),
        ([REFUSED], Match.NEVER_SENT),
        ([ASKED, replace(REFUSED, error_code="")], Match.NO_PROVIDER),
        ([ASKED, replace(_theirs(ASKED), request_digest="other")], Match.CONTRADICTION),
        ([ASKED, replace(_theirs(ASKED), purpose="other")], Match.CONTRADICTION),
    ],
)
def test_match_of_records_is_told_by_both_sides(records: list[Record], match: Match) -> None:
    late = now() + timedelta(days=3650)
    assert find_match(records, checked_at=late) is match


@given(order=st.permutations([ASKED, ENDED, _theirs(ASKED)]), seconds=st.integers(0, 2 * 600))
def test_match_does_not_depend_on_the_order_and_waits_for_the_grace(
    order: list[Record], seconds: int
) -> None:
    sent = datetime.fromtimestamp(ASKED.at / 1000, UTC)
    assert find_match(order, checked_at=sent) is Match.PAIR
    alone = find_match([ASKED], checked_at=sent + timedelta(seconds=seconds))
    assert (alone is Match.UNDER_WAY) == (seconds < GRACE.total_seconds())


@pytest.fixture
def person_id(country: Path) -> UUID:
    return person_ensure(nik="3671015406920003", name="Siti", birth_on=now().date(), sex="P", by=BY)


def test_reconcile_finds_an_orphan_whose_clock_was_ahead(client: Client, person_id: UUID) -> None:
    ahead = int((now() + timedelta(days=3)).timestamp() * 1000)
    alone = of_side(records_of_exchange(person_id, at=ahead), "out")
    assert deliver(client, delivery_body(alone, gateway="portal")).status_code == 200

    with freeze(now() + timedelta(hours=1)):
        assert reconcile() == {Match.NO_PROVIDER: 1}


def test_reconcile_marks_the_trail_where_the_sides_recorded_other_answers(
    client: Client, person_id: UUID
) -> None:
    records = records_of_exchange(person_id)
    for side in ("in", "out"):
        key = f"{side}.response"
        records[key] = replace(records[key], response_digest=f"sha-256=:{side}:")
    deliver_both(client, records)
    assert trail_for_person(person_id)[0].is_confirmed

    with freeze(now() + timedelta(hours=1)):
        assert reconcile() == {Match.CONTRADICTION: 1}

    [entry] = trail_for_person(person_id)
    assert (entry.is_confirmed, entry.is_disputed) == (False, True)


def test_reconcile_finds_an_orphan_once_and_settles_it_when_the_record_comes(
    client: Client, person_id: UUID
) -> None:
    whole, half = records_of_exchange(person_id), records_of_exchange(person_id)
    deliver_both(client, whole)
    body = delivery_body(of_side(half, "out"), gateway="portal", offset=START + 100)
    assert deliver(client, body).status_code == 200

    with freeze(now() + timedelta(hours=1)):
        assert reconcile() == {Match.PAIR: 1, Match.NO_PROVIDER: 1}
    with freeze(now() + timedelta(hours=2)):
        assert reconcile() == {Match.NO_PROVIDER: 1}
    orphan = Orphan.objects.get()
    assert (str(orphan.transaction_id), orphan.settled_at) == (half["out.request"].transaction_id, None)
    assert OutboxEvent.objects.filter(name="exchange.orphans_found").count() == 1

    body = delivery_body(of_side(half, "in"), gateway="agencies", offset=START + 100)
    assert deliver(client, body, agency_code=DUKCAPIL).status_code == 200
    with freeze(now() + timedelta(hours=3)):
        assert reconcile() == {Match.PAIR: 1}
    assert Orphan.objects.get().settled_at is not None
    assert Reconciliation.objects.count() == 3
