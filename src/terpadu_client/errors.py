"""What can go wrong with a call, by what its caller can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class CallError(Exception):
    """Base of everything that this client raises for a call."""


class GatewayAway(CallError):
    """The own gateway cannot be reached, or did not answer in time. Whether the call was carried out is not known."""


@dataclass(frozen=True)
class Problem:
    """A problem (RFC 9457) as gateways give it.

    code: stable. side: where it happened ("consumer-gateway", "provider-gateway", "system", "contract").
    retry_after: seconds, 0 for no advice. transaction_id: "" when the call had none yet.
    """

    code: str
    title: str
    status: int
    side: str = ""
    retryable: bool = False
    retry_after: float = 0.0
    transaction_id: str = ""


class ProblemError(CallError):
    """A gateway answered with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.title}")
        self.problem = problem

    @property
    def code(self) -> str:
        """The stable code, to decide by; titles may change."""
        return self.problem.code


class NothingFound(ProblemError):
    """The system knows nothing under this reference: an answer, and no failure."""


class CallRefused(ProblemError):
    """The rules are against the call, or it is malformed: the same call will be refused again."""


class Unavailable(ProblemError):
    """Something is down, slow or used up: the same call may be answered later."""


class SystemFailed(ProblemError):
    """The provider's side failed in a way that trying again does not mend."""


def problem_of(members: Mapping[str, object], *, status: int, headers: Mapping[str, str]) -> ProblemError:
    """Return the error of a problem's JSON members; what is missing is taken from status and headers."""
    problem = Problem(
        code=str(members.get("code") or headers.get("fsc-error-code") or f"http.{status}"),
        title=str(members.get("title") or "The gateway gave no reason"),
        status=status,
        side=str(members.get("side") or ""),
        retryable=members.get("retryable") is True,
        retry_after=_seconds(headers.get("retry-after", "")),
        transaction_id=headers.get("fsc-transaction-id", ""),
    )
    if problem.code == "system.not_found":
        return NothingFound(problem)
    if problem.retryable:
        return Unavailable(problem)
    return CallRefused(problem) if status < 500 else SystemFailed(problem)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdecimal() else 0.0
