"""The server's side of a request, as far as doors use it (RSGI)."""

from collections.abc import AsyncIterator
from typing import Protocol


class HeaderItems(Protocol):
    """Headers as the server gives them."""

    def items(self) -> list[tuple[str, str]]:
        """Return every header line, names in lower case."""


class Scope(Protocol):
    """What the server says of a request."""

    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> HeaderItems:
        """The request's headers."""


class Exchange(Protocol):
    """The body of a request, and the way to answer."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""
