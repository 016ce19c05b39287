"""Where foreign managers may be: the address that is announced comes from outside, and must not lead us inside (SSRF)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from terpadu.exchange.adapters.managers import (
    MAX_ANSWER,
    FscIdentity,
    Letter,
    ManagerAway,
    ManagerRefused,
    manager_chains,
    manager_send,
)
from tests.exchange.fsc_party import Anchor, FscParty, Json
from tests.exchange.fsc_server import FscServer

HERE, INSIDE = "127.0.0.1", "127.0.0.2"


@pytest.fixture(scope="module")
def anchor() -> Anchor:
    return Anchor()


@pytest.fixture
def party(anchor: Anchor) -> FscParty:
    return FscParty(anchor, algorithm="ES256")


@pytest.fixture
def server(party: FscParty, anchor: Anchor, tmp_path: Path) -> Iterator[FscServer]:
    (tmp_path / "anchors.pem").write_bytes(anchor.pem)
    made = FscServer(party, folder=tmp_path, anchors=tmp_path / "anchors.pem")
    yield made
    made.close()


@pytest.fixture
def identity(anchor: Anchor, tmp_path: Path) -> FscIdentity:
    ours = FscParty(anchor, "90000009", "Kami", "ES256")
    certificate, key = ours.files(tmp_path)
    return FscIdentity(ours.peer_id, ours.key, ours.x5t, key, certificate, anchor.pem)


def letter(identity: FscIdentity) -> Letter:
    return Letter("POST", "/contracts", {"signature": "x"}, identity, "https://ours.test:8443")


def test_manager_whose_name_moves_after_the_check_is_called_where_it_was_checked(
    server: FscServer,
    party: FscParty,
    identity: FscIdentity,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the second look-up of the name leads inside; nobody may come there."""
    settings.FSC_PRIVATE_NETWORKS = [f"{HERE}/32"]
    port, real = int(party.address.rpartition(":")[2]), socket.getaddrinfo
    answers = [HERE]

    def moving(host: str, *arguments: object, **named: object) -> object:
        found = (answers.pop() if answers else INSIDE) if host == "localhost" else host
        return real(found, *arguments, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(socket, "getaddrinfo", moving)
    with socket.create_server((INSIDE, port)) as inside:
        inside.setblocking(False)
        manager_send(f"https://localhost:{port}", letter(identity))

        with pytest.raises(BlockingIOError):
            inside.accept()
        with pytest.raises(ManagerRefused, match=r"manager\.private_address"):
            manager_send(f"https://localhost:{port}", letter(identity))
    assert [path for _, path, _ in server.taken] == ["/v1/contracts"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://127.0.0.1:1", "manager.private_address"),
        ("https://[::1]:1", "manager.private_address"),
        ("https://169.254.169.254", "manager.private_address"),
        ("https://0x7f000001:1", "manager.private_address"),
        ("https://[::ffff:10.0.0.1]:1", "manager.private_address"),
        ("http://93.184.216.34:1", "manager.address"),
        ("https://u:p@93.184.216.34:1", "manager.address"),
        ("https://kantor\u00e9.test:1", "manager.address"),
        ("file:///etc/passwd", "manager.address"),
        ("https://93.184.216.34:99999", "manager.unknown_host"),
        ("https://nama..test:1", "manager.unknown_host"),
    ],
)
def test_manager_at_an_address_that_leads_inside_or_nowhere_is_never_called(
    identity: FscIdentity, settings: Settings, address: str, reason: str
) -> None:
    settings.FSC_PRIVATE_NETWORKS = []

    with pytest.raises((ManagerRefused, ManagerAway)) as refused:
        manager_send(address, letter(identity))

    assert str(refused.value) == reason


def test_manager_whose_answer_is_too_large_is_given_up(
    server: FscServer,
    party: FscParty,
    identity: FscIdentity,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.FSC_PRIVATE_NETWORKS = [f"{HERE}/32"]
    assert manager_chains(party.address, identity=identity) == [[party.der]]
    endless: Json = {"keys": ["x" * MAX_ANSWER]}
    monkeypatch.setattr(FscParty, "jwks", lambda _: endless)

    with pytest.raises(ManagerAway, match=r"manager\.answer_too_large"):
        manager_chains(party.address, identity=identity)
