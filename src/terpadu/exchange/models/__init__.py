"""Tables of the exchange, one module per aggregate."""

from terpadu.exchange.models.contracts import Contract, Grant, Signature
from terpadu.exchange.models.disclosure import ClosedCase, SupervisorLook
from terpadu.exchange.models.doors import Door, DoorHost, XroadSubsystem
from terpadu.exchange.models.enforcement import (
    Consent,
    InterfaceBreak,
    InterfaceDocument,
    QuotaLease,
    QuotaPerson,
)
from terpadu.exchange.models.events import CarriedEvent, EventSubscription, HeldEvent
from terpadu.exchange.models.foreign import ContractCertificate, ContractDelivery, ForeignPeer
from terpadu.exchange.models.joining import JoiningRequest
from terpadu.exchange.models.log import (
    ENTRIES,
    LogCheckpoint,
    LogTile,
    LogWitness,
    Orphan,
    Reconciliation,
)
from terpadu.exchange.models.peers import Application, Gateway, Interface, Peer
from terpadu.exchange.models.purposes import ApprovalTerms, PeerAttribute, Purpose
from terpadu.exchange.models.records import DeliveredRecord, SegmentPosition, TrailRow
from terpadu.exchange.models.snapshots import PublishedSnapshot
from terpadu.exchange.models.traffic import TrafficCount

__all__ = [
    "ENTRIES",
    "Application",
    "ApprovalTerms",
    "CarriedEvent",
    "ClosedCase",
    "Consent",
    "Contract",
    "ContractCertificate",
    "ContractDelivery",
    "DeliveredRecord",
    "Door",
    "DoorHost",
    "EventSubscription",
    "ForeignPeer",
    "Gateway",
    "Grant",
    "HeldEvent",
    "Interface",
    "InterfaceBreak",
    "InterfaceDocument",
    "JoiningRequest",
    "LogCheckpoint",
    "LogTile",
    "LogWitness",
    "Orphan",
    "Peer",
    "PeerAttribute",
    "PublishedSnapshot",
    "Purpose",
    "QuotaLease",
    "QuotaPerson",
    "Reconciliation",
    "SegmentPosition",
    "Signature",
    "SupervisorLook",
    "TrafficCount",
    "TrailRow",
    "XroadSubsystem",
]
