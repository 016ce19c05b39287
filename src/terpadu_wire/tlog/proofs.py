"""Proofs (C2SP tlog-proof) that an entry stands in a log, and their check with public keys alone."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.checkpoints import Checkpoint, parse_checkpoint
from terpadu_wire.tlog.merkle import inclusion_holds, leaf_hash
from terpadu_wire.tlog.notes import (
    KeyKind,
    NoteKey,
    cosigned_at,
    hash_lines,
    parse_note,
    read_hash_lines,
    read_vkey,
    signers_of,
)

_HEAD = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,17})")
_MAX_PATH = 63


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """Whom a verifier trusts. log: the log's key. witnesses: keys of witnesses. quorum: how many of them must have signed."""

    log: NoteKey
    witnesses: tuple[NoteKey, ...] = ()
    quorum: int = 0


@dataclass(frozen=True, slots=True)
class Proven:
    """What a proof shows. witnesses: names of those who cosigned. witnessed_at: latest second that one of them names, or None."""

    index: int
    checkpoint: Checkpoint
    witnesses: tuple[str, ...]
    witnessed_at: int | None


def format_proof(index: int, path: Sequence[bytes], checkpoint_note: str) -> str:
    """Return the text of a proof. checkpoint_note: the signed checkpoint, word for word."""
    return f"{_HEAD}\nindex {index}\n{hash_lines(path)}\n{checkpoint_note}"


def verify_proof(text: str, *, entry: bytes, policy: LogPolicy) -> Proven:
    """Check that an entry stands in the log whose keys the policy names.

    entry: the bytes of the leaf, before hashing.

    Raises:
        LogError: ``log.proof`` (malformed), ``log.origin`` (another log), ``log.signature``, ``log.quorum`` (too few
            witnesses) or ``log.inclusion`` (the entry is not what was logged).
    """
    index, path, raw_note = _parse(text)
    note = parse_note(raw_note)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != policy.log.name:
        raise LogError("log.origin", "the proof is of another log")
    signers = signers_of(note, [policy.log, *policy.witnesses])
    if policy.log not in signers:
        raise LogError("log.signature", "the log has not signed this checkpoint")
    witnesses = {key.name for key in signers if key.kind is KeyKind.COSIGNATURE}
    if len(witnesses) < policy.quorum:
        raise LogError("log.quorum", f"{policy.quorum} witnesses must have signed; {len(witnesses)} have")
    if not inclusion_holds(
        leaf=leaf_hash(entry), index=index, size=checkpoint.size, proof=path, root=checkpoint.root
    ):
        raise LogError("log.inclusion", "the log does not hold this entry")
    known = {(key.name, key.key_id) for key in policy.witnesses}
    times = [cosigned_at(line) for line in note.signatures if (line.name, line.key_id) in known]
    return Proven(index, checkpoint, tuple(sorted(witnesses)), max(times, default=None))


def read_policy(text: str) -> LogPolicy:
    """Return the policy of a text: one verifier key to a line, and ``quorum N``; empty lines and ``#`` are passed over.

    Raises:
        LogError: ``log.policy``; there is not exactly one log key, or the quorum cannot be reached.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys, quorum = [], None
    for line in lines:
        if line.startswith("quorum "):
            quorum = _number(line.removeprefix("quorum "))
        elif line and not line.startswith("#"):
            keys.append(read_vkey(line))
    logs = [key for key in keys if key.kind is KeyKind.NOTE]
    witnesses = tuple(key for key in keys if key.kind is KeyKind.COSIGNATURE)
    if len(logs) != 1:
        raise LogError("log.policy", "name exactly one key of a log")
    quorum = len(witnesses) if quorum is None else quorum
    if quorum > len(witnesses):
        raise LogError("log.policy", "the quorum is larger than the number of witnesses")
    return LogPolicy(logs[0], witnesses, quorum)


def format_policy(policy: LogPolicy, *, notes: Collection[str] = ()) -> str:
    """Return a policy as text that `read_policy` reads. notes: comment lines to begin with."""
    comments = "".join(f"# {note}\n" for note in notes)
    keys = "".join(f"{key.vkey()}\n" for key in (policy.log, *policy.witnesses))
    return f"{comments}{keys}quorum {policy.quorum}\n"


def _parse(text: str) -> tuple[int, list[bytes], str]:
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != _HEAD:
        raise LogError("log.proof", "the text is not a log proof")
    rest = lines[2:] if len(lines) > 1 and lines[1].startswith("extra ") else lines[1:]
    found = _INDEX.fullmatch(rest[0]) if rest else None
    if found is None or len(rest) - 1 > _MAX_PATH:
        raise LogError("log.proof", "the text is not a log proof")
    return int(found[1]), read_hash_lines(rest[1:]), note


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise LogError("log.policy", "the quorum is not a number")
    return int(text)
