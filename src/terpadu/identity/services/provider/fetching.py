"""Fetching from addresses that agencies name, without becoming their tool against others (SSRF).

The host must be on the agency's allow-list, the scheme https (http on this machine), no redirect is followed, a public name may not
lead to a private address unless the operator listed that very host with its port, and size and time are limited.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from terpadu.identity.errors import FetchRefused
from terpadu.identity.rules.provider.addresses import LOOPBACK, find_fetch_fault, is_public_address
from terpadu.kernel.http.pinning import HostUnknown, Pinned, PrivateAddress, pin

TIMEOUT_S = 5.0
LARGEST_BYTES = 100_000


@dataclass(frozen=True)
class Fetched:
    """What came back: status, media type without parameters, body."""

    status: int
    media_type: str
    body: bytes


def fetch(address: str, *, allowed: Collection[str]) -> Fetched:
    """Get an address. allowed: the agency's hosts. Raises FetchRefused with a reason and without the answer's words."""
    return _send("GET", address, allowed=allowed, form=None)


def post(
    address: str,
    form: Mapping[str, str],
    *,
    allowed: Collection[str],
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Post a form to an address; otherwise as `fetch`. headers: to send beside ours."""
    return _send("POST", address, allowed=allowed, form=form, more=headers)


def fetch_json(address: str, *, allowed: Collection[str]) -> Any:
    """Get a JSON document. Raises FetchRefused, also when it is none or the status is not 200."""
    answer = fetch(address, allowed=allowed)
    if answer.status != 200:
        raise FetchRefused(reason="status")
    try:
        return orjson.loads(answer.body)
    except ValueError:
        raise FetchRefused(reason="not json") from None


def _send(
    method: str,
    address: str,
    *,
    allowed: Collection[str],
    form: Mapping[str, str] | None,
    more: Mapping[str, str] | None = None,
) -> Fetched:
    fault = find_fetch_fault(address, allowed=allowed)
    if fault:
        raise FetchRefused(reason=fault)
    pinned = _pinned(address, allowed)
    deadline = time.monotonic() + TIMEOUT_S
    headers = {"Host": pinned.authority, "Accept": "application/json, image/*;q=0.5", **(more or {})}
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream(
                method, pinned.url, headers=headers, data=form, extensions=pinned.extensions
            ) as answer,
        ):
            body = _read(answer, deadline)
            media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Fetched(answer.status_code, media_type, body)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise FetchRefused(reason="no answer") from None


def _read(answer: httpx.Response, deadline: float) -> bytes:
    body = b""
    for chunk in answer.iter_bytes(8192):
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise FetchRefused(reason="too large")
        if time.monotonic() > deadline:
            raise FetchRefused(reason="too slow")
    return body


def _pinned(address: str, allowed: Collection[str]) -> Pinned:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    is_private_by_intention = parts.hostname in LOOPBACK or f"{parts.hostname}:{port}" in allowed
    try:
        return pin(address, may_be_called=lambda one: is_private_by_intention or is_public_address(one))
    except HostUnknown:
        raise FetchRefused(reason="no such host") from None
    except PrivateAddress:
        raise FetchRefused(reason="private address") from None
