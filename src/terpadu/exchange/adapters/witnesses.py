"""The way to a witness of the log (C2SP tlog-witness, "add-checkpoint")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import httpx

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.notes import NoteKey, hash_lines, parse_note, parse_signature_lines, signers_of

TIMEOUT_S = 3.0
_MAX_ANSWER = 16 << 10
_SIZE = re.compile(r"[0-9]{1,18}\n?")


class WitnessAway(Exception):
    """The witness cannot be reached. `reason`: stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WitnessRefused(WitnessAway):
    """The witness does not sign: it disagrees, does not know the log, or answers nonsense."""


class WitnessBehind(Exception):
    """The witness remembers a state of another size. `size`: of how many leaves."""

    def __init__(self, size: int) -> None:
        super().__init__(str(size))
        self.size = size


def ask_witness(url: str, *, key: NoteKey, old: int, proof: Sequence[bytes], note: str) -> str:
    """Return the line by which a witness cosigns a state, checked.

    url: of the witness. key: its verifier key. old: size of the state that it signed last. proof: consistency proof from
    there. note: the checkpoint with the log's signature.
    Raises WitnessAway, WitnessRefused or WitnessBehind.
    """
    status, text = _post(f"{url}/add-checkpoint", f"old {old}\n{hash_lines(proof)}\n{note}".encode())
    if status == 409 and _SIZE.fullmatch(text):
        raise WitnessBehind(int(text))
    if status != 200:
        raise WitnessRefused(f"status {status}")
    return _checked(text, key=key, note=note)


def _post(url: str, body: bytes) -> tuple[int, str]:
    """Return status and text of an answer; of a long one its beginning alone is read."""
    given = bytearray()
    try:
        with _client().stream("POST", url, content=body, timeout=TIMEOUT_S) as response:
            for piece in response.iter_bytes(_MAX_ANSWER):
                given += piece
                if len(given) >= _MAX_ANSWER:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise WitnessAway(type(error).__name__) from error
    return response.status_code, given[:_MAX_ANSWER].decode(errors="replace")


def _checked(text: str, *, key: NoteKey, note: str) -> str:
    """Return the one line that the key signed; whatever else the witness says is left out."""
    try:
        signed = parse_note(note + text)
        if not signers_of(signed, [key]):
            raise WitnessRefused("no signature of its key")
        line = next(
            one for one in parse_signature_lines(text) if (one.name, one.key_id) == (key.name, key.key_id)
        )
    except LogError as error:
        raise WitnessRefused(error.code) from error
    return str(line)


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    return httpx.Client(trust_env=False, follow_redirects=False)
