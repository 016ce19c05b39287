"""Reads what gateways wrote to disk."""

from collections import defaultdict
from pathlib import Path

from terpadu_wire.records import Record, read_segment


def records_in(folder: Path) -> list[Record]:
    """Return every record of a gateway's segments, in order."""
    return [stored.record for path in sorted(folder.glob("*.seg")) for stored in read_segment(path)]


def records_of(folder: Path, transaction_id: str) -> list[Record]:
    """Return the records of one exchange."""
    return [record for record in records_in(folder) if record.transaction_id == transaction_id]


def by_transaction(folder: Path) -> dict[str, list[Record]]:
    """Return records by transaction id."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records_in(folder):
        found[record.transaction_id].append(record)
    return found
