"""The worker process: delivers outbox events and fires timers; many may run at once."""

from __future__ import annotations

import signal
from types import FrameType

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from terpadu.kernel import outbox, timers

log = structlog.get_logger(__name__)

LONGEST_WAIT_S = 1.0  # a lost notification costs this much delay and nothing else


class Worker:
    """Work in rounds, waiting for a notification in between, until told to stop."""

    def __init__(self) -> None:
        self.stopping = False

    def stop(self, number: int, frame: FrameType | None) -> None:
        """End after the round that is under way."""
        self.stopping = True

    def run(self) -> None:
        """Work until SIGTERM or Ctrl-C; a database that went away is waited for."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)
        log.info("worker_started")
        while not self.stopping:
            try:
                if not outbox.deliver_due() + timers.fire_due():
                    self._wait()
            except (OperationalError, InterfaceError) as error:
                log.warning("database_away", reason=type(error).__name__)
                connection.close()
                signal.sigtimedwait([], LONGEST_WAIT_S)
        log.info("worker_stopped")

    def _wait(self) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"listen {outbox.CHANNEL}")
        for _ in connection.connection.notifies(timeout=LONGEST_WAIT_S, stop_after=1):
            pass
