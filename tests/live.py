"""A live server that hangs up: when it is told to, no thread of it is left, and so nothing that it still does to the database.

A thread of Django's live server serves one connection for as long as the client keeps it, and may still be answering when a test
ends. Whether a client closes in time is the client's affair (browsers and pools do when they like); emptying and dropping the
test's database must not wait for that.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerThread

WITHIN_S = 60.0


class HangingUpServer(ThreadedWSGIServer):
    """Django's threaded server, which knows the connections that it serves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._served: dict[threading.Thread, socket.socket] = {}
        super().__init__(*args, **kwargs)

    @property
    def open_connections(self) -> int:
        """How many connections of clients there are."""
        return len(self._served)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection until it ends, and give back what belongs to its thread."""
        self._served[threading.current_thread()] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._served.pop(threading.current_thread(), None)

    def hang_up(self) -> None:
        """Read nothing more from any client, and wait until what is being answered is answered. Raises TimeoutError."""
        served = dict(self._served)
        for connection in served.values():
            with suppress(OSError):  # the client was first
                connection.shutdown(socket.SHUT_RD)
        for thread in served:
            thread.join(WITHIN_S)
            if thread.is_alive():
                raise TimeoutError("a request is still being answered")

    def server_close(self) -> None:
        """Take no more connections and end those there are."""
        super().server_close()
        self.hang_up()


def use_hanging_up_servers() -> None:
    """Let every live server of the run be one."""
    LiveServerThread.server_class = HangingUpServer
