"""When a call may be made again, and after how long. Pure."""

from __future__ import annotations

from terpadu_client.errors import CallError, ProblemError

NOTHING_PASSED_ON = frozenset(
    (
        *("gateway.overloaded", "gateway.draining", "gateway.no_snapshot", "snapshot.expired"),
        *("quota.second", "token.unavailable", "token.expired", "system.circuit_open", "system.busy"),
    )
)
"""Problems after which it is certain that the system never heard of the call."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0


def may_repeat(error: CallError, *, is_safe: bool, has_key: bool) -> bool:
    """Tell whether a call that ended so may be made again.

    is_safe: whether the operation changes nothing. has_key: whether it carries an Idempotency-Key, under which gateways
    carry it out once at most. Without either, only what certainly was not passed on is repeated.
    """
    if not isinstance(error, ProblemError):
        return is_safe or has_key
    if not error.problem.retryable or error.code in ("quota.day", "quota.subject_day", "hours.closed"):
        return False
    return is_safe or has_key or error.code in NOTHING_PASSED_ON


def wait_before(error: CallError, *, tries: int, jitter: float) -> float:
    """Return how many seconds to wait: what the gateway advises, or twice as long each time.

    tries: how often it was tried, from 1. jitter: 0 to 1, so that many callers do not come back at once.
    """
    advised = error.problem.retry_after if isinstance(error, ProblemError) else 0.0
    own = min(FIRST_WAIT_S * 2.0 ** (tries - 1), LONGEST_WAIT_S)
    return max(advised, own * (0.5 + jitter / 2))
