"""Calling the very address that was checked, so that a second look-up of a name cannot lead elsewhere (DNS rebinding)."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


class HostUnknown(Exception):
    """The name in an address leads nowhere."""


class PrivateAddress(Exception):
    """A name leads to an address that may not be called."""


@dataclass(frozen=True)
class Pinned:
    """An address to call. url: with the IP address in the place of the name. authority: for the Host header. host: for TLS."""

    url: str
    authority: str
    host: str

    @property
    def extensions(self) -> dict[str, str]:
        """What lets httpx hold the server's certificate against the name, though it connects to the address."""
        return {"sni_hostname": self.host}


def pin(url: str, *, may_be_called: Callable[[str], bool]) -> Pinned:
    """Resolve the name in an address once, check every address it has, and put one of them into the URL.

    url: http or https, without user and password. may_be_called: says it of an IP address in text form.
    Raises HostUnknown, PrivateAddress.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port or _PORTS[parts.scheme]
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError, KeyError) as error:
        raise HostUnknown(host) from error
    found = [str(entry[4][0]) for entry in entries]
    if not all(map(may_be_called, found)):
        raise PrivateAddress(host)
    chosen = min(
        found, key=lambda one: ":" in one
    )  # in the resolver's order, IPv4 first: it is reached from everywhere
    literal = f"[{chosen}]" if ":" in chosen else chosen
    return Pinned(parts._replace(netloc=f"{literal}:{port}").geturl(), parts.netloc, host)
