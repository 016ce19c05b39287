"""Deciding a waiting request: once, and what was allowed is stored in the same statement."""

from __future__ import annotations

from functools import cache

from django.db import connection

from terpadu.identity.errors import RequestOver
from terpadu.identity.models import Authorization
from terpadu.identity.services.provider.authorizations import Agreed, Standing, authorization_make
from terpadu.identity.services.provider.consents import Question
from terpadu.identity.services.provider.pushed import Opened
from terpadu.kernel.clock import now

_DECIDE = "update identity_authorizationrequest set decided_at = %s where digest = %s and decided_at is null"


def request_allow(opened: Opened, *, standing: Standing, consent: Agreed, question: Question) -> str:
    """Answer a request with a code; it is of no use afterwards. One statement. Raises RequestOver when somebody was faster."""
    row, code = authorization_make(
        opened.ask,
        client_pk=opened.client.id,
        standing=standing,
        consent=consent,
        in_id_token=question.in_id_token,
    )
    _decide(_allow_sql(), opened, row)
    return code


def request_refuse(opened: Opened) -> None:
    """Mark a request as refused. Raises RequestOver when it is decided already."""
    _decide(_DECIDE, opened)


def _decide(sql: str, opened: Opened, row: Authorization | None = None) -> None:
    """Mark the request in one statement: of two answers at once, one finds it decided."""
    fields = Authorization._meta.concrete_fields if row else ()
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, [now(), opened.digest, *values])
        if not cursor.rowcount:
            raise RequestOver()


@cache
def _allow_sql() -> str:
    """Return the statement that decides a request and stores the authorization only if it did."""
    fields = Authorization._meta.concrete_fields
    columns = ", ".join(str(field.column) for field in fields)
    values = ", ".join(f"%s::{field.db_type(connection)}" for field in fields)
    return (
        f"with decided as ({_DECIDE} returning digest)"  # noqa: S608 - names of our own columns
        f" insert into identity_authorization ({columns}) select {values} from decided"
    )
