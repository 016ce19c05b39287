"""A foreign party's own manager as a real server over mutual TLS: it serves its keys and keeps what it is handed."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from tests.exchange.fsc_party import FscParty, Json


class FscServer:
    """Serves a party's manager on a free port until closed.

    Args:
        party: whose manager it is; its address is set to this server's.
        folder: for its key files.
        anchors: PEM file of the trust anchors that it accepts.
    """

    def __init__(self, party: FscParty, *, folder: Path, anchors: Path) -> None:
        self.taken: list[tuple[str, str, Json]] = []
        self.calls: list[tuple[str, dict[str, str], Json]] = []
        taken, calls = self.taken, self.calls

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(200, party.jwks())

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/token":
                    form = dict(parse_qsl(raw.decode()))
                    caller = self.connection.getpeercert(binary_form=True)
                    self._answer(200, {"access_token": party.token(form, caller), "token_type": "bearer"})
                    return
                body = json.loads(raw)
                if "Fsc-Authorization" in self.headers:
                    given = {name.lower(): value for name, value in self.headers.items()}
                    calls.append((self.path, given, body))
                    self._answer(200, {"nama": "SITI", "agama": "x", "nik": body["nik"]})
                    return
                taken.append((self.command, self.path, body))
                self._answer(201, {})

            def do_PUT(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _answer(self, status: int, value: Json) -> None:
                raw = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(raw)

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(anchors))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(*party.files(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        party.address = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=60)
