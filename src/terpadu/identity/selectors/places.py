"""Where networks are, from a file that the operator provides; without one nobody's way is known, and nothing is guessed."""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path

from django.conf import settings

from terpadu.identity.rules.abuse import Place

V4_SHIFT, V6_SHIFT = 0, 64
"""An IPv4 address is compared whole; of IPv6 the first 64 bits, which is all that the history keeps."""


@dataclass(frozen=True)
class Places:
    """Networks by their first address, each with its last and its place; version 4 and 6 apart."""

    starts: tuple[list[int], list[int]]
    entries: tuple[list[tuple[int, Place]], list[tuple[int, Place]]]

    def find(self, network: str) -> Place | None:
        """Return where a network is (an address, or a /64), or None."""
        try:
            side, first, _ = _span(network)
        except ValueError:
            return None
        at = bisect_right(self.starts[side], first) - 1
        if at < 0:
            return None
        last, place = self.entries[side][at]
        return place if first <= last else None


def network_places() -> Places | None:
    """Return the places of the file that is set (`TERPADU_NETWORK_PLACES`), None without one. Read again when it changes."""
    if not settings.NETWORK_PLACES:
        return None
    path = Path(settings.NETWORK_PLACES)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, version: int) -> Places:
    """Read a CSV with the columns network, latitude, longitude and, if it likes, place; lines without coordinates are left out."""
    found: tuple[list[tuple[int, int, Place]], list[tuple[int, int, Place]]] = ([], [])
    known: dict[tuple[str, str, str], Place] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            key = (line.get("place") or "", line["latitude"], line["longitude"])
            if not key[1] or not key[2]:
                continue
            place = known.setdefault(
                key, Place(key[0] or f"{key[1]}, {key[2]}", float(key[1]), float(key[2]))
            )
            side, first, last = _span(line["network"])
            found[side].append((first, last, place))
    for entries in found:
        entries.sort(key=lambda entry: entry[0])
    four, six = found
    return Places(
        ([first for first, _, _ in four], [first for first, _, _ in six]),
        ([(last, place) for _, last, place in four], [(last, place) for _, last, place in six]),
    )


def _span(network: str) -> tuple[int, int, int]:
    parsed = ip_network(network, strict=False)
    shift = V4_SHIFT if parsed.version == 4 else V6_SHIFT
    side = 0 if parsed.version == 4 else 1
    return side, int(parsed.network_address) >> shift, int(parsed.broadcast_address) >> shift
