"""What a public address says about an application: its host, and the site of a product under which it stands."""

from __future__ import annotations

OFFICE_ZONES = frozenset({"go", "desa", "mil", "sch", "ac"})
SITE_PARTS, SHORT_ZONE = 3, 3
STORE_SITES = frozenset({"play.google.com", "apps.apple.com"})


def plain_host(address: str | None) -> str:
    """Return the host and the first part of the path, without scheme, "www." and port; empty for no public host."""
    bare = (address or "").strip().lower().split("://")[-1].removeprefix("www.")
    host, _, path = bare.partition("/")
    host = host.split(":")[0]
    if "." not in host or host.startswith(("localhost", "10.", "192.168.", "127.")):
        return ""
    if host in STORE_SITES:
        return ""
    first = path.split("/")[0].split("?")[0]
    return f"{host}/{first}" if first and "." not in first else host


def site_of(host: str) -> str:
    """Return the site under which a host stands, such as "produk.co.id" of "desa.produk.co.id"; empty for an office's own.

    An office keeps all its applications under its government domain, so that domain says nothing about a product.
    """
    parts = host.split("/")[0].split(".")
    if len(parts) < SITE_PARTS or parts[-2] in OFFICE_ZONES or parts[-1].isdigit():
        return ""
    return ".".join(parts[-SITE_PARTS:] if len(parts[-2]) <= SHORT_ZONE else parts[1 - SITE_PARTS :])
