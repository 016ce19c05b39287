"""Where doors may call: public addresses, and those private networks that the operator named (SSRF)."""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from terpadu_doors.problems import DoorProblem

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix of RFC 6052."""


def check_target(url: str, *, allowed: Iterable[Network]) -> None:
    """Check that a URL leads only to addresses that may be called.

    Args:
        url: http or https address without user or password.
        allowed: private networks that the operator lets doors call.

    Raises:
        DoorProblem: ``door.target_refused``, or ``door.unavailable`` when the name does not resolve.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise DoorProblem("door.target_refused", "only plain http and https addresses without a user")
    networks = tuple(allowed)
    for address in _addresses(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)):
        if not may_call(address, allowed=networks):
            raise DoorProblem(
                "door.target_refused", "the address is private and the operator has not allowed it"
            )


def may_call(address: Address, *, allowed: Iterable[Network]) -> bool:
    """Say whether an address is public, or in a network that the operator named."""
    plain = _plain(address)
    if any(plain.version == network.version and plain in network for network in allowed):
        return True
    return plain.is_global and not plain.is_multicast


def _plain(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that only wraps it, else the address itself."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        return IPv4Address(address.packed[12:]) if address in _NAT64 else wrapped or address
    return address


def _addresses(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DoorProblem("door.unavailable", "the name of the system's machine is not known") from error
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
