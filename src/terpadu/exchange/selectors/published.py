"""The newest published snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from terpadu.exchange.errors import NoSnapshot
from terpadu.exchange.models import Interface, InterfaceDocument, PublishedSnapshot


@dataclass(frozen=True)
class NewestSnapshot:
    """Number and SHA-256 (hexadecimal) of a snapshot."""

    version: int
    sha256: str


def snapshot_newest() -> NewestSnapshot:
    """Return which snapshot is the newest, without its bytes. Raises NoSnapshot. One query by primary key."""
    row = PublishedSnapshot.objects.order_by("-version").values_list("version", "sha256").first()
    if row is None:
        raise NoSnapshot()
    return NewestSnapshot(*row)


def snapshot_body(version: int) -> bytes:
    """Return the signed bytes of a snapshot. One query."""
    body = PublishedSnapshot.objects.values_list("body", flat=True).get(version=version)
    return bytes(body)


def document_of(sha256: str) -> str | None:
    """Return an OpenAPI document by its digest, None when none was published with it. One query, or two."""
    for rows in (
        InterfaceDocument.objects.filter(sha256=sha256),
        Interface.objects.filter(openapi_sha256=sha256),
    ):
        found = rows.values_list("openapi", flat=True).first()
        if found is not None:
            return str(found)
    return None
