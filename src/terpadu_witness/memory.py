"""What a witness remembers: the newest checkpoint that it signed, one row for each log."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_TABLE = "create table if not exists seen (origin text primary key, size integer not null, root blob not null, note text not null)"


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest state of a log that was signed. note: the checkpoint with the log's and our signature."""

    size: int
    root: bytes
    note: str


class Memory:
    """A SQLite file that survives a power cut; one process uses it.

    Args:
        path: the file; made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = full")
        self._database.execute(_TABLE)

    def newest(self, origin: str) -> Seen | None:
        """Return what was last signed of a log, or None."""
        row = self._database.execute(
            "select size, root, note from seen where origin = ?", (origin,)
        ).fetchone()
        return Seen(*row) if row else None

    def keep(self, origin: str, seen: Seen) -> None:
        """Remember a newer state; it is on the disk when this returns."""
        self._database.execute(
            "insert into seen values (?, ?, ?, ?) on conflict (origin) do update"
            " set size = excluded.size, root = excluded.root, note = excluded.note",
            (origin, seen.size, seen.root, seen.note),
        )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
