"""A fake system that answers what a test tells it, and remembers what it was asked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import Any

import orjson

from terpadu_doors.desk import DoorProgram, Question

LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass(frozen=True)
class Asked:
    """One request as the fake system saw it; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class FakeSystem:
    """Where it listens, how it answers, what it was asked."""

    url: str = ""
    answer: Callable[[Asked], tuple[int, dict[str, str], bytes]] = lambda asked: (404, {}, b"")
    asked: list[Asked] = field(default_factory=list)

    def says(self, body: bytes, *, status: int = 200, content_type: str = "text/xml") -> None:
        """Answer everything with this."""
        self.answer = lambda asked: (status, {"Content-Type": content_type}, body)


@contextmanager
def fake_system() -> Iterator[FakeSystem]:
    """Run a fake system in a thread."""
    system = FakeSystem()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, self.rfile.read(length))
            system.asked.append(asked)
            status, given, body = system.answer(asked)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **given}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    system.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(program: DoorProgram, path: str, body: object, **headers: str) -> Any:
    """Return the JSON of a door's answer to a POST; raise its problem."""
    given = {"content-type": "application/json"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    reply = program.answer(Question("POST", path, given, orjson.dumps(body)))
    return orjson.loads(reply.body)
