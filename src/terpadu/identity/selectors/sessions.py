"""A browser's session, read in one statement with who is signed in by it: every page asks for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connection

from terpadu.identity.models import Account, Person
from terpadu.kernel.database.rows import Columns


@dataclass(frozen=True)
class StoredSession:
    """A session as it is stored. sign_in_id: what opened it, None when that has ended. account: None when it is closed."""

    key: str
    data: str
    sign_in_id: UUID | None
    account: Account | None


def session_read(key: str, *, at: datetime) -> StoredSession | None:
    """Return a session that has not expired, with its sign-in, account and person. One query."""
    sql, accounts, persons = _statement()
    with connection.cursor() as cursor:
        cursor.execute(sql, (key, at))
        row = cursor.fetchone()
    if row is None:
        return None
    data, sign_in_id, *values = row
    if values[0] is None:
        return StoredSession(key, data, sign_in_id, None)
    account = accounts.read(values[: len(accounts)])
    account.person = persons.read(values[len(accounts) :])
    return StoredSession(key, data, sign_in_id, account)


@cache
def _statement() -> tuple[str, Columns[Account], Columns[Person]]:
    accounts, persons = Columns(Account), Columns(Person)
    sql = (
        f"select s.session_data, i.id, {accounts.of('a')}, {persons.of('p')} from django_session s"  # noqa: S608 - names of our own columns
        " left join lateral (select id, account_id from identity_signin"
        "  where session_key = s.session_key and ended_at is null limit 1) i on true"
        " left join identity_account a on a.id = i.account_id and a.is_active"
        " left join identity_person p on p.id = a.person_id"
        " where s.session_key = %s and s.expire_date > %s"
    )
    return sql, accounts, persons
