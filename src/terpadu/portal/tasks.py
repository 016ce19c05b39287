"""What the worker does for the portal."""

from __future__ import annotations

from terpadu.exchange.events import EventReceived
from terpadu.kernel.outbox import subscribe
from terpadu.portal.births import tell_parents

subscribe(EventReceived, name="portal.birth_recorded")(tell_parents)
