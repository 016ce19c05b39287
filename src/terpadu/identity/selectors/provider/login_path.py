"""The reads on the way of every login, as SQL written out: building them anew each time costs more than running them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

_REQUEST = """
select r.parameters::text, r.expires_at, r.opened_at, r.decided_at, c.version
from identity_authorizationrequest r join identity_client c on c.id = r.client_id
where r.digest = %s and c.client_id = %s
"""
_CONSENT = """
select id, claims from identity_consent
where person_id = %s and client_id = %s and asked = %s and ended_at is null and expires_at > %s
"""
_SIGN_IN = "select id from identity_signin where session_key = %s and ended_at is null limit 1"


@dataclass(frozen=True)
class WaitingRequest:
    """A stored authorization request with its client's present version."""

    parameters: Mapping[str, Any]
    expires_at: datetime
    opened_at: datetime | None
    decided_at: datetime | None
    version: int


def waiting_request(digest: str, *, client_id: str) -> WaitingRequest | None:
    """Return the request of a digest when it is this client's. One query."""
    row = _one(_REQUEST, digest, client_id)
    return WaitingRequest(orjson.loads(row[0]), *row[1:]) if row else None


def open_consent(
    person_id: UUID, *, client_pk: UUID, asked: str, at: datetime
) -> tuple[UUID, list[str]] | None:
    """Return identifier and claims of the consent in force to exactly one question. One query."""
    row = _one(_CONSENT, person_id, client_pk, asked, at)
    return (row[0], row[1]) if row else None


def open_sign_in(session_key: str) -> UUID | None:
    """Return the sign-in that opened a session and has not ended. One query."""
    row = _one(_SIGN_IN, session_key)
    return row[0] if row else None


def _one(sql: str, *values: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
