"""The intake of records: once, in order, from their own gateway, and nothing hostile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from terpadu.directory.demo import DUKCAPIL, PORTAL, PUPR
from terpadu.directory.public import agency_get
from terpadu.exchange.models import DeliveredRecord, Grant, SegmentPosition, TrailRow
from terpadu.exchange.public import TrailEntry, trail_count, trail_for_person, trail_get
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.models import OutboxEvent
from terpadu_wire.records import record_to_json
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


@pytest.fixture
def person_id(country: Path) -> UUID:
    born = now().date()
    return person_ensure(nik="3671015406920003", name="Siti", birth_on=born, sex="P", by=BY)


def test_records_of_both_sides_make_one_confirmed_entry(client: Client, person_id: UUID) -> None:
    records = records_of_exchange(person_id)

    deliver_both(client, records)

    [entry] = trail_for_person(person_id)
    assert entry.is_confirmed
    assert entry.outcome == "answered"
    assert [item.id for item in entry.data_items] == ["Nomor Kartu Keluarga", "Alamat"]
    assert entry.service_name == "Layanan Data Kependudukan Kota Tangerang (contoh)"
    assert entry.on_behalf_of == "person:self"
    assert trail_count(person_id) == 1
    assert trail_get(person_id, entry.transaction_id) == entry
    assert DeliveredRecord.objects.count() == 4


def test_trail_names_what_was_masked_or_hashed_and_what_the_contract_has_no_words_for(
    client: Client, person_id: UUID
) -> None:
    records = records_of_exchange(person_id)
    [grant] = Grant.objects.filter(grant_hash=records["in.response"].grant_hash)
    fields = {"allow": ["/data/rt"], "mask": {"/data/no_kk": 4}, "hash": ["/data/alamat"]}
    words = {"/data/no_kk": _text("Nomor KK"), "/data/alamat": _text("Alamat")}
    rule = {"id": "cariKeluarga", "fields": fields, "data_items": words}
    grant_hash = _other_grant(grant, {"operations": [rule]})

    deliver_both(client, {key: replace(one, grant_hash=grant_hash) for key, one in records.items()})

    [entry] = trail_for_person(person_id)
    assert [item.id for item in entry.data_items] == ["/data/rt", "Nomor KK", "Alamat"]


def _text(words: str) -> dict[str, str]:
    return {"id": words, "en": words}


def _other_grant(grant: Grant, properties: dict[str, object]) -> str:
    """Add a grant like another one, with other rules; return its hash."""
    grant.pk, grant.grant_hash = None, "$1$3$another"
    grant.properties = {**grant.properties, **properties}
    grant.save(force_insert=True)
    return grant.grant_hash


def test_records_of_one_side_make_an_unconfirmed_entry(client: Client, person_id: UUID) -> None:
    deliver(client, delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal"))

    [entry] = trail_for_person(person_id)
    assert not entry.is_confirmed
    assert entry.data_items == ()


def test_records_refused_call_shows_that_nothing_was_read(client: Client, person_id: UUID) -> None:
    asked = records_of_exchange(person_id)["in.request"]
    refused = replace(asked, phase="response", outcome="refused", status=403, error_code="contract.revoked")

    deliver(client, delivery_body([asked, refused], gateway="agencies"), agency_code=DUKCAPIL)

    [entry] = trail_for_person(person_id)
    assert (entry.outcome, entry.data_items) == ("refused", ())


def test_records_delivered_twice_are_taken_once(client: Client, person_id: UUID) -> None:
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal")
    deliver(client, body)

    again = deliver(client, body)

    assert (again.status_code, orjson.loads(again.content)) == (409, {"offset": START + 100})
    assert DeliveredRecord.objects.count() == 2
    assert trail_count(person_id) == 1


def test_records_after_a_gap_are_not_taken(client: Client, person_id: UUID) -> None:
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal", offset=500)

    response = deliver(client, body)

    assert (response.status_code, orjson.loads(response.content)) == (409, {"offset": START})
    assert not DeliveredRecord.objects.exists()


def test_records_shipped_again_in_other_batches_change_nothing(client: Client, person_id: UUID) -> None:
    """A control plane restored from an older copy asks for what it lost; the trail stays as it is."""
    records = records_of_exchange(person_id)
    deliver_both(client, records)
    before = trail_for_person(person_id)
    SegmentPosition.objects.all().delete()
    DeliveredRecord.objects.all().delete()

    for place, record in enumerate(of_side(records, "in")):
        body = delivery_body([record], gateway="agencies", offset=START + 100 * place)
        assert deliver(client, body, agency_code=DUKCAPIL).status_code == 200

    assert trail_for_person(person_id) == before


def test_records_of_a_thousand_exchanges_pass_in_one_batch(client: Client, person_id: UUID) -> None:
    records = [record for _ in range(500) for record in of_side(records_of_exchange(person_id), "out")]
    body = delivery_body(
        [replace(record, request_signature="s" * 900) for record in records], gateway="portal"
    )
    assert len(body) > 1024 * 1024  # more than Django takes of a form

    assert deliver(client, body).status_code == 200
    assert trail_count(person_id) == 500


def test_trail_pages_newest_first_without_gaps(client: Client, person_id: UUID) -> None:
    same = int(now().timestamp() * 1000)
    batch = [
        records_of_exchange(person_id, at=same - 1000 * (number // 3))["out.request"] for number in range(10)
    ]
    deliver(client, delivery_body(batch, gateway="portal"))

    seen: list[TrailEntry] = []
    while page := trail_for_person(person_id, before=seen[-1].transaction_id if seen else None, limit=4):
        seen += page

    assert len({entry.transaction_id for entry in seen}) == 10
    assert [entry.at for entry in seen] == sorted((entry.at for entry in seen), reverse=True)


def test_trail_of_somebody_else_is_empty(client: Client, person_id: UUID) -> None:
    deliver_both(client, records_of_exchange(person_id))
    other = person_ensure(nik="3671055102960001", name="Dewi", birth_on=now().date(), sex="P", by=BY)
    [entry] = trail_for_person(person_id)

    assert trail_for_person(other) == []
    assert trail_for_person(other, before=entry.transaction_id) == []
    assert trail_get(other, entry.transaction_id) is None


def test_trail_of_a_mother_holds_what_was_read_of_her_child_for_her_case(
    client: Client, person_id: UUID
) -> None:
    records = records_of_exchange(person_id)
    deliver_both(client, records)
    mother = person_ensure(nik="3671055102960001", name="Dewi", birth_on=now().date(), sex="P", by=BY)

    [entry] = trail_for_person(mother, cases=[records["in.request"].evidence])

    assert not entry.is_own
    assert trail_for_person(mother, cases=["KIA-3671-2026-999999", ""]) == []
    assert all(own.is_own for own in trail_for_person(person_id))


def test_trail_for_person_needs_four_queries_whatever_its_length(
    client: Client, person_id: UUID, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    deliver(
        client,
        delivery_body([records_of_exchange(person_id)["out.request"] for _ in range(20)], gateway="portal"),
    )

    with django_assert_max_num_queries(5):  # four, and identity's own
        assert len(trail_for_person(person_id)) == 20


def test_records_that_contradict_are_marked_and_told(client: Client, person_id: UUID) -> None:
    records = records_of_exchange(person_id)
    records["out.response"] = replace(records["out.response"], purpose="something.else")

    deliver_both(client, records)

    [entry] = trail_for_person(person_id)
    assert (entry.is_confirmed, entry.is_disputed) == (False, True)
    assert TrailRow.objects.get().is_disputed
    assert OutboxEvent.objects.filter(name="exchange.exchange_disputed").count() == 1


def test_records_from_the_future_count_from_their_arrival(client: Client, person_id: UUID) -> None:
    ahead = int(now().timestamp() * 1000) + 10**9
    deliver(
        client, delivery_body([records_of_exchange(person_id, at=ahead)["out.request"]], gateway="portal")
    )

    assert trail_for_person(person_id)[0].at <= now()


def _code(response: HttpResponse) -> str:
    return str(response.headers["Fsc-Error-Code"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"transaction_id": "not-an-id"}, "record.invalid"),
        ({"transaction_id": "00000000-0000-4000-8000-000000000000"}, "record.invalid"),
        ({"at": -1}, "record.invalid"),
        ({"at": 10**18}, "record.invalid"),
        ({"status": 70_000}, "record.invalid"),
        ({"outcome": "perhaps"}, "record.invalid"),
        ({"evidence": "a\0b"}, "record.invalid"),
        ({"fields": ["/x"] * 1001}, "record.invalid"),
        ({"consumer": "36710001"}, "records.other_peer"),
        ({"side": "in"}, "records.other_peer"),
    ],
)
def test_records_hostile_member_refuses_the_whole_batch(
    client: Client, person_id: UUID, change: dict[str, object], code: str
) -> None:
    good = record_to_json(records_of_exchange(person_id)["out.request"])
    bad = orjson.dumps(orjson.loads(good) | change)
    head = delivery_body([], gateway="portal").rstrip(b"\n")

    response = deliver(client, b"\n".join([head, good, bad, b""]))

    assert (response.status_code, _code(response)) == (400, code)
    assert not DeliveredRecord.objects.exists()
    assert not TrailRow.objects.exists()


def test_records_refused_call_with_long_texts_is_kept_short(client: Client, person_id: UUID) -> None:
    """What an application wrote into a call that was refused may be of any length."""
    long = replace(
        records_of_exchange(person_id)["out.request"],
        provider="9" * 300,
        service="s" * 3000,
        outcome="refused",
    )

    assert deliver(client, delivery_body([long], gateway="portal")).status_code == 200
    assert len(TrailRow.objects.get().service) == 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", "records.head_invalid"),
        (b"[1]\n", "records.head_invalid"),
        (b"\n\n", "records.head_invalid"),
        (delivery_body([], gateway="portal"), "records.head_invalid"),
        (delivery_body([], gateway="portal", segment="../../etc/passwd"), "records.head_invalid"),
        (delivery_body([], gateway="portal", offset=-1), "records.head_invalid"),
        (delivery_body([], gateway="portal", extra=1), "records.head_invalid"),
        (delivery_body([], gateway="portal") + b"not json\n", "record.invalid"),
        (delivery_body([], gateway="portal") + b"{}\n" * 2001, "records.too_many"),
    ],
)
def test_records_malformed_batch_is_refused(client: Client, country: Path, body: bytes, code: str) -> None:
    response = deliver(client, body)

    assert (response.status_code, _code(response)) == (400, code)


@pytest.mark.parametrize(
    ("gateway", "agency_code"), [("nobody", PORTAL), ("portal", DUKCAPIL), ("agencies", PORTAL)]
)
def test_records_of_another_gateway_are_refused(
    client: Client, person_id: UUID, gateway: str, agency_code: str
) -> None:
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway=gateway)

    assert _code(deliver(client, body, agency_code=agency_code)) == "records.other_gateway"


def test_records_of_a_peer_without_gateway_are_refused(client: Client, person_id: UUID) -> None:
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal")

    assert _code(deliver(client, body, agency_code=PUPR)) == "records.other_gateway"
    assert agency_get(PUPR).peer_id


def test_records_unsigned_are_refused(client: Client, person_id: UUID) -> None:
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal")

    response = client.post("/exchange/records", body, content_type="application/x-ndjson")

    assert (response.status_code, _code(response)) == (401, "signature.missing")


def test_records_beyond_eight_megabytes_are_refused(client: Client, country: Path) -> None:
    response = deliver(client, b"x" * (8 * 1024 * 1024 + 1))

    assert (response.status_code, _code(response)) == (413, "records.too_large")
