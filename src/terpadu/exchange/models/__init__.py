"""Tables of the exchange, one module per aggregate."""

from terpadu.exchange.models.contracts import Contract, Grant, Signature
from terpadu.exchange.models.log import (
    ENTRIES,
    LogCheckpoint,
    LogTile,
    LogWitness,
    Orphan,
    Reconciliation,
)
from terpadu.exchange.models.peers import Application, Gateway, Interface, Peer
from terpadu.exchange.models.records import DeliveredRecord, SegmentPosition, TrailRow
from terpadu.exchange.models.snapshots import PublishedSnapshot

__all__ = [
    "ENTRIES",
    "Application",
    "Contract",
    "DeliveredRecord",
    "Gateway",
    "Grant",
    "Interface",
    "LogCheckpoint",
    "LogTile",
    "LogWitness",
    "Orphan",
    "Peer",
    "PublishedSnapshot",
    "Reconciliation",
    "SegmentPosition",
    "Signature",
    "TrailRow",
]
