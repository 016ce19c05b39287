"""The gate before both sides, and what a mistake of ours looks like from outside."""

import asyncio

import orjson
import pytest
import structlog

from terpadu_gateway.answers import Answer
from terpadu_gateway.listeners import Gate, exchange_handler
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_wire.problems import Side


class FakeHeaders:
    """Headers of a request without any."""

    def items(self) -> list[tuple[str, str]]:
        return []


class FakeScope:
    """A request's head as the server gives it."""

    method, path, query_string, authority, headers = "GET", "/a/b/c", "", None, FakeHeaders()


class FakeExchange:
    """Keeps the answer."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, body))


class BrokenRole:
    """A side with a mistake in it."""

    side: Side = "provider-gateway"

    def authenticate(self, headers: dict[str, str]) -> None:
        """Let everybody in."""

    async def answer(self, caller: None, incoming: Incoming) -> Answer:
        """Fail with a person's identifier in the text."""
        raise ZeroDivisionError("3671014506900001")


def test_mistake_of_ours_is_answered_and_logged_without_values() -> None:
    exchange = FakeExchange()

    async def main() -> None:
        gate = Gate(1)
        await exchange_handler(BrokenRole(), gate)(FakeScope(), exchange)  # type: ignore[arg-type]

    with structlog.testing.capture_logs() as logs, pytest.raises(ZeroDivisionError):
        asyncio.run(main())

    assert exchange.answers[0][0] == 500
    assert orjson.loads(exchange.answers[0][1])["code"] == "gateway.internal"
    assert logs[0]["event"] == "gateway.internal"
    assert logs[0]["error"] == "ZeroDivisionError"
    assert "3671014506900001" not in str(logs)


def test_gate_counts_refuses_and_drains() -> None:
    async def main() -> None:
        gate = Gate(1)
        gate.enter()
        with pytest.raises(Refusal, match=r"gateway\.overloaded"):
            gate.enter()
        assert await gate.drain(seconds=0.01) == 1
        with pytest.raises(Refusal, match=r"gateway\.draining"):
            gate.enter()
        gate.leave()
        assert await gate.drain(seconds=60) == 0

    asyncio.run(main())
