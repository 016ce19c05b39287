"""Deciding a waiting request: once, under a lock, with the consent and the code in the same transaction."""

from __future__ import annotations

from django.db import connection, transaction

from terpadu.identity.errors import RequestOver
from terpadu.identity.services.provider.authorizations import Agreed, Standing, authorization_give
from terpadu.identity.services.provider.consents import Question
from terpadu.identity.services.provider.pushed import Opened
from terpadu.kernel.clock import now

_DECIDE = "update identity_authorizationrequest set decided_at = %s where digest = %s and decided_at is null"


@transaction.atomic
def request_allow(opened: Opened, *, standing: Standing, consent: Agreed, question: Question) -> str:
    """Answer a request with a code; it is of no use afterwards. Raises RequestOver when somebody was faster."""
    _decide(opened)
    _, code = authorization_give(
        opened.ask,
        client_pk=opened.client.id,
        standing=standing,
        consent=consent,
        in_id_token=question.in_id_token,
    )
    return code


@transaction.atomic
def request_refuse(opened: Opened) -> None:
    """Mark a request as refused. Raises RequestOver when it is decided already."""
    _decide(opened)


def _decide(opened: Opened) -> None:
    """Mark the request in one statement: of two answers at once, one finds it decided."""
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, [now(), opened.digest])
        if not cursor.rowcount:
            raise RequestOver()
