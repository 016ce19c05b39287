"""The way to a witness of the log (C2SP tlog-witness, "add-checkpoint")."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import httpx

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.notes import NoteKey, hash_lines, parse_note, parse_signature_lines, signers_of

TIMEOUT_S = 3.0
_MAX_ANSWER = 16 << 10


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
    body = f"old {old}\n{hash_lines(proof)}\n{note}".encode()
    try:
        response = _client().post(f"{url}/add-checkpoint", content=body, timeout=TIMEOUT_S)
    except httpx.HTTPError as error:
        raise WitnessAway(type(error).__name__) from error
    text = response.content[:_MAX_ANSWER].decode(errors="replace")
    if response.status_code == 409 and text.strip().isdecimal():
        raise WitnessBehind(int(text))
    if response.status_code != 200:
        raise WitnessRefused(f"status {response.status_code}")
    return _checked(text, key=key, note=note)


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
