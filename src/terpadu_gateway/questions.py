"""What a system is asked on behalf of another agency's call: its headers, and how long it may take."""

from terpadu_gateway.idempotency import HEADER
from terpadu_gateway.messages import Refusal
from terpadu_gateway.systems import Question
from terpadu_gateway.visits import Visit
from terpadu_wire.envelopes import action_headers, media_type_of
from terpadu_wire.policy import Decision

_PASSED_ON = (
    "fsc-authorization",
    "fsc-transaction-id",
    "terpadu-purpose",
    "terpadu-evidence",
    "terpadu-on-behalf-of",
    "terpadu-consent",
)
_MARGIN = 0.02
"""Seconds kept back from the deadline for signing, recording and the way home."""


def question_of(visit: Visit, decision: Decision, *, now: float, further: tuple[str, ...] = ()) -> Question:
    """Return what to ask the system behind a service.

    Args:
        visit: the call.
        decision: what its contract opens.
        now: Unix seconds.
        further: headers of a stream's reader that go on to the system; then any type of answer will do.

    Raises:
        Refusal: ``gateway.deadline``; there is no time left.
    """
    incoming = visit.incoming
    patience = visit.deadline - now - _MARGIN
    if patience <= 0:
        raise Refusal("gateway.deadline")
    headers = {name: incoming.headers[name] for name in _PASSED_ON}
    headers |= {name: incoming.headers[name] for name in (HEADER, *further) if name in incoming.headers}
    headers |= {
        "accept": "*/*" if further else "application/json",
        "terpadu-deadline-ms": str(int(patience * 1000)),
    }
    if incoming.body:
        headers["content-type"] = incoming.headers["content-type"]
    if decision.soap is not None:
        headers |= action_headers(decision.soap.action, media_type_of(headers["content-type"]))
    query = f"?{incoming.query}" if incoming.query else ""
    place = (visit.facts.provider, visit.facts.service)
    return Question(place, incoming.method, incoming.path + query, headers, incoming.body, patience)
