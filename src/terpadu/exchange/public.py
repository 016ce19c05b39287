"""The door of the exchange."""

from terpadu.exchange.selectors.breaks import BreakView, breaks_of
from terpadu.exchange.selectors.consents import ConsentView, consents_of_person
from terpadu.exchange.selectors.console import agreement_purpose
from terpadu.exchange.selectors.disclosure_law import DisclosureLaw, disclosure_law
from terpadu.exchange.selectors.explain import Explanation, Question, explain
from terpadu.exchange.selectors.priority import register_public_services
from terpadu.exchange.selectors.proofs import ProofStep, TrailProof, trail_prove
from terpadu.exchange.selectors.purposes import (
    PurposeView,
    purpose_get,
    purpose_list,
    purpose_waiting_count,
)
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
from terpadu.exchange.services.closings import case_close
from terpadu.exchange.services.consents import (
    consent_ask,
    consent_give,
    consent_refuse,
    consent_withdraw,
)
from terpadu.exchange.services.contracts import (
    contract_accept,
    contract_conclude,
    contract_propose,
    contract_reject,
    contract_revoke,
)
from terpadu.exchange.services.gateways import GatewayPlan, gateway_provision
from terpadu.exchange.services.peers import interface_connect, interface_publish, peer_join
from terpadu.exchange.services.purposes import (
    PurposeWords,
    approval_terms_set,
    attribute_certify,
    purpose_approve,
    purpose_change,
    purpose_draft,
    purpose_move,
    purpose_submit,
)
from terpadu.exchange.services.snapshots import one_snapshot, snapshot_publish

__all__ = [
    "BreakView",
    "ConsentView",
    "ContractView",
    "DisclosureLaw",
    "ExchangeAnswer",
    "ExchangeRequest",
    "Explanation",
    "GatewayPlan",
    "InterfaceView",
    "PeerView",
    "ProofStep",
    "PurposeView",
    "PurposeWords",
    "Question",
    "TrailEntry",
    "TrailProof",
    "agreement_purpose",
    "approval_terms_set",
    "attribute_certify",
    "breaks_of",
    "calls_by_service",
    "case_close",
    "consent_ask",
    "consent_give",
    "consent_refuse",
    "consent_withdraw",
    "consents_of_person",
    "contract_accept",
    "contract_conclude",
    "contract_get",
    "contract_list",
    "contract_propose",
    "contract_reject",
    "contract_revoke",
    "disclosure_law",
    "exchange_call",
    "explain",
    "gateway_provision",
    "interface_connect",
    "interface_get",
    "interface_list",
    "interface_publish",
    "one_snapshot",
    "peer_join",
    "peer_list",
    "purpose_approve",
    "purpose_change",
    "purpose_draft",
    "purpose_get",
    "purpose_list",
    "purpose_move",
    "purpose_submit",
    "purpose_waiting_count",
    "register_public_services",
    "snapshot_publish",
    "trail_count",
    "trail_for_person",
    "trail_get",
    "trail_prove",
]
