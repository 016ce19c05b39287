"""Clients and their keys in memory, as the protocol engine needs them: read once, thrown away when the version moved on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from terpadu.identity.errors import FetchRefused
from terpadu.identity.models import Client
from terpadu.identity.rules.provider.keys import find_keys_fault
from terpadu.identity.rules.provider.lifetimes import LIFETIMES
from terpadu.identity.selectors.provider.clients import ClientView, client_find
from terpadu.identity.services.provider.fetching import fetch_json
from terpadu.kernel.clock import now

log = structlog.get_logger(__name__)

MOST_CLIENTS = 2_000
FETCH_AGAIN_AFTER_S = 60.0


@dataclass
class Known:
    """A client in memory with its keys. fetched_at: when its jwks_uri was asked last, by the monotonic clock."""

    view: ClientView
    keys: tuple[Key, ...]
    fetched_at: float = float("-inf")


_known: dict[str, Known] = {}


def client_known(client_id: str) -> Known | None:
    """Return a client, from memory when it is there. What is given out on it must be confirmed by `is_present`."""
    return _known.get(client_id) or client_read(client_id)


def client_read(client_id: str) -> Known | None:
    """Read a client from the database, and put it into memory. Two queries."""
    view = client_find(client_id)
    if view is None:
        _known.pop(client_id, None)
        return None
    if len(_known) >= MOST_CLIENTS:
        _known.clear()
    known = Known(view=view, keys=keys_of(view.jwks))
    _known[client_id] = known
    return known


def client_at(client_id: str, *, version: int) -> ClientView | None:
    """Return a client at a version that was just read: from memory, or read anew. Two queries when it is not in memory."""
    known = _known.get(client_id)
    if known is None or known.view.version != version:
        known = client_read(client_id)
    return known.view if known else None


def client_refresh(client_id: str) -> bool:
    """Forget a client in memory that has changed since; tells whether it had. One query when it is in memory.

    Ask when a client was refused: its new key or secret may be right, or an operator may have let it go on.
    """
    known = _known.get(client_id)
    if known is None:
        return False
    version = Client.objects.filter(client_id=client_id).values_list("version", flat=True).first()
    return not is_present(known, version)


def is_present(known: Known, version: int | None) -> bool:
    """Tell whether a client from memory is still the present one; forget it when it is not."""
    if version == known.view.version:
        return True
    _known.pop(known.view.client_id, None)
    return False


def keys_of(jwks: Mapping[str, Any]) -> tuple[Key, ...]:
    """Return the keys of a key set, none when something is wrong with it."""
    if not jwks or find_keys_fault(jwks):
        return ()
    try:
        return tuple(KeySet.import_key_set({"keys": jwks["keys"]}).keys)
    except (JoseError, ValueError, TypeError, KeyError):
        return ()


def keys_for(known: Known, *, kid: str) -> tuple[Key, ...]:
    """Return a client's keys; those behind its jwks_uri are fetched when they are old or `kid` is not among them.

    An agency whose address does not answer keeps the keys it had: an outage there is no outage here.
    """
    view = known.view
    if not view.jwks_uri:
        return known.keys
    since = time.monotonic() - known.fetched_at
    stamp = view.jwks_fetched_at
    is_old = since > LIFETIMES.client_keys.total_seconds() and (
        stamp is None or now() - stamp > LIFETIMES.client_keys
    )
    is_missing = bool(kid) and all(key.kid != kid for key in known.keys)
    may_ask = since > FETCH_AGAIN_AFTER_S
    if (is_old or is_missing) and may_ask:
        known.fetched_at = time.monotonic()
        _fetch(known)
    return known.keys


def _fetch(known: Known) -> None:
    view = known.view
    try:
        jwks = fetch_json(view.jwks_uri, allowed=view.fetch_hosts)
    except FetchRefused as error:
        log.warning("client_keys_not_fetched", client=view.client_id, **error.facts)
        return
    if not isinstance(jwks, dict) or find_keys_fault(jwks):
        log.warning("client_keys_not_fetched", client=view.client_id, reason="not a key set")
        return
    # The version stays: these keys are a copy of what the agency publishes, not a change of the client.
    Client.objects.filter(pk=view.id).update(jwks=jwks, jwks_fetched_at=now())
    known.keys = keys_of(jwks)
