"""What maturity does in the background: reminders before the self-assessment ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.kernel.timers import on_timer
from terpadu.maturity.services.reminders import answers_remind
from terpadu.maturity.services.rounds import REMINDER


@on_timer(REMINDER)
def remind(key: str, payload: dict[str, Any]) -> None:
    """Remind the people of an agency of the indicators that have no answer."""
    answers_remind(UUID(key))
