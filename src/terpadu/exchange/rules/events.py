"""When an event that did not arrive is tried again, and when it waits for a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from terpadu_wire.problems import KINDS

BEHIND = "event.behind"
"""Code of an event that was not tried, since one of its key before it did not arrive."""
LONGEST_WAIT = timedelta(hours=1)
TRIES_BEFORE_STOP = 24
"""About a day of tries; then a person has to look. Ours, assumed."""
TRIES_OF_ALL = 5
"""How often a subscriber that takes nothing is tried with the same events before they are held one by one."""
MOST_BYTES = 800_000
"""Of the events of one answer; a gateway reads a megabyte."""
_PLACE_AND_KEY = 120
"""Bytes of an answer that an event takes beside its own."""
_IDENTIFIER = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Outcome:
    """How the delivery of one event ended. code: "" when it arrived. retry_after: seconds that the other side asked for."""

    sequence: int
    code: str
    retry_after: int = 0


class Room:
    """The bytes that the events of one answer may take; once one does not fit none is taken, so that order stays.

    size: bytes of the answer.
    """

    def __init__(self, size: int = MOST_BYTES) -> None:
        self._left = size

    @property
    def is_full(self) -> bool:
        """Tell whether nothing more is taken."""
        return self._left <= 0

    def takes(self, body: str) -> bool:
        """Make room for an event; in JSON each of its bytes takes two at most. The first one always fits."""
        wanted = 2 * len(body.encode()) + _PLACE_AND_KEY
        fits = wanted <= self._left
        self._left = self._left - wanted if fits else 0
        return fits


def wait_after(tries: int, *, retry_after: int = 0, luck: float = 1.0) -> timedelta:
    """Return how long to wait after so many failures: 1, 2, 4 … seconds, at most an hour, never less than asked for.

    luck: 0.8 to 1.2, so that not all come back at once.
    """
    seconds = min(2 ** min(max(tries - 1, 0), 20), LONGEST_WAIT.total_seconds()) * luck
    return timedelta(seconds=max(seconds, retry_after))


def needs_a_person(code: str, tries: int) -> bool:
    """Tell whether trying again by itself makes no sense any more."""
    kind = KINDS.get(code)
    may_pass = code == BEHIND or (kind is not None and kind.retryable)
    return not may_pass or tries >= TRIES_BEFORE_STOP


def all_failed(outcomes: list[Outcome]) -> bool:
    """Tell whether nothing of a batch arrived, for reasons that may pass: then it is the subscriber, not the event."""
    return bool(outcomes) and all(one.code and not needs_a_person(one.code, 0) for one in outcomes)


def names_a_person(text: str) -> bool:
    """Tell whether 16 digits stand alone in a text, as in a NIK."""
    return _IDENTIFIER.search(text) is not None


def is_pseudonym(text: str) -> bool:
    """Tell whether a text has the form of a pseudonym."""
    return _PSEUDONYM.fullmatch(text) is not None
