"""The circuit breaker of one interface: a system that keeps failing is left alone for a while, and tried by one call."""

from collections.abc import Callable
from types import TracebackType

import structlog

from terpadu_gateway.messages import Refusal

log = structlog.get_logger()
FAILURES = 10
"""Failures in a row after which a system is left alone."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_FAILURE_CODES = frozenset({"system.unreachable", "system.slow", "system.failed", "system.sign_in_failed"})
"""What counts against a system; whatever else it answers, it works."""


class Breaker:
    """Counts a system's failures in a row; a pause doubles with each trial that fails too.

    A call is made ``with`` the breaker: it passes or not, and how it comes out is counted. A refusal that is the caller's
    fault shows that the system works.

    Args:
        name: the interface, for the log.
        clock: gives seconds that only grow.
    """

    def __init__(self, name: str, *, clock: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._closed_again_at = 0.0
        self._on_trial = False

    @property
    def is_open(self) -> bool:
        """Whether the system is being left alone."""
        return self._failures >= FAILURES

    def __enter__(self) -> None:
        self.enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        works = error is None or (isinstance(error, Refusal) and error.code not in _FAILURE_CODES)
        self.note(failed=not works)

    def enter(self) -> None:
        """Let a call pass, or not.

        Raises:
            Refusal: ``system.circuit_open``.
        """
        if not self.is_open:
            return
        wait = self._closed_again_at - self._clock()
        if wait > 0 or self._on_trial:
            raise Refusal("system.circuit_open", retry_after=max(1, round(wait + 0.5)))
        self._on_trial = True

    def note(self, *, failed: bool) -> None:
        """Count how a call that passed came out."""
        was_open, self._on_trial = self.is_open, False
        if not failed:
            if was_open:
                log.info("system.circuit_closed", service=self._name)
            self._failures, self._pause = 0, _FIRST_PAUSE
            return
        self._failures += 1
        if self.is_open:
            self._closed_again_at = self._clock() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            if not was_open:
                log.warning("system.circuit_open", service=self._name)
