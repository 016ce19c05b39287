"""How far a long import is, told while its transaction is still open."""

from __future__ import annotations

from threading import Thread
from uuid import UUID

from django.db import OperationalError, connection, transaction

from terpadu.portfolio.models import ImportRun


def say_progress(run_id: UUID, rows: int) -> None:
    """Write how many rows a run has handled, on a connection of its own so that others see it at once."""
    teller = Thread(target=_tell, args=(run_id, rows))
    teller.start()
    teller.join()


def _tell(run_id: UUID, rows: int) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '100ms'")
            ImportRun.objects.filter(pk=run_id).update(progress=rows)
    except OperationalError:
        pass  # the import itself holds its row: it writes there what counts
    finally:
        connection.close()
