"""Checkpoints (C2SP tlog-checkpoint): which log, how many leaves, which root."""

import re
from dataclasses import dataclass

from terpadu_wire.errors import LogError
from terpadu_wire.tlog.notes import hash_lines, read_hash_lines

_SIZE = re.compile(r"0|[1-9]\d{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log. origin: name of the log. size: number of leaves. root: hash of the tree, 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that the log signs and witnesses cosign."""
        return f"{self.origin}\n{self.size}\n{hash_lines([self.root])}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return what the text of a checkpoint says; lines after the third are passed over, as the standard asks.

    Raises:
        LogError: ``log.checkpoint``; the text is not a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise LogError("log.checkpoint", "the text is not a checkpoint")
    try:
        root = read_hash_lines([lines[2]])[0]
    except LogError as error:
        raise LogError("log.checkpoint", "the checkpoint's root is not a hash") from error
    return Checkpoint(lines[0], int(lines[1]), root)
