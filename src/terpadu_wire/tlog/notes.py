"""Signed notes (C2SP signed-note) with Ed25519, and the cosignatures of witnesses (C2SP tlog-cosignature)."""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from terpadu_wire.errors import LogError
from terpadu_wire.keys import PrivateKey, PublicKey, verifies

MAX_NOTE = 64 << 10
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,200}")
_LINE = re.compile(r"— (?P<name>[^\s+]{1,200}) (?P<blob>[A-Za-z0-9+/]+={0,2})")
_KEY_ID_BYTES = 4
_TIME_BYTES = 8


class KeyKind(IntEnum):
    """What a key of a note signs, and how (signed-note, "Signature types")."""

    NOTE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes. name: who, as a schema-less address. kind: note or cosignature."""

    name: str
    key: PublicKey
    kind: KeyKind = KeyKind.NOTE

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that name the key in a signature line."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self._raw()).digest()[
            :_KEY_ID_BYTES
        ]

    def vkey(self) -> str:
        """Return the key as one line of text that a verifier can be given."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.kind]) + self._raw())}"

    def _raw(self) -> bytes:
        return self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature under a note: who, which key, and the bytes after the key's id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, with its last newline, and the signatures under it."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(line) for line in self.signatures)


def read_vkey(line: str) -> NoteKey:
    """Return the key of a verifier's line of text.

    Raises:
        LogError: ``log.key``; the line is not a verifier key, or of another algorithm than Ed25519.
    """
    try:
        name, key_id, encoded = line.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key = NoteKey(name, Ed25519PublicKey.from_public_bytes(raw[1:]), KeyKind(raw[0]))
    except (ValueError, IndexError, binascii.Error) as error:
        raise LogError("log.key", "the line is not a verifier key") from error
    if not _NAME.fullmatch(name) or key.key_id.hex() != key_id:
        raise LogError("log.key", "the verifier key's name and id do not fit")
    return key


def parse_note(raw: str) -> Note:
    """Return the note that a text holds; none of its signatures is checked yet.

    Raises:
        LogError: ``log.note``; it is too long or not a signed note.
    """
    text, blank, below = raw.rpartition("\n\n")
    if not blank or not below.endswith("\n") or len(raw) > MAX_NOTE or _has_control(raw):
        raise LogError("log.note", "the text is not a signed note")
    return Note(text + "\n", parse_signature_lines(below))


def parse_signature_lines(raw: str) -> tuple[SignatureLine, ...]:
    """Return the signatures of lines as they stand under a note.

    Raises:
        LogError: ``log.note``; a line is not a signature.
    """
    if not raw.endswith("\n") or len(raw) > MAX_NOTE:
        raise LogError("log.note", "a signature line is malformed")
    return tuple(_signature_line(line) for line in raw[:-1].split("\n"))


def sign_note(text: str, *, name: str, key: PrivateKey) -> SignatureLine:
    """Return the signature of a text, which ends with a newline."""
    signer = NoteKey(name, key.public_key())
    return SignatureLine(name, signer.key_id, key.sign(text.encode()))


def cosign(text: str, *, name: str, key: PrivateKey, at: int) -> SignatureLine:
    """Return a witness's cosignature of a checkpoint's text. at: Unix seconds."""
    signer = NoteKey(name, key.public_key(), KeyKind.COSIGNATURE)
    signed = struct.pack(">Q", at) + key.sign(_cosigned(text, at))
    return SignatureLine(name, signer.key_id, signed)


def signers_of(note: Note, keys: Iterable[NoteKey]) -> list[NoteKey]:
    """Return those of the known keys whose signature stands under a note; unknown signatures are passed over.

    Raises:
        LogError: ``log.signature``; a known key's signature does not hold, so the whole note is not to be trusted.
    """
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not _holds(key, line, note.text):
            raise LogError("log.signature", f"the signature of {line.name} does not hold")
        found.append(key)
    return found


def cosigned_at(line: SignatureLine) -> int:
    """Return the Unix second that a cosignature names.

    Raises:
        LogError: ``log.note``; the line is not a cosignature.
    """
    if len(line.signature) <= _TIME_BYTES:
        raise LogError("log.note", "the line is not a cosignature")
    return int.from_bytes(line.signature[:_TIME_BYTES], "big")


def _holds(key: NoteKey, line: SignatureLine, text: str) -> bool:
    if key.kind is KeyKind.NOTE:
        return verifies(key.key, line.signature, text.encode())
    signed = _cosigned(text, cosigned_at(line))
    return verifies(key.key, line.signature[_TIME_BYTES:], signed)


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature_line(line: str) -> SignatureLine:
    found = _LINE.fullmatch(line)
    if found is None:
        raise LogError("log.note", "a signature line is malformed")
    try:
        blob = base64.b64decode(found["blob"], validate=True)
    except binascii.Error as error:
        raise LogError("log.note", "a signature is not base64") from error
    if len(blob) <= _KEY_ID_BYTES:
        raise LogError("log.note", "a signature is too short")
    return SignatureLine(found["name"], blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


def _has_control(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def hash_lines(hashes: Sequence[bytes]) -> str:
    """Return hashes as base64, one to a line."""
    return "".join(f"{_base64(value)}\n" for value in hashes)


def read_hash_lines(lines: Iterable[str]) -> list[bytes]:
    """Return the hashes of lines of base64.

    Raises:
        LogError: ``log.note``; a line is not the base64 of 32 bytes.
    """
    try:
        hashes = [base64.b64decode(line, validate=True) for line in lines]
    except (binascii.Error, ValueError) as error:
        raise LogError("log.note", "a hash is not base64") from error
    if any(len(value) != hashlib.sha256().digest_size for value in hashes):
        raise LogError("log.note", "a hash has a wrong length")
    return hashes
