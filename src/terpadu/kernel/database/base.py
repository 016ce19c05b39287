"""The backend that `DATABASES` names; Django looks for the class by this name in this module."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; a kept connection is looked at before a request uses it, without asking the server."""

    def is_usable(self) -> bool:
        """Return whether the server still holds the connection.

        Nothing is due on a connection that waits between two requests, so one with something to read was ended, be it with
        the server's last words. A network that swallows packets is noticed by TCP's keep-alive, as everywhere in libpq.
        """
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
