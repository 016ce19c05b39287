"""A limit on checks by one address, shared by all processes through the cache."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from terpadu.documents.errors import TooManyChecks
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash

WINDOW_SECONDS = 60


def check_rate(request: HttpRequest, *, what: str, limit: int) -> None:
    """Count one check. Raises TooManyChecks after `limit` of them in the same minute from the same address.

    The address is kept for that minute only, as a keyed hash.
    """
    minute = int(now().timestamp()) // WINDOW_SECONDS
    who = keyed_hash(request.META.get("REMOTE_ADDR", ""), context="documents.rate")[:24]
    key = f"documents:{what}:{who}:{minute}"
    if cache.add(key, 1, timeout=2 * WINDOW_SECONDS):
        return
    try:
        count = cache.incr(key)
    except ValueError:
        return  # the entry ran out between the two calls
    if count > limit:
        raise TooManyChecks(what=what)
