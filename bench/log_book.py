"""The part of the log's benchmark that works inside the platform's database; `bench.log` starts it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from uuid import UUID

import django

LEAVES = 20_000
CALLS = 10
PATIENCE_S = 20.0
BAR_LEAVES = 2_000.0
BAR_PROVABLE_S = 2.0
BAR_VERIFY_MS = 50.0
BAR_PROOF_BYTES = 4_000.0


def main() -> None:
    """Measure and print one JSON object for each figure."""
    django.setup()
    receipts, delays = _call_and_prove()
    _tell("a call is provable, with a witness, after", median(delays), "s", BAR_PROVABLE_S)
    _grow()
    raw, size = _largest_receipt(receipts)
    _tell("check of a receipt", _verify_ms(raw), "ms", BAR_VERIFY_MS)
    _tell("largest proof of a receipt", size, "bytes", BAR_PROOF_BYTES)


def _call_and_prove() -> tuple[list[UUID], list[float]]:
    """Make calls over the real road; return their transaction ids, and the seconds until each was provable."""
    from demo.population.personas import persona
    from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL
    from terpadu.exchange.public import ExchangeRequest, exchange_call
    from terpadu.identity.public import person_ensure
    from terpadu.kernel.actors import Actor

    siti, by = persona("siti"), Actor.system("bench")
    person_id = person_ensure(nik=siti.nik, name=siti.name, birth_on=siti.birth_on, sex=siti.sex, by=by)
    request = ExchangeRequest(
        consumer_agency=DISDUKCAPIL,
        service=f"{DUKCAPIL}/kependudukan",
        operation="cariKeluarga",
        body={"nik": siti.nik},
        subject_person_id=person_id,
        purpose="kia.verifikasi",
        evidence="KIA-2026-000001",
        on_behalf_of="person:self",
    )
    done, delays = [], []
    for _ in range(CALLS):
        answer = exchange_call(request, by=by)
        started = time.perf_counter()
        _until(partial(_is_proven, answer.transaction_id))
        delays.append(time.perf_counter() - started)
        done.append(answer.transaction_id)
    return done, delays


def _is_proven(transaction_id: UUID) -> bool:
    """Tell whether both sides' records are in a state that a witness has signed."""
    from terpadu.exchange.errors import NotLogged
    from terpadu.exchange.selectors.log import records_prove

    try:
        proven = records_prove(transaction_id)
    except NotLogged:
        return False
    return len(proven) == 4 and all("saksi.contoh.id" in one.proof for one in proven)


def _grow() -> None:
    """Let the log take many records at once, which stand in the database as gateways deliver them."""
    from terpadu.exchange.models import DeliveredRecord, Gateway
    from terpadu.exchange.services.log import log_extend
    from terpadu.kernel.ids import uuid7
    from terpadu_wire.records import record_from_json, record_to_json

    known = DeliveredRecord.objects.order_by("-leaf_index").first()
    if known is None:
        raise RuntimeError("no call has been recorded")
    record, gateway = record_from_json(known.line.encode()), Gateway.objects.get(pk=known.gateway_id)
    rows = (
        DeliveredRecord(
            gateway=gateway,
            segment="bench",
            batch_offset=0,
            place=place,
            transaction_id=(transaction_id := uuid7()),
            line=record_to_json(replace(record, transaction_id=str(transaction_id))).decode(),
        )
        for place in range(LEAVES)
    )
    DeliveredRecord.objects.bulk_create(rows, batch_size=2_000)
    started = time.perf_counter()
    while log_extend():
        pass
    _tell("leaves", LEAVES / (time.perf_counter() - started), "1/s", BAR_LEAVES)


def _largest_receipt(transaction_ids: list[UUID]) -> tuple[bytes, int]:
    from terpadu.exchange.selectors.log import records_prove
    from terpadu_wire.receipts import format_receipt

    proven = [one for transaction_id in transaction_ids for one in records_prove(transaction_id)]
    raw = format_receipt([(one.record, one.proof) for one in records_prove(transaction_ids[-1])])
    return raw, max(len(one.proof) for one in proven)


def _verify_ms(raw: bytes) -> float:
    from terpadu.exchange.selectors.log import log_policy_text
    from terpadu_wire.receipts import verify_receipt
    from terpadu_wire.tlog.proofs import read_policy

    policy, times = log_policy_text(), []
    for _ in range(20):
        started = time.perf_counter()
        verify_receipt(raw, policy=read_policy(policy))
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def _until(condition: Callable[[], bool]) -> None:
    ends = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > ends:
            raise TimeoutError("the call was not provable in time")
        time.sleep(0.02)


def _tell(name: str, value: float, unit: str, bar: float) -> None:
    figure = {"bench": f"log: {name}", "value": round(value, 3), "unit": unit, "baseline": bar}
    print(json.dumps(figure | {"ratio": round(value / bar, 3)}), flush=True)


if __name__ == "__main__":
    main()
