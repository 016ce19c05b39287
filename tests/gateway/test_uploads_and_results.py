"""Requests of any size, and results that come later; one road for all.

A large request is whole or clearly not, carried out once, takes no memory, and is recorded before it is whole. A deferred
result is for an open interaction of the same two agencies, in time, once.
"""

import asyncio
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from terpadu_gateway.interactions import Interactions
from terpadu_gateway.messages import Refusal
from terpadu_wire.digest import content_digest, digest_field
from terpadu_wire.records import Record
from terpadu_wire.streams import StreamWriter
from terpadu_wire.transactions import new_transaction_id
from tests.gateway.country import PORTAL, REGISTRY, RESULTS, SERVICE
from tests.gateway.forger import Forger, Message
from tests.gateway.processes import wait_until
from tests.gateway.road import Road, call_headers, now
from tests.gateway.segments import records_in, records_of
from tests.gateway.test_streams import resident_mb

MB = 1 << 20
PARTIES = (PORTAL, REGISTRY)
PATH = f"/{REGISTRY}/{SERVICE}/unggah"


def send(road: Road, content: bytes | Iterator[bytes], **changes: str) -> httpx.Response:
    headers = call_headers() | {"content-type": "application/x-arsip"}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return httpx.post(road.outway_url + PATH, headers=headers, content=content, timeout=60)


@pytest.mark.parametrize("size", [1, 1000, MB, MB + 1, 5 * MB])
def test_upload_of_any_size_arrives_whole_and_recorded_on_both_sides(road: Road, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    answer = send(road, content[:size])

    assert answer.status_code == 200, answer.text
    digest = hashlib.sha256(content[:size])
    assert answer.json() == {
        "ukuran": size,
        "sidik": f"{digest.hexdigest()} x1",
        "jenis": "application/x-arsip",
    }
    for side in (road.portal, road.agency):
        records = records_of(side.segments, answer.headers["fsc-transaction-id"])
        is_stream = size > MB
        assert [one.phase for one in records] == ["request"] * (1 + is_stream) + ["response"]
        assert records[-1].outcome == "answered"
        assert {one.request_digest for one in records[is_stream:]} == {digest_field(digest.digest())}
        assert bool(records[-1].request_end) is is_stream


def test_upload_sent_again_with_its_key_is_carried_out_once(road: Road) -> None:
    content = b"berkas" * MB
    named = {"idempotency_key": "u-1", "content_digest": content_digest(content)}
    first, again = send(road, content, **named), send(road, content, **named)

    assert first.json() == again.json()
    assert first.json()["sidik"].endswith(" x1")
    other = content[:-1] + b"!"
    assert send(road, other, **named | {"content_digest": content_digest(other)}).json()["code"] == (
        "idempotency.mismatch"
    )
    assert send(road, content, idempotency_key="u-2").json()["code"] == "gateway.header_refused"
    lying = send(road, other, idempotency_key="u-3", content_digest=content_digest(content))
    assert lying.json()["code"] == "signature.digest"
    mended = {"idempotency_key": "u-3", "content_digest": content_digest(other)}
    wait_until(lambda: send(road, other, **mended).status_code == 200)


def test_large_body_for_an_operation_that_takes_none_is_refused(road: Road) -> None:
    answer = road.call(body=b'{"nik": "%s"}' % (b"1" * 2 * MB))

    assert (answer.status_code, answer.json()["code"]) == (413, "gateway.body_too_large")


def test_upload_that_breaks_off_reaches_no_system_whole_and_is_recorded_as_failed(road: Road) -> None:
    host, port = road.outway_url.removeprefix("http://").split(":")
    lines = "".join(f"{name}: {value}\r\n" for name, value in call_headers().items())
    head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {9 * MB}\r\n{lines}\r\n"
    before = {side: len(records_in(side.segments)) for side in (road.portal, road.agency)}
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"x" * 4 * MB)

    for side, known in before.items():
        failed = wait_until(lambda side=side, known=known: _response(records_in(side.segments)[known:]))
        assert (failed.outcome, failed.request_end) in (("refused", ""), ("failed", ""))


@pytest.mark.parametrize("change", ["content", "signature", "order", "cut", "other_head"])
def test_upload_that_was_tampered_with_is_refused(road: Road, change: str) -> None:
    forger = Forger(road)
    content = b"a" * MB
    message = Message(
        forger.token(),
        path="/unggah",
        body=b"",
        headers={"content-type": "application/vnd.terpadu.stream", "content-digest": ""},
    )
    signature = forger.sign(message)
    bound_to = "exchange=:AAAA:" if change == "other_head" else signature["signature"]
    writer = StreamWriter(forger.peer.signer.secret, bound_to)
    frames = [writer.head({"content-length": str(2 * MB)}), writer.data(content), writer.data(content)]
    frames.append(writer.end())
    message.body = b"".join(_tampered(frames, change))
    answer = forger.send(message, signature)
    forger.close()

    assert (answer.status_code, answer.json()["code"]) in (
        (400, "upload.invalid"),
        (400, "upload.broken"),
    )


def test_upload_larger_than_memory_may_grow_takes_none(road: Road) -> None:
    assert send(road, b"x").status_code == 200
    before = {side: resident_mb(side) for side in (road.portal, road.agency)}
    piece, peak = b"x" * MB, dict.fromkeys(before, 0.0)

    def content() -> Iterator[bytes]:
        for number in range(300):
            if number % 20 == 0:
                for side in before:
                    peak[side] = max(peak[side], resident_mb(side) - before[side])
            yield piece

    answer = send(road, content(), content_length=str(300 * MB))

    assert answer.json()["ukuran"] == 300 * MB
    assert max(peak.values()) < 40


def _tampered(frames: list[bytes], change: str) -> list[bytes]:
    if change == "content":
        frames[1] = frames[1][:100] + b"b" + frames[1][101:]
    elif change == "signature":
        frames[2] = frames[2][:-1] + bytes([frames[2][-1] ^ 1])
    elif change == "order":
        frames[1], frames[2] = frames[2], frames[1]
    elif change == "cut":
        frames = frames[:-1]
    return frames


def _response(records: list[Record]) -> Record | None:
    return next((one for one in records if one.phase == "response"), None)


def ask(road: Road, path: str, body: str, **changes: str) -> httpx.Response:
    return road.call(path=path, body=body.encode(), **changes)


def test_deferred_result_is_asked_for_until_it_is_there(road: Road) -> None:
    first = ask(road, "/olah", "{}")
    interaction = first.headers["fsc-transaction-id"]
    early = ask(road, "/hasil", f'{{"interaksi":"{interaction}","siap":false}}')
    last = ask(road, "/hasil", f'{{"interaksi":"{interaction}"}}', idempotency_key="p-1")
    again = ask(road, "/hasil", f'{{"interaksi":"{interaction}"}}', idempotency_key="p-1")
    over = ask(road, "/hasil", f'{{"interaksi":"{interaction}"}}')

    assert [one.status_code for one in (first, early, last, again)] == [202, 202, 200, 200]
    assert last.json() == again.json() == {"hasil": interaction}
    assert (over.status_code, over.json()["code"]) == (409, "interaction.ended")
    for call in (first, early, last):
        for side in (road.portal, road.agency):
            answered = records_of(side.segments, call.headers["fsc-transaction-id"])[-1]
            assert (answered.outcome, answered.interaction) == ("answered", interaction)


def test_deferred_result_is_brought_under_the_callback_contract(road: Road) -> None:
    interaction = ask(road, "/olah", "{}").headers["fsc-transaction-id"]
    first, again, late = (bring(road, interaction, key) for key in ("c-1", "c-1", "c-2"))

    assert [first.status_code, again.status_code] == [200, 200], first.text
    assert late.json()["code"] == "interaction.ended"
    assert bring(road, new_transaction_id(now=now()), "c-3").json()["code"] == "interaction.unknown"
    for side in (road.portal, road.agency):
        asked, given = records_of(side.segments, first.headers["fsc-transaction-id"])
        assert (asked.consumer, asked.provider, asked.interaction) == (REGISTRY, PORTAL, interaction)
        assert (given.outcome, given.interaction) == ("answered", interaction)


def bring(road: Road, interaction: str, key: str) -> httpx.Response:
    """Bring a result from the registry to the portal."""
    url = f"{road.agency_outway_url}/{PORTAL}/{RESULTS}/hasil"
    headers = call_headers() | {"idempotency-key": key, "terpadu-evidence": ""}
    return httpx.post(url, content=f'{{"interaksi":"{interaction}"}}', headers=headers)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{}", "interaction.missing"),
        ('{"interaksi":"x"}', "interaction.missing"),
        ('{"interaksi":["a"]}', "interaction.missing"),
        (f'{{"interaksi":"{new_transaction_id(now=now())}"}}', "interaction.unknown"),
    ],
    ids=["none", "text", "list", "unknown"],
)
def test_call_without_an_open_interaction_is_refused(road: Road, body: str, code: str) -> None:
    assert ask(road, "/hasil", body).json()["code"] == code


def test_interaction_is_of_two_parties_for_a_time_and_once(tmp_path: Path) -> None:
    clock = [1000.0]
    interactions = Interactions(tmp_path / "interactions", clock=lambda: clock[0])
    one = new_transaction_id(now=1000)

    async def check(parties: tuple[str, str] = PARTIES, call: str = "a") -> str:
        try:
            await interactions.check(one, parties=parties, call=call)
        except Refusal as refusal:
            return refusal.code
        return ""

    async def story() -> list[str]:
        codes = [await check()]
        await interactions.open(one, parties=PARTIES, within=60)
        codes += [await check(), await check((PARTIES[1], PARTIES[0])), await check(("x", PARTIES[0]))]
        await interactions.end(one, call="a")
        codes += [await check(call="a"), await check(call="b")]
        clock[0] += 60
        return [*codes, await check(call="a")]

    assert asyncio.run(story()) == [
        "interaction.unknown",
        "",
        "",
        "interaction.unknown",
        "",
        "interaction.ended",
        "interaction.expired",
    ]
