"""A limit on checks by one address, shared by all processes."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from terpadu.documents.errors import TooManyChecks
from terpadu.identity.public import Limit, try_take

WINDOW = timedelta(minutes=1)


def check_rate(request: HttpRequest, *, what: str, limit: int) -> None:
    """Count one check. Raises TooManyChecks after `limit` of them within a minute from the same address.

    The address itself is not kept: only a keyed hash, for three days at most.
    """
    rule = Limit(f"document_{what}", limit, WINDOW)
    if not try_take(rule, request.META.get("REMOTE_ADDR", "")):
        raise TooManyChecks(what=what)
