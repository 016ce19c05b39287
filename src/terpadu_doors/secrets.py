"""Secrets of doors, each in a file of its own."""

from pathlib import Path

from terpadu_doors.problems import DoorProblem


def read_secret(path: Path) -> str:
    """Return the text of a file that holds a secret.

    Raises:
        DoorProblem: ``door.unavailable``; the file cannot be read, or is empty, which no caller's silence may match.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DoorProblem("door.unavailable", "the file of a secret cannot be read") from error
    if not secret:
        raise DoorProblem("door.unavailable", "the file of a secret is empty")
    return secret
