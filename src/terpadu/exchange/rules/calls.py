"""What a problem of the toll road means for the person who waits for an answer."""

from __future__ import annotations

from enum import Enum, auto


class Failure(Enum):
    """Kinds of failed calls that ask for different next steps."""

    UNAVAILABLE = auto()
    GARBLED = auto()
    NOTHING_FOUND = auto()
    OTHER_SUBJECT = auto()
    REFUSED = auto()


_KINDS = {
    "system.unreachable": Failure.UNAVAILABLE,
    "system.slow": Failure.UNAVAILABLE,
    "system.failed": Failure.UNAVAILABLE,
    "system.sign_in_failed": Failure.UNAVAILABLE,
    "system.not_set_up": Failure.UNAVAILABLE,
    "provider.unreachable": Failure.UNAVAILABLE,
    "manager.unreachable": Failure.UNAVAILABLE,
    "snapshot.expired": Failure.UNAVAILABLE,
    "token.unavailable": Failure.UNAVAILABLE,
    "hours.closed": Failure.UNAVAILABLE,
    "consent.unchecked": Failure.UNAVAILABLE,
    "quota.second": Failure.UNAVAILABLE,
    "quota.day": Failure.UNAVAILABLE,
    "quota.subject_day": Failure.UNAVAILABLE,
    "openapi.unavailable": Failure.UNAVAILABLE,
    "gateway.deadline": Failure.UNAVAILABLE,
    "gateway.overloaded": Failure.UNAVAILABLE,
    "gateway.draining": Failure.UNAVAILABLE,
    "gateway.no_snapshot": Failure.UNAVAILABLE,
    "gateway.no_key": Failure.UNAVAILABLE,
    "gateway.records_unwritable": Failure.UNAVAILABLE,
    "gateway.internal": Failure.UNAVAILABLE,
    "application.unknown": Failure.UNAVAILABLE,
    "idempotency.unknown": Failure.UNAVAILABLE,
    "stream.broken": Failure.UNAVAILABLE,
    "upload.broken": Failure.UNAVAILABLE,
    "event.unavailable": Failure.UNAVAILABLE,
    "event.behind": Failure.UNAVAILABLE,
    "system.busy": Failure.UNAVAILABLE,
    "system.circuit_open": Failure.UNAVAILABLE,
    "outway.not_understood": Failure.UNAVAILABLE,
    "system.not_json": Failure.GARBLED,
    "system.not_soap": Failure.GARBLED,
    "system.too_large": Failure.GARBLED,
    "system.breaks_openapi": Failure.GARBLED,
    "provider.unproven": Failure.GARBLED,
    "system.not_found": Failure.NOTHING_FOUND,
    "subject.mismatch": Failure.OTHER_SUBJECT,
}


def classify_problem(code: str) -> Failure:
    """Return what kind of failure a stable code of `terpadu_wire.problems` is; unknown codes are refusals."""
    return _KINDS.get(code, Failure.REFUSED)
