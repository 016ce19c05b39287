"""For each reason why a call is refused: who can change it, and how."""

from __future__ import annotations

from typing import Literal

from terpadu_wire.policy import STAGES

Who = Literal["caller", "consumer", "provider", "both", "operator", "person", "nobody"]

WHO: dict[str, Who] = {
    "snapshot.expired": "operator",
    "peer.unknown": "operator",
    "service.unknown": "provider",
    "contract.none": "both",
    "contract.invalid": "both",
    "contract.not_valid": "both",
    "contract.signature_invalid": "both",
    "contract.properties_invalid": "both",
    "contract.revoked": "both",
    "contract.not_yet": "nobody",
    "contract.expired": "both",
    "contract.other_connection": "both",
    "contract.other_key": "both",
    "contract.ambiguous": "caller",
    "purpose.missing": "caller",
    "purpose.not_in_contract": "caller",
    "purpose.unknown": "consumer",
    "purpose.changed": "both",
    "purpose.not_active": "both",
    "purpose.not_yet": "nobody",
    "purpose.expired": "both",
    "operation.not_in_contract": "both",
    "operation.query_not_in_contract": "both",
    "subject.in_url": "caller",
    "hours.closed": "provider",
    "evidence.required": "caller",
    "evidence.malformed": "caller",
    "consent.required": "person",
    "consent.invalid": "caller",
    "consent.other_id": "caller",
    "consent.other_call": "caller",
    "consent.other_subject": "caller",
    "consent.other_fields": "person",
    "consent.not_yet": "nobody",
    "consent.expired": "person",
    "consent.withdrawn": "person",
    "consent.unchecked": "operator",
    "quota.second": "provider",
    "quota.day": "provider",
    "quota.subject_day": "provider",
}
"""Every reason of `terpadu_wire.policy`; a test keeps the two lists alike."""


def who_can_change(code: str) -> Who:
    """Return who can change what a reason says; unknown codes are the operator's."""
    return WHO.get(code, "operator")


def stage_number(code: str) -> int:
    """Return how many reasons were looked at and passed before this one; all of them for ""."""
    return STAGES.index(code) if code in STAGES else len(STAGES)
