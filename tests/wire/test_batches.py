"""Batch signatures: every message provable alone, nothing else passes, and the bytes that someone else can implement."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire import batches
from terpadu_wire.batches import CONTEXT, MAX_BATCH, KnownRoots, holds, sign_messages
from terpadu_wire.keys import PublicKey, SigningSecret, public_key_thumbprint
from terpadu_wire.signing import REQUEST_HEADERS, Signer, sign_together, verify_request

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
SECRET = SigningSecret(KEY)


def messages_of(count: int) -> list[bytes]:
    return [b"message %d" % number for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8, 9, 255, 256, 257, 600])
def test_sign_messages_each_holds_alone(count: int) -> None:
    messages, roots = messages_of(count), KnownRoots()
    signatures = sign_messages(messages, secret=SECRET)

    assert len(signatures) == count
    for message, signature in zip(messages, signatures, strict=True):
        assert holds(signature, message, key=PUBLIC)
        assert holds(signature, message, key=PUBLIC, roots=roots)
        assert not holds(signature, message + b"x", key=PUBLIC, roots=roots)
    assert len({signature[:64] for signature in signatures}) == -(-count // MAX_BATCH)


def test_sign_messages_alone_is_plain_ed25519() -> None:
    assert sign_messages([b"alone"], secret=SECRET) == [KEY.sign(b"alone")]


def test_sign_messages_known_answer() -> None:
    """Fix the bytes for three messages, written out step by step as another implementation would."""
    leaves = [hashlib.sha256(b"\x00message %d" % number).digest() for number in range(3)] + [bytes(32)]
    left = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    right = hashlib.sha256(b"\x01" + leaves[2] + leaves[3]).digest()
    root = hashlib.sha256(b"\x01" + left + right).digest()
    signature = KEY.sign(b"terpadu-batch-1\n\x02" + root)

    assert sign_messages(messages_of(3), secret=SECRET) == [
        signature + b"\x00\x00" + leaves[1] + right,
        signature + b"\x00\x01" + leaves[0] + right,
        signature + b"\x00\x02" + leaves[3] + left,
    ]


@given(count=st.integers(2, 40), data=st.data())
def test_holds_with_one_altered_byte_fails(count: int, data: st.DataObject) -> None:
    messages = messages_of(count)
    at = data.draw(st.integers(0, count - 1))
    signature = bytearray(sign_messages(messages, secret=SECRET)[at])
    signature[data.draw(st.integers(0, len(signature) - 1))] ^= data.draw(st.integers(1, 255))

    assert not holds(bytes(signature), messages[at], key=PUBLIC, roots=KnownRoots())


@pytest.mark.parametrize("count", [2, 3, 5])
def test_holds_for_another_message_or_key_of_the_batch_fails(count: int) -> None:
    messages, roots = messages_of(count), KnownRoots()
    signatures = sign_messages(messages, secret=SECRET)
    for signature in signatures:
        assert sum(holds(signature, message, key=PUBLIC, roots=roots) for message in messages) == 1
    other = Ed25519PrivateKey.generate().public_key()
    assert not holds(signatures[0], messages[0], key=other, roots=roots)


def test_holds_takes_no_inner_node_and_no_filling_for_a_message() -> None:
    messages = messages_of(3)
    first, _, last = sign_messages(messages, secret=SECRET)
    leaves = [hashlib.sha256(b"\x00" + message).digest() for message in messages]
    node = b"\x01" + leaves[0] + leaves[1]

    assert not holds(first[:66] + first[98:], node, key=PUBLIC)
    assert not holds(first[:66] + first[98:], node[1:], key=PUBLIC)
    assert not holds(last[:64] + b"\x00\x03" + leaves[2] + last[98:], b"", key=PUBLIC)


def test_holds_takes_no_signed_root_for_a_message_and_no_message_for_a_root() -> None:
    signature = sign_messages(messages_of(2), secret=SECRET)[0]
    leaves = [hashlib.sha256(b"\x00" + message).digest() for message in messages_of(2)]
    root = hashlib.sha256(b"\x01" + leaves[0] + leaves[1]).digest()

    # The signed bytes are a message of their own to plain Ed25519; no signature base begins like them.
    assert holds(signature[:64], CONTEXT + b"\x01" + root, key=PUBLIC)
    assert not holds(signature[:64], messages_of(2)[0], key=PUBLIC)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 66, 67, 97, 99, 66 + 32 * 9])
def test_holds_of_another_length_fails(length: int) -> None:
    assert not holds(bytes(length), b"message 0", key=PUBLIC)


def test_known_roots_verifies_each_batch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    real = batches.verifies

    def counting(key: PublicKey, signature: bytes, message: bytes) -> bool:
        checked.append(message)
        return real(key, signature, message)

    monkeypatch.setattr(batches, "verifies", counting)
    monkeypatch.setattr(batches, "_KEEP", 2)
    roots = KnownRoots()
    for start in range(4):
        messages = [b"%d/%d" % (start, number) for number in range(8)]
        for message, signature in zip(messages, sign_messages(messages, secret=SECRET), strict=True):
            assert holds(signature, message, key=PUBLIC, roots=roots)

    assert len(checked) == 4


def test_sign_together_of_several_signers_verifies_each() -> None:
    signers = [
        Signer(key, public_key_thumbprint(key.public_key())) for key in (KEY, Ed25519PrivateKey.generate())
    ]
    now, sent = 1_800_000_000, []
    for number in range(10):
        headers = dict.fromkeys(REQUEST_HEADERS, "")
        headers["fsc-transaction-id"] = str(number)
        headers["content-digest"] = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
        message = signers[number % 2].prepare_request(method="GET", target_uri="x:", headers=headers, now=now)
        sent.append((signers[number % 2], headers, message))
    signatures = sign_together([message for _, _, message in sent])

    assert len({signature.signature[:90] for signature in signatures}) == 2
    for (signer, headers, _), signature in zip(sent, signatures, strict=True):
        found = verify_request(
            method="GET",
            target_uri="x:",
            headers=headers | signature.headers(),
            body=b"",
            find_key={signer.keyid: signer.key.public_key()}.get,
            now=now,
        )
        assert found.nonce == headers["fsc-transaction-id"]
