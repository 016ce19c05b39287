"""Bodies of any size, signed as they pass: a stream of frames after a signed head.

A message whose body is a stream is signed like every other, with the content type :data:`terpadu_wire.signing.STREAM` and an empty
Content-Digest. Its body is frames: kind (1 byte), length (4 bytes, big-endian), payload, Ed25519 signature (64 bytes) over
CONTEXT, SHA-256 of the head's ``Signature`` header, the frame's number from 0 (8 bytes, big-endian), its kind, and a SHA-256.
First one ``H``: JSON object of the headers that describe the content. Then ``D`` frames: the content in pieces of at most
CHUNK bytes. Last one ``E``: JSON ``{"content-digest", "size"}`` of the whole content. Nothing follows. The SHA-256 of a ``D`` is
that of all content up to its end, so that every byte is hashed once; that of ``H`` and ``E`` is of the payload.

So each piece can be verified and passed on when it has arrived, no piece can be moved, left out or taken from another
message, and a stream that was cut off is told from a whole one.
"""

import base64
import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from terpadu_wire.digest import digest_field
from terpadu_wire.errors import JsonError, SignatureError
from terpadu_wire.keys import PublicKey, SigningSecret, verifies
from terpadu_wire.strict_json import parse_json

CONTEXT = b"terpadu-chunk-2\n"
CHUNK = 1 << 20
"""Most bytes of content in one frame."""
HEAD, DATA, END = b"H", b"D", b"E"
HEAD_NAMES = (
    "content-type",
    "content-length",
    "content-range",
    "content-disposition",
    "accept-ranges",
    "etag",
    "last-modified",
)
"""Headers that describe the content; others do not pass."""
_MAX_HEAD = 8 << 10
_PREFIX = struct.Struct(">cI")
_SIGNATURE = 64

Piece: TypeAlias = bytes | memoryview
"""Bytes that are not copied on their way."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One verified frame: its kind and payload."""

    kind: bytes
    payload: Piece


class _Chain:
    """What both ends count along: the frame's number, and digest and size of the content so far."""

    def __init__(self, signature: str) -> None:
        self._binding = hashlib.sha256(signature.encode("ascii")).digest()
        self._number = 0
        self._content = hashlib.sha256()
        self.size = 0
        self.proof = ""

    @property
    def digest(self) -> str:
        """Content-Digest of the content so far."""
        return digest_field(self._content.digest())

    def _signed(self, kind: bytes, payload: Piece) -> bytes:
        """Take a frame into account, and return what its signature is over."""
        number = self._number.to_bytes(8, "big")
        self._number += 1
        if kind == DATA:
            self._content.update(payload)
            self.size += len(payload)
        hashed = self._content if kind == DATA else hashlib.sha256(payload)
        return b"".join((CONTEXT, self._binding, number, kind, hashed.digest()))


class StreamWriter(_Chain):
    """Turns content into signed frames. ``proof`` is the last frame's payload and signature in base64, once it is made.

    Args:
        secret: key that signed the head.
        signature: the head's ``Signature`` header.
    """

    def __init__(self, secret: SigningSecret, signature: str) -> None:
        super().__init__(signature)
        self._secret = secret

    def head(self, headers: Mapping[str, str]) -> bytes:
        """Return the first frame: those of the headers that describe the content."""
        return self._frame(
            HEAD, orjson.dumps({name: headers[name] for name in HEAD_NAMES if name in headers})
        )

    def data(self, chunk: Piece) -> bytes:
        """Return the frame of a piece of content, 1 to CHUNK bytes."""
        return self._frame(DATA, chunk)

    def end(self) -> bytes:
        """Return the last frame."""
        frame = self._frame(END, orjson.dumps({"content-digest": self.digest, "size": self.size}))
        self.proof = base64.b64encode(frame[_PREFIX.size :]).decode("ascii")
        return frame

    def _frame(self, kind: bytes, payload: Piece) -> bytes:
        signature = self._secret.sign(self._signed(kind, payload))
        return b"".join((_PREFIX.pack(kind, len(payload)), payload, signature))


class StreamReader(_Chain):
    """Verifies frames as they arrive. ``ended`` tells whether the last one has come.

    Args:
        key: public key that signed the head.
        signature: the head's ``Signature`` header.
    """

    def __init__(self, key: PublicKey, signature: str) -> None:
        super().__init__(signature)
        self._key = key
        self._kind = b""
        self._need = _PREFIX.size
        self._rest = b""
        self.ended = False

    @property
    def wanted(self) -> int:
        """How many bytes to feed next: with just so many, content is verified where it lies and never copied."""
        return self._need - len(self._rest)

    def feed(self, piece: Piece) -> Iterator[Frame]:
        """Yield the frames that are whole with this piece of the body.

        Raises:
            SignatureError: ``stream.invalid``; a frame is malformed, not signed, out of order or follows the last.
        """
        have = memoryview(self._rest + piece if self._rest else piece)
        while len(have) >= self._need:
            part, have = have[: self._need], have[self._need :]
            if self._kind:
                frame = self._verified(self._kind, part[:-_SIGNATURE], bytes(part[-_SIGNATURE:]))
                self._kind, self._need = b"", _PREFIX.size
                yield frame
            else:
                self._kind, length = _PREFIX.unpack(part)
                self._check_order(self._kind, length)
                self._need = length + _SIGNATURE
        self._rest = bytes(have)
        if self._rest and self.ended:
            raise _invalid("something follows the last frame")

    def _check_order(self, kind: bytes, length: int) -> None:
        first = self._number == 0
        if self.ended or (kind == HEAD) != first or kind not in (HEAD, DATA, END):
            raise _invalid("a frame is out of order")
        if length > (CHUNK if kind == DATA else _MAX_HEAD):
            raise _invalid("a frame is too long")

    def _verified(self, kind: bytes, payload: Piece, signature: bytes) -> Frame:
        if not verifies(self._key, signature, self._signed(kind, payload)):
            raise _invalid("a frame is not signed by the sender of the message")
        if kind == END:
            self.ended = True
            self.proof = base64.b64encode(bytes(payload) + signature).decode("ascii")
            if _members(payload) != {"content-digest": self.digest, "size": self.size}:
                raise _invalid("the last frame does not fit the content")
        return Frame(kind, payload)


def read_head(payload: Piece) -> dict[str, str]:
    """Return the headers of a stream's first frame.

    Raises:
        SignatureError: ``stream.invalid``; it holds something else.
    """
    headers: dict[str, str] = {}
    for name, value in _members(payload).items():
        if name not in HEAD_NAMES or not isinstance(value, str):
            raise _invalid("the first frame holds something else than headers")
        if not (value.isascii() and value.isprintable() and len(value) <= 1000):
            raise _invalid("a header of the first frame is malformed")
        headers[name] = value
    return headers


def _members(payload: Piece) -> dict[str, object]:
    try:
        value = parse_json(bytes(payload))
    except JsonError as error:
        raise _invalid("a frame is not JSON") from error
    return dict(value) if isinstance(value, dict) else {}


def _invalid(reason: str) -> SignatureError:
    return SignatureError("stream.invalid", reason)
