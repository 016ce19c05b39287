"""What comes next for a request in a browser: sign in, prove more, ask for consent, or answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from terpadu.identity.rules.provider.assurance import Level, Proof, level_is_enough, level_of, recent_enough
from terpadu.identity.rules.provider.requests import Ask


class Step(StrEnum):
    """What comes next."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    CONSENT = "consent"
    ANSWER = "answer"


@dataclass(frozen=True)
class Situation:
    """Where a person stands. proofs: of the session, none when nobody is signed in. opened_at: when the request came."""

    proofs: Sequence[Proof]
    opened_at: datetime
    now: datetime


def level_for(ask: Ask, situation: Situation) -> Level | None:
    """Return what the session stands for in answer to a request: only proofs that are recent enough for it count."""
    opened = situation.opened_at.replace(microsecond=0)
    proofs = recent_enough(situation.proofs, ask.demand, since=opened, now=situation.now)
    if "login" in ask.prompts:
        proofs = [proof for proof in proofs if proof.at >= opened]
    return level_of(proofs)


def next_step(ask: Ask, situation: Situation, *, minimum: str, has_consent: bool) -> Step:
    """Return what comes next. minimum: the client's own lowest level, "" for any."""
    if not situation.proofs:
        return Step.SIGN_IN
    level = level_for(ask, situation)
    if level is None or not level_is_enough(level, ask.demand, minimum=minimum):
        return Step.STEP_UP
    if not has_consent or "consent" in ask.prompts:
        return Step.CONSENT
    return Step.ANSWER


SILENT_ERRORS: dict[Step, str] = {
    Step.SIGN_IN: "login_required",
    Step.STEP_UP: "login_required",
    Step.CONSENT: "consent_required",
}
"""What a request with prompt=none gets instead of a page (OpenID Connect Core 3.1.2.6)."""
