"""What comes next for a request in a browser: sign in, prove more, ask for consent, or answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from terpadu.identity.rules.provider.assurance import Level, is_fresh_enough, level_is_enough
from terpadu.identity.rules.provider.requests import Ask


class Step(StrEnum):
    """What comes next."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    CONSENT = "consent"
    ANSWER = "answer"


@dataclass(frozen=True)
class Situation:
    """Where a person stands. level: None when nobody is signed in. opened_at: when the request came to this browser."""

    level: Level | None
    opened_at: datetime
    now: datetime
    has_consent: bool


def next_step(ask: Ask, situation: Situation, *, minimum: str) -> Step:
    """Return what comes next. minimum: the client's own lowest level, "" for any."""
    level = situation.level
    if level is None:
        return Step.SIGN_IN
    if not level_is_enough(level, ask.demand, minimum=minimum):
        return Step.STEP_UP
    if not is_fresh_enough(level, ask.demand, now=situation.now) and not _is_new(level, situation):
        return Step.STEP_UP
    if "login" in ask.prompts and not _is_new(level, situation):
        return Step.STEP_UP
    if not situation.has_consent or "consent" in ask.prompts:
        return Step.CONSENT
    return Step.ANSWER


def _is_new(level: Level, situation: Situation) -> bool:
    """Tell whether the person proved who they are after this request came: all that `max_age=0` can ever ask."""
    return level.auth_time >= situation.opened_at.replace(microsecond=0)


SILENT_ERRORS: dict[Step, str] = {
    Step.SIGN_IN: "login_required",
    Step.STEP_UP: "login_required",
    Step.CONSENT: "consent_required",
}
"""What a request with prompt=none gets instead of a page (OpenID Connect Core 3.1.2.6)."""
