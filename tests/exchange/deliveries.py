"""Records of made-up exchanges, delivered as gateways deliver them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.test import Client

from terpadu.directory.demo import DUKCAPIL, PORTAL
from terpadu.exchange.models import Grant
from terpadu.identity.public import subject_pseudonym
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu_wire.records import MAGIC, Record, record_to_json
from tests.exchange.signing import sign

START = len(MAGIC)


def records_of_exchange(
    person_id: UUID,
    *,
    transaction_id: str = "",
    at: int = 0,
    purpose: str = "kia.verifikasi",
    evidence: str = "KIA-2026-000001",
) -> dict[str, Record]:
    """Return the four records of one exchange, by side and phase. at: milliseconds, 0 for now."""
    grant = Grant.objects.get(purpose=purpose, service="kependudukan")
    asked = Record(
        transaction_id=transaction_id or str(uuid7()),
        side="out",
        phase="request",
        at=at or int(now().timestamp() * 1000),
        consumer=grant.consumer,
        delegator=grant.delegator,
        provider=grant.provider,
        service=grant.service,
        operation="cariKeluarga",
        grant_hash=grant.grant_hash,
        purpose=grant.purpose,
        evidence=evidence,
        on_behalf_of="person:self",
        subject=subject_pseudonym(person_id),
        outcome="asked",
        salt="c2FsdA",
    )
    answered = replace(asked, phase="response", outcome="answered", status=200)
    read = ("/data/no_kk", "/data/alamat", "/data/rt", "/data/unlabelled")
    return {
        "out.request": asked,
        "in.request": replace(asked, side="in"),
        "in.response": replace(answered, side="in", fields=read),
        "out.response": answered,
    }


def of_side(records: Mapping[str, Record], side: str) -> list[Record]:
    """Return the records of one side, "out" or "in"."""
    return [record for key, record in records.items() if key.startswith(side)]


def delivery_body(records: list[Record], *, gateway: str, offset: int = START, **head: object) -> bytes:
    members = {"gateway": gateway, "segment": "0001.seg", "offset": offset, "end": offset + 100} | head
    return b"\n".join([orjson.dumps(members), *map(record_to_json, records)]) + b"\n"


def deliver(client: Client, body: bytes, *, agency_code: str = PORTAL) -> HttpResponse:
    call = sign(
        "POST", "/exchange/records", body, agency_code=agency_code, content_type="application/x-ndjson"
    )
    return call.send(client)


def deliver_both(client: Client, records: Mapping[str, Record], *, offset: int = START) -> None:
    ours = delivery_body(of_side(records, "out"), gateway="portal", offset=offset)
    theirs = delivery_body(of_side(records, "in"), gateway="agencies", offset=offset)
    assert deliver(client, ours).status_code == 200
    assert deliver(client, theirs, agency_code=DUKCAPIL).status_code == 200
