"""Where doors may call: never to private places that the operator did not name."""

import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from threading import Event, Timer

import pytest

from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.targets import check_target
from terpadu_wire.addresses import may_be_called
from tests.doors.fakes import FakeSystem

TENS = (ip_network("10.20.0.0/16"),)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.20.3.4", True),
        ("10.21.3.4", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("224.0.0.1", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.20.3.4", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_address_may_be_called_only_when_public_or_named(address: str, may: bool) -> None:
    assert may_be_called(address, allowed=TENS) is may


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://u:p@93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "gopher://93.184.216.34/",
        "http:///x",
        "http://93.184.216.34:99999/",
        "http://[::1",
    ],
)
def test_urls_into_private_places_are_refused(url: str) -> None:
    with pytest.raises(DoorProblem) as refused:
        check_target(url, allowed=TENS)

    assert refused.value.code in ("door.target_refused", "door.unavailable")


def test_name_that_moves_to_a_private_address_after_the_check_is_caught(
    fake: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the check sees a public address, the connection would go to ours."""
    port = int(fake.url.rpartition(":")[2])
    answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]])
    real = socket.getaddrinfo

    def rebinding(host: str, *arguments: object, **named: object) -> object:
        if host == "moving.test":
            return next(answers, None) or real("127.0.0.1", *arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        return real(host, *arguments, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    with Fetcher(()) as fetcher, pytest.raises(DoorProblem, match=r"door\.target_refused"):
        fetcher.send("GET", f"http://moving.test:{port}/", headers={}, seconds=2)

    assert not fake.asked


@pytest.mark.parametrize(
    "head", ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"]
)
def test_answer_that_drips_is_given_up(head: str) -> None:
    """Each piece comes soon after the last, so that only the end of the whole call ends the waiting."""
    done = Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(head.encode())
            while not done.wait(0.02):
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(drip, server)
        in_any_case = Timer(20, done.set)
        in_any_case.start()
        with (
            Fetcher((ip_network("127.0.0.0/8"),)) as fetcher,
            pytest.raises(DoorProblem, match=r"door\.slow"),
        ):
            fetcher.send("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, seconds=0.3)
        done.set()
        in_any_case.cancel()
        assert isinstance(dripping.exception(), OSError | None)
