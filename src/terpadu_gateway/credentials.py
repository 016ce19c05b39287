"""How a gateway signs in to a system: a fixed header, a name and password, or an OAuth2 token that it keeps."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol
from urllib.parse import quote, urlencode

import structlog
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder

from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_gateway.config import ConfigError, ServiceConfig
from terpadu_gateway.identities import read_file
from terpadu_gateway.messages import Refusal
from terpadu_gateway.targets import Target
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

log = structlog.get_logger()
_TIMEOUT = timedelta(seconds=5)
_MARGIN = 30
"""Seconds before its end at which a token is renewed, at most half its life."""
_USUAL_LIFE = 300
"""Life of a token whose server does not say, in seconds (RFC 6749, section 5.1, only recommends that it says)."""


class Credentials(Protocol):
    """What a system wants to see of its caller."""

    async def headers(self) -> Mapping[str, str]:
        """Return the headers that sign a request in.

        Raises:
            Refusal: ``system.sign_in_failed`` or, for the token's endpoint, what :class:`Target` raises.
        """

    def renew(self) -> bool:
        """Forget what the system did not accept; say whether another try makes sense."""


class FixedHeaders:
    """The same headers at every call.

    Args:
        headers: by lower-case name.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    async def headers(self) -> Mapping[str, str]:
        """Return them."""
        return self._headers

    def renew(self) -> bool:
        """Say no: a second try would send the same."""
        return False


class ClientCredentials:
    """An OAuth2 access token by client credentials (RFC 6749, section 4.4), asked for once and kept while it lives.

    Args:
        service: the system with ``token_url``, ``client_id``, ``client_secret_file``, ``client_auth_method``, ``scope``.
        target: the token endpoint.
        clock: gives seconds that only grow.
    """

    def __init__(self, service: ServiceConfig, target: Target, *, clock: Callable[[], float]) -> None:
        self._service = service
        self._target = target
        self._clock = clock
        self._secret = _secret(service)
        self._token = ""
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """Return the bearer header, asking for a token when there is none."""
        if not self._is_good():
            async with self._asking:
                if not self._is_good():
                    await self._ask()
        return {"authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget the token; say whether there was one."""
        had, self._token = bool(self._token), ""
        return had

    def _is_good(self) -> bool:
        return bool(self._token) and self._clock() < self._good_until

    async def _ask(self) -> None:
        asked_at = self._clock()
        try:
            status, _, body = await fetch((await self._request()).timeout(_TIMEOUT))
            value = parse_json(body) if status == 200 else None
        except (PyreqwestError, AnswerTooLargeError, JsonError) as error:
            raise _failed("the token endpoint did not answer") from error
        if not isinstance(value, dict):
            log.warning("system.token_refused", service=self._service.name, status=status)
            raise _failed(f"the token endpoint answered {status}")
        token = value.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise _failed("the token endpoint gave no token")
        life = _seconds(value.get("expires_in"))
        self._token = token
        self._good_until = asked_at + life - min(_MARGIN, life / 2)

    async def _request(self) -> RequestBuilder:
        form, one = {"grant_type": "client_credentials"}, self._service
        if one.scope:
            form["scope"] = one.scope
        client = await self._target.client()
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if one.client_auth_method == "client_secret_post":
            form |= {"client_id": one.client_id, "client_secret": self._secret}
        else:
            # Form-encoded before they are joined (RFC 6749, section 2.3.1).
            pair = f"{quote(one.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
        return client.post(self._target.url).headers(headers).body_bytes(urlencode(form).encode())


def fixed_headers(service: ServiceConfig) -> FixedHeaders:
    """Return the fixed headers of a system with ``auth`` none, header, basic or mtls.

    Raises:
        ConfigError: a file cannot be read or holds no plain text.
    """
    if service.auth == "header" and service.header_value_file is not None:
        return FixedHeaders(
            {service.header_name.lower(): _text(service, read_file(service.header_value_file))}
        )
    if service.auth == "basic" and service.basic_file is not None:
        pair = base64.b64encode(read_file(service.basic_file).strip()).decode("ascii")
        return FixedHeaders({"authorization": f"Basic {pair}"})
    return FixedHeaders({})


def _secret(service: ServiceConfig) -> str:
    return _text(service, read_file(service.client_secret_file)) if service.client_secret_file else ""


def _text(service: ServiceConfig, raw: bytes) -> str:
    try:
        text = raw.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{service.name}: a secret holds more than plain text") from error
    if not text.isprintable():
        raise ConfigError(f"{service.name}: a secret holds more than one line")
    return text


def _seconds(value: object) -> float:
    """Return a token's life; some servers write the number as a text."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    return float(_USUAL_LIFE)


def _failed(detail: str) -> Refusal:
    return Refusal("system.sign_in_failed", detail, retry_after=5)
