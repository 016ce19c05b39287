"""Bytes on the wire that no honest client sends: one clear refusal, no second request let in, nobody else kept waiting."""

import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.gateway.country import REGISTRY, SERVICE
from tests.gateway.processes import wait_until
from tests.gateway.road import Road, call_headers
from tests.gateway.segments import records_in

PATH = f"/{REGISTRY}/{SERVICE}/penduduk/cari"
SMUGGLED = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
HEADERS = "".join(f"{name}: {value}\r\n" for name, value in call_headers().items())
SMUGGLING = {
    "length and chunks": f"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "chunks and length": f"transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "two lengths": f"content-length: 0\r\ncontent-length: 50\r\n\r\n{SMUGGLED}",
    "two lengths in one line": f"content-length: 0, 50\r\n\r\n{SMUGGLED}",
    "signed length": f"content-length: +0\r\n\r\n{SMUGGLED}",
    "chunks that are no last coding": f"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "unknown coding": f"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "chunks twice": f"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}",
    "space before the colon": f"content-length : 0\r\n\r\n{SMUGGLED}",
    "folded line": f"x-a: b\r\n content-length: 50\r\ncontent-length: 0\r\n\r\n{SMUGGLED}",
    "size of a chunk too large": f"transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{SMUGGLED}",
    "line feed alone in a header": f"x-a: b\ncontent-length: 50\r\ncontent-length: 0\r\n\r\n{SMUGGLED}",
}


@contextmanager
def connection_to(road: Road, side: str) -> Iterator[socket.socket]:
    """Open a connection to the outway, or to the inway with a member's certificate."""
    url = road.outway_url if side == "outway" else road.inway_url
    plain = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=60)
    if side == "outway":
        with plain:
            yield plain
        return
    context = ssl.create_default_context(cafile=str(road.country.authority.file))
    context.load_cert_chain(road.country.portal.certificate_file, road.country.portal.key_file)
    with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
        yield wrapped


def everything(connection: socket.socket) -> str:
    """Return all that comes until the other side hangs up or, having answered, says nothing for a moment."""
    pieces = b""
    try:
        while piece := connection.recv(65_536):
            pieces += piece
            connection.settimeout(1.0)
    except (TimeoutError, ConnectionResetError, ssl.SSLError):
        pass
    return pieces.decode("latin-1")


@pytest.mark.parametrize("side", ["outway", "inway"])
@pytest.mark.parametrize("case", SMUGGLING)
def test_listener_smuggled_request_is_never_answered(road: Road, case: str, side: str) -> None:
    token = "fsc-authorization: Bearer x\r\n"
    with connection_to(road, side) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\n{HEADERS}{token}"
        connection.sendall((head + SMUGGLING[case]).encode("latin-1"))
        answer = everything(connection)

    assert answer.startswith("HTTP/1.1 4"), answer[:200]
    assert '"snapshot"' not in answer  # what the smuggled request would have shown
    if case in ("length and chunks", "chunks and length"):
        # RFC 9112, section 6.3: chunks win, and the connection must not carry another request.
        assert answer.count("HTTP/1.1 ") == 1


HEADS = {
    "very long target": f"GET /{'a' * 200_000} HTTP/1.1\r\nhost: x\r\n\r\n",
    "very long header": f"GET {PATH} HTTP/1.1\r\nhost: x\r\nx-a: {'a' * 200_000}\r\n\r\n",
    "very many headers": "GET / HTTP/1.1\r\n" + "".join(f"x-{n}: y\r\n" for n in range(5000)) + "\r\n",
    "no version": f"GET {PATH}\r\n\r\n",
    "old version": f"GET {PATH} HTTP/0.9\r\n\r\n",
    "nul in the target": f"GET {PATH}\0 HTTP/1.1\r\nhost: x\r\n\r\n",
    "tab in the target": f"GET {PATH}\t/x HTTP/1.1\r\nhost: x\r\n\r\n",
    "authority as target": "CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n",
    "asterisk as target": "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
    "absolute target": f"GET http://127.0.0.1:1{PATH} HTTP/1.1\r\nhost: x\r\n\r\n",
    "TLS to a plain port": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\0" * 64 + "\r\n\r\n",
}


@pytest.mark.parametrize("case", HEADS)
def test_outway_hostile_head_is_refused(road: Road, case: str) -> None:
    with connection_to(road, "outway") as connection:
        with suppress(OSError):  # hung up in the middle of it, which is an answer as well
            connection.sendall(HEADS[case].encode("latin-1"))
        answer = everything(connection)

    assert answer == "" or answer.startswith(("HTTP/1.1 4", "HTTP/1.0 4")), answer[:200]


@pytest.mark.parametrize("side", ["outway", "inway"])
def test_listener_with_many_half_sent_heads_still_answers_others(road: Road, side: str) -> None:
    port = int((road.outway_url if side == "outway" else road.inway_url).rpartition(":")[2])
    held = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(300)]
    try:
        for connection in held:
            connection.sendall(b"GET / HTTP/1.1\r\nx-slow: ")
        assert road.call().status_code == 200
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize("side", ["portal", "agency"])
def test_disk_full_refuses_every_exchange_and_loses_none(fresh_road: Road, side: str) -> None:
    gateway = getattr(fresh_road, side)
    answered = [fresh_road.call().headers["fsc-transaction-id"] for _ in range(5)]
    no_limit = resource.RLIM_INFINITY
    # No file may grow beyond this: not the segment, and in the next one the first record does not find room whole.
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (700, no_limit))

    refused = [fresh_road.call() for _ in range(3)]

    assert {answer.json()["code"] for answer in refused} == {"gateway.records_unwritable"}
    assert all("SITI" not in answer.text for answer in refused)
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))
    wait_until(lambda: fresh_road.call().status_code == 200)
    records = records_in(gateway.segments)
    for transaction in answered:
        assert [one.outcome for one in records if one.transaction_id == transaction] == ["asked", "answered"]
    asked = {answer.json().get("transaction_id") for answer in refused}
    assert not [one for one in records if one.transaction_id in asked and one.outcome == "answered"]
