"""What a witness decides: sign a checkpoint, or say why not (C2SP tlog-witness, "add-checkpoint")."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from terpadu_wire.errors import LogError
from terpadu_wire.keys import PrivateKey
from terpadu_wire.tlog.checkpoints import Checkpoint, parse_checkpoint
from terpadu_wire.tlog.merkle import EMPTY_ROOT, consistency_holds
from terpadu_wire.tlog.notes import (
    KeyKind,
    Note,
    NoteKey,
    cosign,
    parse_note,
    read_hash_lines,
    signers_of,
)
from terpadu_witness.memory import Memory, Seen

_OLD = re.compile(r"old (0|[1-9]\d{0,17})")
_MAX_PROOF = 63
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: HTTP status, body, media type."""

    status: int
    body: str = ""
    media_type: str = TEXT


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint that asks for a signature. old: size of the tree that the proof begins at."""

    old: int
    proof: list[bytes]
    note: Note
    checkpoint: Checkpoint


class Witness:
    """Signs states of the logs it knows, each only when it continues the one before.

    Args:
        name: names it in its signatures.
        key: its private key.
        logs: keys of the logs it knows.
        memory: what it signed before.
        clock: Unix seconds.
    """

    def __init__(
        self,
        *,
        name: str,
        key: PrivateKey,
        logs: Sequence[NoteKey],
        memory: Memory,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._key = key
        self._logs = {log.name: log for log in logs}
        self._memory = memory
        self._clock = clock

    @property
    def public_key(self) -> NoteKey:
        """Return the key that its signatures verify under."""
        return NoteKey(self._name, self._key.public_key(), KeyKind.COSIGNATURE)

    def add_checkpoint(self, body: bytes) -> Reply:
        """Return our signature of a checkpoint, or the refusal that the standard names. Nothing here waits, so calls do not interleave."""
        try:
            submission = _read(body)
        except (LogError, UnicodeDecodeError):
            return Reply(400)
        log = self._logs.get(submission.checkpoint.origin)
        if log is None:
            return Reply(404)
        try:
            if log not in signers_of(submission.note, [log]):
                return Reply(403)
        except LogError:
            return Reply(403)
        return self._sign(submission)

    def newest(self, origin_hash: str, *, hash_of: Callable[[str], str]) -> Reply:
        """Return the newest checkpoint of a log with our signature. hash_of: gives the hash of a log's name."""
        for origin in self._logs:
            seen = self._memory.newest(origin) if hash_of(origin) == origin_hash else None
            if seen is not None:
                return Reply(200, seen.note)
        return Reply(404)

    def _sign(self, submission: Submission) -> Reply:
        checkpoint = submission.checkpoint
        if submission.old > checkpoint.size:
            return Reply(400)
        seen = self._memory.newest(checkpoint.origin)
        size, root = (seen.size, seen.root) if seen else (0, EMPTY_ROOT)
        if submission.old != size:
            return Reply(409, f"{size}\n", SIZE)
        if not _continues(size, root, submission):
            return Reply(422)
        line = cosign(submission.note.text, name=self._name, key=self._key, at=int(self._clock()))
        kept = tuple(one for one in submission.note.signatures if one.name == checkpoint.origin)
        note = Note(submission.note.text, (*kept, line))
        self._memory.keep(checkpoint.origin, Seen(checkpoint.size, checkpoint.root, str(note)))
        return Reply(200, str(line))


def _continues(size: int, root: bytes, submission: Submission) -> bool:
    checkpoint = submission.checkpoint
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        return False
    return consistency_holds(
        old=size, new=checkpoint.size, old_root=root, new_root=checkpoint.root, proof=submission.proof
    )


def _read(body: bytes) -> Submission:
    head, blank, raw_note = body.decode().partition("\n\n")
    first, *lines = head.split("\n")
    found = _OLD.fullmatch(first)
    if not blank or found is None or len(lines) > _MAX_PROOF:
        raise LogError("log.submission", "the submission is malformed")
    note = parse_note(raw_note)
    return Submission(int(found[1]), read_hash_lines(lines), note, parse_checkpoint(note.text))
