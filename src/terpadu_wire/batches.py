"""One Ed25519 signature for a batch of messages, with a proof for each that the batch holds it.

A signer that has several messages at hand at once may sign the root of a Merkle tree over them. Each message then carries
the same 64 signature bytes, its place in the tree and the hashes from its leaf up to the root: whoever holds one message
and the signer's public key can verify it alone, for ever, without the others. A single message is signed plainly.

The tree is perfect: its leaves are the SHA-256 of 0x00 and a message, filled up with 32 zero bytes to a power of two; an
inner node is the SHA-256 of 0x01, left and right. Signed is CONTEXT, the depth (1 byte) and the root. A signature is then
64 bytes, the place (2 bytes, big-endian) and ``depth`` hashes of 32 bytes, the lowest first.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

from terpadu_wire.keys import PublicKey, SigningSecret, verifies

CONTEXT = b"terpadu-batch-1\n"
"""Begins what a batch's signature is over; no single message begins so, hence neither passes as the other."""
MAX_DEPTH = 8
MAX_BATCH = 1 << MAX_DEPTH
SIGNATURE_BYTES = 64
_HASH = 32
_HEAD = SIGNATURE_BYTES + 2
_NOTHING = bytes(_HASH)
_KEEP = 4096
_sha256 = hashlib.sha256


class KnownRoots:
    """The signed roots that were verified lately, so that the messages of one batch cost one verification."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, bytes], PublicKey] = OrderedDict()

    def verifies(self, key: PublicKey, signature: bytes, message: bytes) -> bool:
        """Say whether a signature holds, remembering those that do."""
        known = (signature, message)
        if self._known.get(known) is key:
            return True
        if not verifies(key, signature, message):
            return False
        self._known[known] = key
        if len(self._known) > _KEEP:
            self._known.popitem(last=False)
        return True


def sign_messages(messages: Sequence[bytes], *, secret: SigningSecret) -> list[bytes]:
    """Return the signature of each message: plain for one alone, of the batch for several.

    Args:
        messages: what to sign, any number.
        secret: the signer's key.
    """
    signatures: list[bytes] = []
    for start in range(0, len(messages), MAX_BATCH):
        some = messages[start : start + MAX_BATCH]
        signatures += [secret.sign(some[0])] if len(some) == 1 else _sign_batch(some, secret)
    return signatures


def holds(signature: bytes, message: bytes, *, key: PublicKey, roots: KnownRoots | None = None) -> bool:
    """Say whether a signature, plain or of a batch, is of this message under a key.

    Args:
        signature: 64 bytes, or those and the proof of a batch.
        message: what was signed.
        key: the signer's public key.
        roots: remembers the batches that were verified.
    """
    if len(signature) == SIGNATURE_BYTES:
        return verifies(key, signature, message)
    depth, rest = divmod(len(signature) - _HEAD, _HASH)
    if rest or not 1 <= depth <= MAX_DEPTH:
        return False
    place = int.from_bytes(signature[SIGNATURE_BYTES:_HEAD], "big")
    if place >> depth:
        return False
    signed = _signed(_climb(_sha256(b"\0" + message).digest(), place, signature), depth)
    check = roots.verifies if roots is not None else verifies
    return check(key, signature[:SIGNATURE_BYTES], signed)


def _sign_batch(messages: Sequence[bytes], secret: SigningSecret) -> list[bytes]:
    level = [_sha256(b"\0" + message).digest() for message in messages]
    depth = (len(level) - 1).bit_length()
    level += [_NOTHING] * ((1 << depth) - len(level))
    paths: list[list[bytes]] = [[] for _ in messages]
    for height in range(depth):
        for place, path in enumerate(paths):
            path.append(level[place >> height ^ 1])
        level = [_node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    signature = secret.sign(_signed(level[0], depth))
    return [b"".join((signature, place.to_bytes(2, "big"), *path)) for place, path in enumerate(paths)]


def _climb(found: bytes, place: int, signature: bytes) -> bytes:
    for at in range(_HEAD, len(signature), _HASH):
        sibling = signature[at : at + _HASH]
        found = _node(sibling, found) if place & 1 else _node(found, sibling)
        place >>= 1
    return found


def _node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\1" + left + right).digest()


def _signed(root: bytes, depth: int) -> bytes:
    return CONTEXT + bytes((depth,)) + root
