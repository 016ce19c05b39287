"""The client for agencies' programs: typed errors, when it tries again."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from terpadu_client import (
    CallRefused,
    Client,
    GatewayAway,
    NothingFound,
    ProblemError,
    SystemFailed,
    Unavailable,
)
from terpadu_client.errors import Problem
from terpadu_client.retrying import LONGEST_WAIT_S, NOTHING_PASSED_ON, may_repeat, wait_before
from terpadu_wire.problems import KINDS
from terpadu_wire.problems import Problem as WireProblem

Handler = Callable[[httpx.Request], httpx.Response]


def client_of(*answers: httpx.Response | Exception, tries: int = 3) -> tuple[Client, list[httpx.Request]]:
    """Return a client whose gateway gives these answers in turn, and what it was sent."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers[min(len(sent), len(answers) - 1)]
        sent.append(request)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    return Client("http://gateway/", key="k\n", tries=tries, transport=httpx.MockTransport(answer)), sent


def problem(code: str, **headers: str) -> httpx.Response:
    """Return a problem as a gateway writes it."""
    made = WireProblem(code, KINDS[code].side or "consumer-gateway", transaction_id="t")
    return httpx.Response(made.http_status, headers=headers, content=made.body())


def good() -> httpx.Response:
    """Return an answer."""
    headers = {"fsc-transaction-id": "t-1", "terpadu-read-at": "2026-11-22T03:00:00+00:00"}
    return httpx.Response(200, headers=headers, json={"nama": "Siti"})


def read(client: Client, **changes: object) -> object:
    """Make a call that changes nothing."""
    members: dict[str, object] = {"purpose": "kia.verifikasi", "body": {"nik": "1"}, "is_safe": True}
    return client.call("00000002/kependudukan", "post", "/v1/cari", **(members | changes))


def test_call_carries_what_gateways_want_and_gives_a_typed_answer() -> None:
    client, sent = client_of(good())
    with client:
        answer = client.call(
            "00000002/kependudukan",
            "POST",
            "/v1/cari",
            purpose="kia.verifikasi",
            evidence="KIA-1",
            body={"nik": "1"},
            parse=lambda value: str(value["nama"]),
        )
    assert (answer.body, answer.transaction_id) == ("Siti", "t-1")
    assert answer.read_at is not None
    (request,) = sent
    assert str(request.url) == "http://gateway/00000002/kependudukan/v1/cari"
    assert request.headers["authorization"] == "Bearer k"
    assert request.headers["terpadu-evidence"] == "KIA-1"
    assert 0 < int(request.headers["terpadu-deadline-ms"]) <= 10_000
    assert "idempotency-key" not in request.headers
    assert json.loads(request.content) == {"nik": "1"}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_problem_of_the_road_has_its_error(code: str) -> None:
    client, _ = client_of(problem(code), tries=1)
    with pytest.raises(ProblemError) as raised:
        read(client)
    kind = KINDS[code]
    expected = CallRefused if kind.status < 500 else SystemFailed
    if kind.retryable:
        expected = Unavailable
    if code == "system.not_found":
        expected = NothingFound
    assert type(raised.value) is expected
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("code", "is_safe", "has_key", "repeats"),
    [
        ("system.slow", True, False, True),
        ("system.slow", False, True, True),
        ("system.slow", False, False, False),
        ("gateway.overloaded", False, False, True),
        ("quota.second", False, False, True),
        ("quota.day", True, True, False),
        ("hours.closed", True, True, False),
        ("contract.none", True, True, False),
        ("idempotency.unknown", False, True, True),
    ],
)
def test_repeating_follows_what_may_have_been_done(
    code: str, is_safe: bool, has_key: bool, repeats: bool
) -> None:
    error = ProblemError(Problem(code, "", KINDS[code].status, retryable=KINDS[code].retryable))
    assert may_repeat(error, is_safe=is_safe, has_key=has_key) is repeats
    assert may_repeat(GatewayAway(), is_safe=is_safe, has_key=has_key) is (is_safe or has_key)


def test_codes_after_which_nothing_was_passed_on_are_codes_of_the_road() -> None:
    assert KINDS.keys() >= NOTHING_PASSED_ON
    assert all(KINDS[code].retryable for code in NOTHING_PASSED_ON)


def test_wait_grows_to_a_limit_and_heeds_advice() -> None:
    waits = [wait_before(GatewayAway(), tries=tries, jitter=1) for tries in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S
    advised = ProblemError(Problem("quota.second", "", 429, retry_after=9))
    assert wait_before(advised, tries=1, jitter=0) == 9


def test_call_is_repeated_until_it_is_answered() -> None:
    client, sent = client_of(problem("gateway.overloaded"), httpx.ConnectError("x"), good())
    read(client)
    assert len(sent) == 3


def test_change_without_a_key_is_never_sent_twice_when_it_may_have_been_done() -> None:
    client, sent = client_of(httpx.ReadTimeout("x"))
    with pytest.raises(GatewayAway):
        read(client, is_safe=False)
    assert len(sent) == 1
    client, sent = client_of(httpx.ReadTimeout("x"), good())
    read(client, is_safe=False, idempotency_key="kunci-1")
    assert [one.headers["idempotency-key"] for one in sent] == ["kunci-1", "kunci-1"]


def test_answer_that_is_no_problem_still_says_its_status() -> None:
    client, _ = client_of(httpx.Response(502, content=b"<html>"), tries=1)
    with pytest.raises(SystemFailed) as raised:
        read(client)
    assert raised.value.code == "http.502"
