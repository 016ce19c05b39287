"""What is fetched of a client when it is registered: the list behind its sector, and its logo."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from terpadu.identity.errors import ClientInvalid, FetchRefused
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.services.provider.fetching import fetch, fetch_json

MARKS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""How the pictures begin that a logo may be; what the server calls it does not count, and SVG may carry scripts."""


@dataclass(frozen=True)
class Logo:
    """A picture. media_type: by its content."""

    media_type: str
    body: bytes


def sector_check(draft: ClientDraft, *, allowed: Collection[str]) -> None:
    """See that the list behind sector_identifier_uri names every redirect URI (OpenID Connect Registration 1.0, 5).

    Without it one agency could claim another's sector. Raises ClientInvalid.
    """
    if not draft.sector_identifier_uri:
        return
    try:
        listed = fetch_json(draft.sector_identifier_uri, allowed=allowed)
    except FetchRefused as error:
        raise ClientInvalid((("sector_identifier_uri", str(error.facts["reason"])),)) from None
    if not isinstance(listed, list) or not set(draft.redirect_uris) <= {
        one for one in listed if isinstance(one, str)
    }:
        raise ClientInvalid((("sector_identifier_uri", "does not list the redirect URIs"),))


def logo_fetch(address: str, *, allowed: Collection[str]) -> Logo:
    """Return a client's logo. Raises FetchRefused, also when it is neither PNG nor JPEG."""
    found = fetch(address, allowed=allowed)
    kind = next((kind for mark, kind in MARKS.items() if found.body.startswith(mark)), "")
    if found.status != 200 or not kind:
        raise FetchRefused(reason="not a picture")
    return Logo(kind, found.body)
