"""Logos of clients: fetched once when an operator approves, drawn anew, kept and served by us; the agency's server never learns who looks.

What is stored is not the agency's file but a picture drawn from it: nothing hidden in a file (scripts, places, other files
behind its end) comes along.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection
from pathlib import Path

import typst

from terpadu.identity.errors import FetchRefused
from terpadu.identity.models import Client, ClientLogo
from terpadu.identity.rules.provider.pictures import find_picture_fault
from terpadu.identity.services.provider.fetching import fetch
from terpadu.kernel.clock import now

SIDE_PX = 128
DRAWING = """
#set page(width: {side}pt, height: {side}pt, margin: 0pt, fill: none)
#align(center + horizon, image("logo", format: "{kind}", width: 100%, height: 100%, fit: "contain"))
"""


def logo_fetch(address: str, *, allowed: Collection[str]) -> bytes:
    """Return a client's logo, drawn anew as a PNG of 128 x 128 pixels.

    allowed: the agency's hosts. Raises FetchRefused, also when it is neither PNG nor JPEG, too large, or broken.
    """
    found = fetch(address, allowed=allowed)
    if found.status != 200:
        raise FetchRefused(reason="status")
    kind, fault = find_picture_fault(found.body)
    if fault:
        raise FetchRefused(reason=fault)
    return _drawn(found.body, kind)


def _drawn(body: bytes, kind: str) -> bytes:
    """Decode a picture and draw it into a square, in a program part written in a memory-safe language."""
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "page.typ"
        page.write_text(DRAWING.format(side=SIDE_PX, kind=kind))
        (Path(directory) / "logo").write_bytes(body)
        try:
            return typst.compile(page, root=Path(directory), format="png", ppi=72.0, ignore_system_fonts=True)
        except typst.TypstError:
            raise FetchRefused(reason="not a picture") from None


def logo_keep(row: Client, picture: bytes | None) -> None:
    """Store what a client's logo looks like; None takes an old one away."""
    if picture is None:
        ClientLogo.objects.filter(client=row).delete()
        return
    digest = hashlib.sha256(picture).hexdigest()
    columns = {"source": row.logo_uri, "digest": digest, "body": picture, "fetched_at": now()}
    ClientLogo.objects.update_or_create(client=row, defaults=columns)
