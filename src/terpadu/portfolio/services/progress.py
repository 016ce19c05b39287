"""How far a long import is, told while its transaction is still open."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

from django.db import connection

from terpadu.portfolio.models import ImportRun


def say_progress(run_id: UUID, rows: int) -> None:
    """Write how many rows a run has handled, on a connection of its own so that others see it at once."""
    teller = Thread(target=_tell, args=(run_id, rows))
    teller.start()
    teller.join()


def _tell(run_id: UUID, rows: int) -> None:
    try:
        ImportRun.objects.filter(pk=run_id).update(progress=rows)
    finally:
        connection.close()
