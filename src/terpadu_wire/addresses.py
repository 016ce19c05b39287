"""IP addresses: which a gateway or door may call, and whether a program can listen on one."""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix of RFC 6052."""


def may_be_called(address: str, *, allowed: Iterable[Network]) -> bool:
    """Say whether an address is public, or in a network that the operator named.

    Args:
        address: textual IPv4 or IPv6 address, with or without a zone.
        allowed: private, loopback or link-local networks.
    """
    plain = _plain(ip_address(address.partition("%")[0]))
    if any(plain.version == network.version and plain in network for network in allowed):
        return True
    return plain.is_global and not plain.is_multicast


def try_to_listen(host: str, port: int) -> None:
    """Take an address for a moment, without SO_REUSEPORT, with which a server would share it silently.

    Raises:
        OSError: another program has it, or it may not be used.
        OverflowError: there is no such port.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _plain(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one that only wraps it, else the address itself."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[12:])
    return address.ipv4_mapped or address.sixtofour or address
