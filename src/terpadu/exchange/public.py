"""The door of the exchange."""

from terpadu.exchange.selectors.proofs import ProofStep, TrailProof, trail_prove
from terpadu.exchange.selectors.registry import (
    ContractView,
    InterfaceView,
    PeerView,
    contract_get,
    contract_list,
    interface_get,
    interface_list,
    peer_list,
)
from terpadu.exchange.selectors.trail import (
    TrailEntry,
    calls_by_service,
    trail_count,
    trail_for_person,
    trail_get,
)
from terpadu.exchange.services.calls import ExchangeAnswer, ExchangeRequest, exchange_call
from terpadu.exchange.services.contracts import (
    contract_accept,
    contract_conclude,
    contract_propose,
    contract_reject,
    contract_revoke,
)
from terpadu.exchange.services.gateways import GatewayPlan, gateway_provision
from terpadu.exchange.services.peers import interface_connect, interface_publish, peer_join
from terpadu.exchange.services.snapshots import one_snapshot, snapshot_publish

__all__ = [
    "ContractView",
    "ExchangeAnswer",
    "ExchangeRequest",
    "GatewayPlan",
    "InterfaceView",
    "PeerView",
    "ProofStep",
    "TrailEntry",
    "TrailProof",
    "calls_by_service",
    "contract_accept",
    "contract_conclude",
    "contract_get",
    "contract_list",
    "contract_propose",
    "contract_reject",
    "contract_revoke",
    "exchange_call",
    "gateway_provision",
    "interface_connect",
    "interface_get",
    "interface_list",
    "interface_publish",
    "one_snapshot",
    "peer_join",
    "peer_list",
    "snapshot_publish",
    "trail_count",
    "trail_for_person",
    "trail_get",
    "trail_prove",
]
