"""Where doors may call: public addresses, and those private networks that the operator named (SSRF)."""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from terpadu_doors.problems import DoorProblem
from terpadu_wire.addresses import Network, may_be_called


def check_target(url: str, *, allowed: Iterable[Network]) -> None:
    """Check that a URL leads only to addresses that may be called.

    Args:
        url: http or https address without user or password.
        allowed: private networks that the operator lets doors call.

    Raises:
        DoorProblem: ``door.target_refused``, or ``door.unavailable`` when the name does not resolve.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:  # a port that there is not, or half an IPv6 address
        raise DoorProblem("door.target_refused", "the address is malformed") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise DoorProblem("door.target_refused", "only plain http and https addresses without a user")
    networks = tuple(allowed)
    for address in _addresses(parts.hostname, port):
        if not may_be_called(address, allowed=networks):
            raise DoorProblem(
                "door.target_refused", "the address is private and the operator has not allowed it"
            )


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DoorProblem("door.unavailable", "the name of the system's machine is not known") from error
    return [str(entry[4][0]) for entry in found]
