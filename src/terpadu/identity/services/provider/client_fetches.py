"""What is fetched of a client when it is registered: the list behind its sector."""

from __future__ import annotations

from collections.abc import Collection

from terpadu.identity.errors import ClientInvalid, FetchRefused
from terpadu.identity.rules.provider.metadata import ClientDraft
from terpadu.identity.services.provider.fetching import fetch_json


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
