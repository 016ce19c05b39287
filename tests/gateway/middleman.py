"""Somebody between two gateways who has even the provider's own TLS key: passes requests on, and answers with what it likes."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.gateway.road import Road

_OF_ONE_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "date", "server"})


@dataclass(frozen=True)
class Overheard:
    """An answer of the provider's gateway."""

    status: int
    headers: dict[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> "Overheard":
        """Return it with another header; with an empty one, without it."""
        headers = {known: text for known, text in self.headers.items() if known != name}
        return replace(self, headers=headers | ({name: value} if value else {}))


Change = Callable[[list[Overheard]], Overheard]
"""What to answer, out of all that was overheard so far, the newest last."""


class Middleman:
    """Takes the place of a road's inway until closed."""

    def __init__(self, road: Road) -> None:
        self.change: Change = lambda overheard: overheard[-1]
        self._overheard: list[Overheard] = []
        self._road = road
        self._real_url = road.country.inway_url
        consumer, provider = road.country.portal, road.country.registry
        outward = ssl.create_default_context(cafile=str(road.country.authority.file))
        outward.load_cert_chain(consumer.certificate_file, consumer.key_file)
        self._client = httpx.Client(base_url=road.inway_url, verify=outward)
        inward = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        inward.load_cert_chain(provider.certificate_file, provider.key_file)
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"middleman": self})
        )
        self._server.daemon_threads = True
        self._server.socket = inward.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        road.country.inway_url = f"https://127.0.0.1:{self._server.server_port}"
        road.republish()

    def pass_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Overheard:
        """Ask the real inway, and return what the consumer's gateway shall get instead of its answer."""
        answer = self._client.request(method, path, headers=headers, content=body)
        kept = {name: value for name, value in answer.headers.items() if name not in _OF_ONE_HOP}
        self._overheard.append(Overheard(answer.status_code, kept, answer.content))
        return self.change(self._overheard)

    def close(self) -> None:
        """Go away, and let the gateways meet again."""
        self._road.country.inway_url = self._real_url
        self._road.republish()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()


class _Handler(BaseHTTPRequestHandler):
    middleman: Middleman
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        passed = {name: value for name, value in headers.items() if name not in _OF_ONE_HOP}
        answer = self.middleman.pass_on(self.command, self.path, passed, body)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
        pass
