"""The transparency log of delivered records: it grows once, never forks, and proves each record offline."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import orjson
import pytest
from django.db import transaction
from django.test import Client

from terpadu.exchange.adapters import witnesses
from terpadu.exchange.enums import Match
from terpadu.exchange.errors import LogEmpty, NotLogged
from terpadu.exchange.models import DeliveredRecord, LogCheckpoint, LogTile, LogWitness
from terpadu.exchange.public import trail_prove
from terpadu.exchange.selectors.log import (
    checkpoint_newest,
    log_policy,
    log_policy_text,
    records_prove,
    tile_read,
)
from terpadu.exchange.services.log import log_cosign, log_extend, log_key_ensure, witness_register
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.outbox import deliver_due
from terpadu_wire.errors import LogError
from terpadu_wire.keys import generate_key
from terpadu_wire.receipts import format_receipt, verify_receipt
from terpadu_wire.tlog.checkpoints import Checkpoint, parse_checkpoint
from terpadu_wire.tlog.merkle import consistency_holds, consistency_proof, leaf_hash
from terpadu_wire.tlog.notes import KeyKind, Note, NoteKey, parse_note, sign_note
from terpadu_wire.tlog.proofs import read_policy
from terpadu_wire.tlog.tiles import TileTree
from terpadu_witness.memory import Memory
from terpadu_witness.witness import Witness
from tests.exchange.deliveries import (
    START,
    deliver,
    deliver_both,
    delivery_body,
    of_side,
    records_of_exchange,
)

BY = Actor.system("tests")
WITNESS_URL = "http://witness.test"
pytestmark = pytest.mark.django_db


@pytest.fixture
def person_id(country: Path) -> UUID:
    log_key_ensure()
    LogWitness.objects.all().delete()  # the demo country's own is a program that does not run here
    return person_ensure(nik="3671015406920003", name="Siti", birth_on=now().date(), sex="P", by=BY)


def _witness(name: str, memory: Memory) -> Witness:
    return Witness(
        name=name,
        key=generate_key(),
        logs=[log_key_ensure()],
        memory=memory,
        clock=lambda: now().timestamp(),
    )


@pytest.fixture
def witness(person_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    """A real witness behind the HTTP client, without a server between."""
    memory = Memory(tmp_path / "seen.sqlite3")
    made = _witness("saksi.test/ombudsman", memory)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/add-checkpoint"
        reply = made.add_checkpoint(request.content)
        return httpx.Response(reply.status, text=reply.body)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(witnesses, "_client", lambda: client)
    witness_register(url=WITNESS_URL, vkey=made.public_key.vkey(), by=BY)
    yield made
    memory.close()


def test_log_receipt_of_an_exchange_verifies_with_keys_alone(
    client: Client, person_id: UUID, witness: Witness
) -> None:
    records = records_of_exchange(person_id)
    deliver_both(client, records)
    while deliver_due():
        pass

    proven = records_prove(UUID(records["out.request"].transaction_id))
    raw = format_receipt([(one.record, one.proof) for one in proven])
    receipt = verify_receipt(raw, policy=read_policy(log_policy_text()))

    assert receipt.sides == {"out", "in"}
    assert receipt.contradictions == ()
    assert {one.proven.witnesses for one in receipt.records} == {("saksi.test/ombudsman",)}
    assert sorted(one.proven.index for one in receipt.records) == [0, 1, 2, 3]
    assert all(len(one.proof) < 4_000 for one in proven)


def test_log_receipt_with_a_changed_record_is_refused(
    client: Client, person_id: UUID, witness: Witness
) -> None:
    records = records_of_exchange(person_id)
    deliver_both(client, records)
    log_extend()
    log_cosign()
    [first, *_] = records_prove(UUID(records["out.request"].transaction_id))

    forged = format_receipt([(replace(first.record, purpose="lain"), first.proof)])

    with pytest.raises(LogError, match=r"log\.inclusion"):
        verify_receipt(forged, policy=log_policy())


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"format": "terpadu-receipt-2", "records": []}', b"\xff", b"{" * 5_000]
)
def test_receipt_that_is_none_is_refused(raw: bytes, person_id: UUID) -> None:
    with pytest.raises(LogError, match=r"log\.receipt"):
        verify_receipt(raw, policy=log_policy())


def test_log_grows_in_any_batches_and_every_state_continues_the_one_before(
    client: Client, person_id: UUID
) -> None:
    states = []
    offset = START
    for count in (1, 300, 2, 255):
        batch = [of_side(records_of_exchange(person_id), "out")[0] for _ in range(count)]
        assert deliver(client, delivery_body(batch, gateway="portal", offset=offset)).status_code == 200
        offset += 100
        assert log_extend() == count
        states.append(parse_checkpoint(parse_note(checkpoint_newest().note).text))

    for old, new in itertools.pairwise(states):
        proof = consistency_proof(
            old.size, new.size, range_hash=TileTree(new.size, read=tile_read).range_hash
        )
        assert consistency_holds(
            old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=proof
        )
    indexes = DeliveredRecord.objects.order_by("leaf_index").values_list("leaf_index", flat=True)
    assert list(indexes) == list(range(558))


def test_log_extend_that_breaks_in_the_middle_leaves_nothing(
    client: Client, person_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_both(client, records_of_exchange(person_id))

    def break_off(size: int) -> None:
        raise OSError("the machine stopped")

    with monkeypatch.context() as patch:
        patch.setattr("terpadu.exchange.services.log._sign_state", break_off)
        with pytest.raises(OSError, match="stopped"), transaction.atomic():
            log_extend()

    assert not LogTile.objects.exists()
    assert not DeliveredRecord.objects.filter(leaf_index__isnull=False).exists()
    assert log_extend() == 4


def test_log_without_records_or_state_says_so(person_id: UUID) -> None:
    assert log_extend() == 0
    with pytest.raises(LogEmpty):
        checkpoint_newest()
    with pytest.raises(NotLogged):
        records_prove(person_id)


def test_log_pages_serve_what_the_standard_names(client: Client, person_id: UUID) -> None:
    assert client.get("/exchange/log/checkpoint").status_code == 404
    batch = [of_side(records_of_exchange(person_id), "out")[0] for _ in range(300)]
    deliver(client, delivery_body(batch, gateway="portal"))
    log_extend()

    checkpoint = parse_checkpoint(parse_note(client.get("/exchange/log/checkpoint").content.decode()).text)
    full, partial = (client.get(f"/exchange/log/tile/0/{name}") for name in ("000", "001.p/44"))
    entries = client.get("/exchange/log/tile/entries/000")

    assert checkpoint.size == 300
    assert (len(full.content), len(partial.content)) == (256 * 32, 44 * 32)
    assert entries.content[:2] == b"\x00\x20"
    assert leaf_hash(entries.content[2:34]) == full.content[:32]
    for path in ("0/001", "0/001.p/45", "0/002", "9/000", "x/000", "0/000/../../keys"):
        assert client.get(f"/exchange/log/tile/{path}").status_code == 404, path
    assert read_policy(client.get("/exchange/log/keys").content.decode()) == log_policy()


def test_witness_that_is_away_is_asked_again_from_where_it_stands(
    client: Client, person_id: UUID, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(client, delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal"))
    log_extend()

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    with monkeypatch.context() as patch:
        client_away = httpx.Client(transport=httpx.MockTransport(away))
        patch.setattr(witnesses, "_client", lambda: client_away)
        assert log_cosign() == 0
    assert LogWitness.objects.get().last_error == "ConnectError"

    assert log_cosign() == 1
    LogWitness.objects.update(size=0)  # as after a restore of the platform from an older copy
    body = delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal", offset=START + 100)
    deliver(client, body)
    log_extend()
    assert log_cosign() == 1
    assert LogWitness.objects.get().size == 4


def test_proof_stands_on_the_newest_state_that_enough_witnesses_signed(
    client: Client, person_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memories = {name: Memory(tmp_path / f"{name}.sqlite3") for name in ("satu", "dua")}
    made = {name: _witness(f"saksi.test/{name}", memory) for name, memory in memories.items()}
    for name, one in made.items():
        witness_register(url=f"http://{name}.test", vkey=one.public_key.vkey(), by=BY)
    away: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.host.removesuffix(".test")
        if name in away:
            raise httpx.ConnectError("away")
        reply = made[name].add_checkpoint(request.content)
        return httpx.Response(reply.status, text=reply.body)

    client_of_both = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(witnesses, "_client", lambda: client_of_both)
    records = of_side(records_of_exchange(person_id), "out")
    deliver(client, delivery_body(records, gateway="portal"))
    log_extend()
    assert log_cosign() == 2
    away.add("dua")
    later = of_side(records_of_exchange(person_id), "out")
    deliver(client, delivery_body(later, gateway="portal", offset=START + 100))
    log_extend()
    assert log_cosign() == 1

    proven = records_prove(UUID(records[0].transaction_id))

    raw = format_receipt([(one.record, one.proof) for one in proven])
    receipt = verify_receipt(raw, policy=log_policy())
    assert {one.proven.witnesses for one in receipt.records} == {("saksi.test/dua", "saksi.test/satu")}
    waiting = records_prove(UUID(later[0].transaction_id))
    with pytest.raises(LogError, match=r"log\.quorum"):
        verify_receipt(format_receipt([(one.record, one.proof) for one in waiting]), policy=log_policy())
    for memory in memories.values():
        memory.close()


def test_witness_refuses_a_log_that_was_written_anew(
    client: Client, person_id: UUID, witness: Witness
) -> None:
    deliver(client, delivery_body(of_side(records_of_exchange(person_id), "out"), gateway="portal"))
    log_extend()
    assert log_cosign() == 1
    DeliveredRecord.objects.all().delete()
    LogTile.objects.all().delete()
    LogCheckpoint.objects.all().delete()
    batch = [of_side(records_of_exchange(person_id), "out")[0] for _ in range(5)]
    deliver(client, delivery_body(batch, gateway="portal", offset=START + 100))
    log_extend()

    assert log_cosign() == 0
    assert LogWitness.objects.get().last_error == "status 422"


def _submission(witness: Witness, text: str, *, head: str = "old 0\n") -> bytes:
    key = generate_key()
    return f"{head}\n{Note(text, (sign_note(text, name='x', key=key),))}".encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"old -1\n\nx\n1\ny\n\n", 400),
        (b"old 0\n" + b"A" * 44 + b"\n" * 2, 400),
        (b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx", 400),
    ],
)
def test_witness_submission_that_is_malformed_is_refused(witness: Witness, body: bytes, status: int) -> None:
    assert witness.add_checkpoint(body).status == status


def test_witness_of_an_unknown_log_or_signature_signs_nothing(witness: Witness) -> None:
    unknown = Checkpoint("other.test/log", 0, b"\0" * 32).text()
    assert witness.add_checkpoint(_submission(witness, unknown)).status == 404
    ours = Checkpoint(log_key_ensure().name, 1, b"\0" * 32).text()
    assert witness.add_checkpoint(_submission(witness, ours)).status == 403


def test_witness_key_that_is_none_is_refused(person_id: UUID) -> None:
    with pytest.raises(LogError, match=r"log\.key"):
        witness_register(url=WITNESS_URL, vkey="nonsense", by=BY)


@pytest.mark.parametrize("url", ["witness.test", "http://[::1", "file:///etc", "https://a b"])
def test_witness_with_the_key_of_a_log_or_no_address_is_refused(person_id: UUID, url: str) -> None:
    key = NoteKey("saksi.test/satu", generate_key().public_key(), KeyKind.COSIGNATURE)
    with pytest.raises(LogError, match=r"log\.witness_url"):
        witness_register(url=url, vkey=key.vkey(), by=BY)
    with pytest.raises(LogError, match=r"log\.key"):
        witness_register(url=WITNESS_URL, vkey=replace(key, kind=KeyKind.NOTE).vkey(), by=BY)


def test_proof_holds_no_record_of_another_exchange_under_the_same_id(
    client: Client, person_id: UUID, witness: Witness
) -> None:
    records = records_of_exchange(person_id)
    deliver_both(client, records)
    other = replace(records["out.request"], provider="36710009", subject="s" * 43, evidence="RAHASIA-1")
    deliver(client, delivery_body([other], gateway="portal", offset=START + 100))
    log_extend()
    log_cosign()

    found = trail_prove(person_id, UUID(other.transaction_id))

    assert found is not None
    assert b"RAHASIA-1" not in found.receipt
    assert (found.match, len(found.steps)) == (Match.PAIR, 4)


def test_receipt_of_two_sides_that_differ_shows_where(
    client: Client, person_id: UUID, witness: Witness
) -> None:
    records = records_of_exchange(person_id)
    records["in.response"] = replace(records["in.response"], response_digest="sha-256=:b:")
    records["out.response"] = replace(records["out.response"], response_digest="sha-256=:a:")
    deliver_both(client, records)
    log_extend()
    log_cosign()

    proven = records_prove(UUID(records["out.request"].transaction_id))
    receipt = verify_receipt(format_receipt([(one.record, one.proof) for one in proven]), policy=log_policy())

    assert receipt.contradictions == ("response_digest",)
    assert orjson.loads(format_receipt([]))["format"] == "terpadu-receipt-2"
