"""Where a contract stands, and what a peer may still sign."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

State = Literal["proposed", "valid", "rejected", "revoked", "expired"]
Kind = Literal["accept", "reject", "revoke"]
CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Standing:
    """Who must sign a contract, who signed what (peer ids), and the dates it holds for."""

    required: frozenset[str]
    not_before: datetime
    not_after: datetime
    accepted: Collection[str] = field(default_factory=frozenset)
    rejected: Collection[str] = field(default_factory=frozenset)
    revoked: Collection[str] = field(default_factory=frozenset)


def derive_state(standing: Standing, *, now: datetime) -> State:
    """Return where a contract stands at a moment.

    A revocation counts more than a rejection, both more than the dates; a contract whose dates have not begun is
    "valid" once all have accepted, and gateways keep it back until then (FSC core, "Contract states").
    """
    if standing.revoked:
        return "revoked"
    if standing.rejected:
        return "rejected"
    if now >= standing.not_after:
        return "expired"
    return "valid" if standing.required <= set(standing.accepted) else "proposed"


def may_sign(kind: Kind, *, peer_id: str, standing: Standing, now: datetime) -> bool:
    """Tell whether a signer may still give a signature of this kind.

    Accepting and rejecting are for contracts that wait; revoking is for whoever has accepted.
    """
    state = derive_state(standing, now=now)
    if kind == "revoke":
        return state in ("proposed", "valid") and peer_id in standing.accepted
    return state == "proposed" and peer_id not in standing.accepted


def objection_to_dates(
    *, created_at: datetime, not_after: datetime, group_id: str, our_group: str, now: datetime
) -> str:
    """Return the stable code of what is wrong with a new contract's frame, or "" (FSC core, "Contract validation")."""
    if group_id != our_group:
        return "contract.wrong_group"
    if created_at > now + CLOCK_SKEW:
        return "contract.from_the_future"
    if not_after <= now:
        return "contract.expired"
    return ""
