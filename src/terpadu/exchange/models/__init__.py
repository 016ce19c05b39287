"""Tables of the exchange, one module per aggregate."""

from terpadu.exchange.models.contracts import Contract, Grant, Signature
from terpadu.exchange.models.doors import Door, DoorHost, XroadSubsystem
from terpadu.exchange.models.peers import Application, Gateway, Interface, Peer
from terpadu.exchange.models.records import DeliveredRecord, SegmentPosition, TrailRow
from terpadu.exchange.models.snapshots import PublishedSnapshot

__all__ = [
    "Application",
    "Contract",
    "DeliveredRecord",
    "Door",
    "DoorHost",
    "Gateway",
    "Grant",
    "Interface",
    "Peer",
    "PublishedSnapshot",
    "SegmentPosition",
    "Signature",
    "TrailRow",
    "XroadSubsystem",
]
