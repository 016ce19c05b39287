"""Calls over the toll road, through the agency's own gateway."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import httpx

from terpadu_client.answers import Answer
from terpadu_client.errors import CallError, GatewayAway, problem_of
from terpadu_client.retrying import may_repeat, wait_before

T = TypeVar("T")
SAFE = frozenset(("GET", "HEAD"))


class Client:
    """An application's way onto the toll road; may be used by several threads.

    gateway_url: where the agency's gateway takes calls, such as "http://127.0.0.1:8011"; the sandbox's address works
    alike. key: the application's key. timeout_s: seconds for a call with all its repetitions, told to the gateways.
    tries: how often a call is made at most. transport: another way to send, for tests.
    """

    def __init__(
        self,
        gateway_url: str,
        *,
        key: str,
        timeout_s: float = 10.0,
        tries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if tries < 1 or timeout_s <= 0:
            raise ValueError("a call is made at least once, and has some time")
        self._timeout_s, self._tries = timeout_s, tries
        headers = {"Authorization": f"Bearer {key.strip()}", "Accept": "application/json"}
        self._http = httpx.Client(base_url=gateway_url.rstrip("/"), headers=headers, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    @overload
    def call(
        self, service: str, method: str, path: str, *, purpose: str, body: Any = ..., evidence: str = ...,
        on_behalf_of: str = ..., grant_hash: str = ..., idempotency_key: str = ..., is_safe: bool = ...,
    ) -> Answer[Any]: ...  # fmt: skip

    @overload
    def call(
        self, service: str, method: str, path: str, *, purpose: str, parse: Callable[[Any], T], body: Any = ...,
        evidence: str = ..., on_behalf_of: str = ..., grant_hash: str = ..., idempotency_key: str = ...,
        is_safe: bool = ...,
    ) -> Answer[T]: ...  # fmt: skip

    def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        purpose: str,
        parse: Callable[[Any], Any] = lambda value: value,
        body: Any = None,
        evidence: str = "",
        on_behalf_of: str = "",
        grant_hash: str = "",
        idempotency_key: str = "",
        is_safe: bool = False,
    ) -> Answer[Any]:
        """Call an operation of another agency's system.

        service: "<peer id>/<interface>". path: below it. body: its JSON, None for none.
        parse: makes what you want of the answer's JSON, such as a model's `model_validate`.
        purpose: code of a purpose in the contract. evidence: reference of the case. on_behalf_of: who stands behind it,
        such as "officer:<position>". grant_hash: needed only where several rights fit.
        idempotency_key: of an operation that changes something, one for each thing to be done; with it the call may be
        repeated. is_safe: whether the operation changes nothing, though it is no GET.
        Raises NothingFound, CallRefused, Unavailable, SystemFailed, GatewayAway.
        """
        told = {
            "Terpadu-Purpose": purpose,
            "Terpadu-Evidence": evidence,
            "Terpadu-On-Behalf-Of": on_behalf_of,
            "Fsc-Grant-Hash": grant_hash,
            "Idempotency-Key": idempotency_key,
        }
        headers = {name: value for name, value in told.items() if value}
        is_safe = is_safe or method.upper() in SAFE
        address = f"/{service}{path}"
        response = self._repeated(method.upper(), address, body, headers, is_safe=is_safe)
        return Answer(
            body=parse(response.json()) if response.content else parse(None),
            status=response.status_code,
            transaction_id=response.headers.get("fsc-transaction-id", ""),
            read_at=_moment(response.headers.get("terpadu-read-at", "")),
        )

    def _repeated(
        self, method: str, address: str, body: Any, headers: Mapping[str, str], *, is_safe: bool
    ) -> httpx.Response:
        """Send until there is an answer, as often and as long as the rules for repeating allow."""
        ends_at, tried = time.monotonic() + self._timeout_s, 0
        while True:
            tried += 1
            try:
                return self._send(method, address, body, headers, left_s=ends_at - time.monotonic())
            except CallError as error:
                wait_s = wait_before(error, tries=tried, jitter=random.random())  # noqa: S311 - jitter, not a secret
                may = may_repeat(error, is_safe=is_safe, has_key="Idempotency-Key" in headers)
                if not may or tried >= self._tries or time.monotonic() + wait_s >= ends_at:
                    raise
            time.sleep(wait_s)

    def _send(
        self, method: str, address: str, body: Any, headers: Mapping[str, str], *, left_s: float
    ) -> httpx.Response:
        deadline = {"Terpadu-Deadline-Ms": str(max(1, int(left_s * 1000)))}
        sent = {} if body is None else {"json": body}
        try:
            response = self._http.request(
                method, address, headers={**headers, **deadline}, timeout=max(left_s, 0.001), **sent
            )
        except httpx.HTTPError as error:
            raise GatewayAway(type(error).__name__) from error
        if response.is_success:
            return response
        raise problem_of(_members(response), status=response.status_code, headers=response.headers)


def _members(response: httpx.Response) -> Mapping[str, object]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
