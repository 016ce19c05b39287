"""The state machine of a request: who may do what in which state, and where it leads.

A request is never decided before its overlap report is frozen, and it can be appealed once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from terpadu.portfolio.enums import Part, RequestAction, RequestState

S, A, P = RequestState, RequestAction, Part

FINAL = frozenset({S.DELIVERED, S.LAPSED, S.WITHDRAWN})
"""States that nothing leads out of."""

DECIDED = frozenset({S.APPROVED, S.REFUSED, S.DELIVERED})
"""States in which a decision stands."""


@dataclass(frozen=True)
class Standing:
    """Where a request stands. appealed_from: the state in which it was appealed, kept for good: a second time is refused."""

    state: RequestState
    appealed_from: RequestState | None = None


TABLE: dict[tuple[RequestState, RequestAction], tuple[RequestState | None, frozenset[Part]]] = {
    (S.DRAFT, A.SUBMIT): (S.SUBMITTED, frozenset({P.PROPOSER})),
    (S.DRAFT, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.SUBMITTED, A.ACCEPT): (S.SCREENING, frozenset({P.SECRETARIAT, P.SYSTEM})),
    (S.SUBMITTED, A.RETURN): (S.RETURNED, frozenset({P.SECRETARIAT})),
    (S.SUBMITTED, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.RETURNED, A.SUBMIT): (S.SUBMITTED, frozenset({P.PROPOSER})),
    (S.RETURNED, A.LAPSE): (S.LAPSED, frozenset({P.SYSTEM})),
    (S.RETURNED, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.SCREENING, A.SCREEN): (S.REVIEW, frozenset({P.SYSTEM})),
    (S.SCREENING, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.REVIEW, A.CONCLUDE): (S.DECISION, frozenset({P.SYSTEM})),
    (S.REVIEW, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.DECISION, A.GRANT): (S.APPROVED, frozenset({P.DECIDER})),
    (S.DECISION, A.DENY): (S.REFUSED, frozenset({P.DECIDER})),
    (S.DECISION, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.APPROVED, A.DELIVER): (S.DELIVERED, frozenset({P.SYSTEM})),
    (S.APPROVED, A.LAPSE): (S.LAPSED, frozenset({P.SYSTEM})),
    (S.APPROVED, A.WITHDRAW): (S.WITHDRAWN, frozenset({P.PROPOSER})),
    (S.APPROVED, A.APPEAL): (S.APPEALED, frozenset({P.PROPOSER})),
    (S.REFUSED, A.APPEAL): (S.APPEALED, frozenset({P.PROPOSER})),
    (S.APPEALED, A.UPHOLD): (S.APPROVED, frozenset({P.APPEAL})),
    (S.APPEALED, A.DISMISS): (None, frozenset({P.APPEAL})),
    (S.APPEALED, A.RETRACT): (None, frozenset({P.PROPOSER})),
}
"""State and action to the next state (None: where it stood before the appeal), and the parts that may act."""


def next_standing(standing: Standing, action: RequestAction, *, part: Part) -> Standing | None:
    """Return where an action of a part leads, None when it is not allowed there."""
    target, parts = TABLE.get((standing.state, action), (None, frozenset[Part]()))
    if part not in parts:
        return None
    if action == A.APPEAL:
        if standing.appealed_from is not None:
            return None
        return Standing(S.APPEALED, appealed_from=standing.state)
    target = target or standing.appealed_from
    return replace(standing, state=target) if target else None


def actions_of(standing: Standing, *, part: Part) -> frozenset[RequestAction]:
    """Return what a part may do now."""
    return frozenset(action for action in A if next_standing(standing, action, part=part) is not None)
