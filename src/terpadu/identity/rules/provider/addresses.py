"""Addresses that agencies register: where people are sent back to, and where the provider may fetch from."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

LONGEST = 500
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PLAIN = re.compile(r"^[\x21-\x7e]+$")
_HOST = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$")
_PRIVATE_SCHEME = re.compile(r"^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$")  # reverse domain name: RFC 8252, 7.1


def find_redirect_fault(address: str, *, is_native: bool = False) -> str:
    """Say what makes an address unfit to send people back to, or "" when it is fit (RFC 9700, 2.1; RFC 8252, 7).

    is_native: applications on a phone may use their own scheme, such as "id.go.contoho:/balik".
    """
    if len(address) > LONGEST or not _PLAIN.match(address) or "\\" in address:
        return "characters"
    if "#" in address:
        return "fragment"
    if "*" in address:
        return "wildcard"
    scheme = address.partition(":")[0]
    if is_native and _PRIVATE_SCHEME.match(scheme) and address.startswith(f"{scheme}:/"):
        return ""
    return find_web_fault(address, may_be_loopback=True)


def find_web_fault(address: str, *, may_be_loopback: bool = False) -> str:
    """Say what makes an address unfit as a plain https address, or "". may_be_loopback: this machine, also by http."""
    if len(address) > LONGEST or not _PLAIN.match(address) or "\\" in address:
        return "characters"
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "form"
    if "@" in parts.netloc:
        return "userinfo"
    if port == 0 or not host or parts.fragment:
        return "form"
    if _authority(address) != _authority(address).lower() or host.endswith("."):
        return "host"
    is_here = may_be_loopback and host in LOOPBACK
    if parts.scheme != "https" and not (is_here and parts.scheme == "http"):
        return "scheme"
    if not is_here and (not _HOST.match(host) or "." not in host or _is_number(host)):
        return "host"
    return "path" if ".." in unquote(parts.path).split("/") else ""


def _authority(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition("?")[0]


def _is_number(host: str) -> bool:
    return host.rpartition(".")[2].isdigit()


def origin_of(address: str) -> str:
    """Return host, and port when it is not the usual one, of a web address: what an allow-list names."""
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = parts.hostname or ""
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def site_of(address: str) -> str:
    """Return scheme, host and port of an address as a content policy names them, such as "https://antre.go.id"."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def is_fetch_host(text: str) -> bool:
    """Tell whether a text is what an allow-list names: a host in small letters, or with its port."""
    address = f"https://{text}/"
    return not find_web_fault(address, may_be_loopback=True) and origin_of(address) == text


def find_fetch_fault(address: str, *, allowed: Collection[str]) -> str:
    """Say why the provider must not fetch an address, or "". allowed: hosts (with port) that an operator let an agency use.

    A host on the list may also be this machine or a private network: the list is the operator's decision.
    """
    fault = find_web_fault(address, may_be_loopback=True)
    if fault:
        return fault
    return "" if origin_of(address) in allowed else "not allowed"


def is_public_address(text: str) -> bool:
    """Tell whether an IP address belongs to the open Internet: no loopback, link, private, shared or reserved range."""
    try:
        found: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def sector_of(redirect_uris: Collection[str]) -> str:
    """Return the one host of all redirect URIs: the sector that `sub` belongs to, or "" when they differ (Core 8.1)."""
    hosts = {urlsplit(address).hostname or "" for address in redirect_uris}
    return hosts.pop() if len(hosts) == 1 else ""
