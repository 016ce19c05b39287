"""Streams of frames: what is whole is accepted piece by piece, everything else is found."""

import hashlib
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.digest import content_digest
from terpadu_wire.errors import SignatureError
from terpadu_wire.keys import SigningSecret
from terpadu_wire.signing import STREAM, Signer, verify_response
from terpadu_wire.streams import CHUNK, DATA, StreamReader, StreamWriter, read_head

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SECRET = SigningSecret(KEY)
SIGNATURE = "exchange=:abc=:"
CONTENT = [b"satu", b"dua" * 1000, b"x"]


def frames(signature: str = SIGNATURE) -> list[bytes]:
    writer = StreamWriter(SECRET, signature)
    head = writer.head({"content-type": "application/pdf", "set-cookie": "a"})
    return [head, *(writer.data(one) for one in CONTENT), writer.end()]


def read(pieces: list[bytes], *, signature: str = SIGNATURE) -> tuple[bytes, StreamReader]:
    reader = StreamReader(KEY.public_key(), signature)
    content = b"".join(
        frame.payload for piece in pieces for frame in reader.feed(piece) if frame.kind == DATA
    )
    return content, reader


@given(cut=st.integers(1, 5000))
def test_stream_reader_accepts_what_the_writer_made_however_it_is_cut(cut: int) -> None:
    body = b"".join(frames())
    content, reader = read([body[at : at + cut] for at in range(0, len(body), cut)])

    assert content == b"".join(CONTENT)
    assert reader.ended
    assert (reader.digest, reader.size) == (content_digest(content), len(content))
    assert reader.proof


def test_stream_writer_known_answer() -> None:
    """Fix the bytes: the empty head, a frame of one byte, one of two that vouches for all three, and the end."""
    writer = StreamWriter(SECRET, "exchange=:AA==:")

    assert writer.head({}).hex()[:14] == "48" + "00000002" + "7b7d"
    data = writer.data(b"x")
    assert data[:6] == b"D\x00\x00\x00\x01x"
    binding = hashlib.sha256(b"exchange=:AA==:").digest()
    signed = b"terpadu-chunk-2\n" + binding + (1).to_bytes(8, "big") + b"D" + hashlib.sha256(b"x").digest()
    assert data[6:] == KEY.sign(signed)
    signed = b"terpadu-chunk-2\n" + binding + (2).to_bytes(8, "big") + b"D" + hashlib.sha256(b"xyz").digest()
    assert writer.data(b"yz")[7:] == KEY.sign(signed)
    assert b'{"content-digest":"' + content_digest(b"xyz").encode() + b'","size":3}' in writer.end()


WRONG: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "two pieces swapped": lambda one: [one[0], one[2], one[1], *one[3:]],
    "a piece left out": lambda one: [one[0], *one[2:]],
    "a piece twice": lambda one: [one[0], one[1], one[1], *one[2:]],
    "no head": lambda one: one[1:],
    "two heads": lambda one: [one[0], one[0], *one[1:]],
    "something after the end": lambda one: [*one, b"x"],
    "a frame after the end": lambda one: [*one, one[-1]],
    "a piece of another message": lambda one: [one[0], frames("exchange=:other=:")[1], *one[2:]],
    "an altered piece": lambda one: [one[0], one[1].replace(b"satu", b"SATU"), *one[2:]],
    "an unknown kind": lambda one: [one[0], b"X" + one[1][1:], *one[2:]],
    "a frame that is too long": lambda one: [one[0], b"D" + (CHUNK + 1).to_bytes(4, "big")],
    "a head that is too long": lambda one: [b"H" + (9 << 10).to_bytes(4, "big")],
}


@pytest.mark.parametrize("case", WRONG)
def test_stream_reader_refuses_what_the_writer_did_not_make(case: str) -> None:
    with pytest.raises(SignatureError) as caught:
        read(WRONG[case](frames()))
    assert caught.value.code == "stream.invalid"


@given(data=st.data())
def test_stream_reader_finds_one_altered_byte(data: st.DataObject) -> None:
    body = bytearray(b"".join(frames()))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        _, reader = read([bytes(body)])
    except SignatureError:
        return
    assert not reader.ended  # an altered length waits for more, and what was cut off is never whole


def test_stream_reader_of_a_cut_off_stream_has_not_ended() -> None:
    content, reader = read(frames()[:-1])

    assert content == b"".join(CONTENT)
    assert not reader.ended


def test_read_head_gives_the_describing_headers_alone() -> None:
    reader = StreamReader(KEY.public_key(), SIGNATURE)
    head: Iterator[bytes] = (frame.payload for frame in reader.feed(frames()[0]))

    assert read_head(next(head)) == {"content-type": "application/pdf"}


@pytest.mark.parametrize("payload", [b"[]x", b'{"set-cookie":"a"}', b'{"etag":1}', b'{"etag":"a\\nb"}', b"x"])
def test_read_head_of_anything_else_is_refused(payload: bytes) -> None:
    with pytest.raises(SignatureError):
        read_head(payload)


def test_verify_response_with_a_stream_needs_its_content_type_and_no_digest() -> None:
    signer = Signer(KEY, "a" * 64)
    for content_type, digest, holds in (
        (STREAM, "", True),
        ("application/json", "", False),
        (STREAM, "x", False),
    ):
        headers = {"content-type": content_type, "content-digest": digest, "fsc-transaction-id": "1"}
        made = signer.sign_response(status=200, headers=headers, request_signature="", now=1)

        def check(sent: dict[str, str]) -> None:
            verify_response(
                status=200,
                headers=sent,
                body=None,
                request_signature="",
                find_key=lambda keyid: KEY.public_key(),
                now=1,
            )

        if holds:
            check(headers | made.headers())
        else:
            with pytest.raises(SignatureError):
                check(headers | made.headers())
