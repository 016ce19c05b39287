"""Limits on tries, exact across all processes: one row for each thing that is limited, counted by the database.

A cache that reads and then writes lets racing processes through; one `insert … on conflict … returning` does not.
A try is taken before the secret is checked, and given back when it was right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from terpadu.identity.models import TryCount
from terpadu.kernel.clock import now
from terpadu.kernel.crypto import keyed_hash


@dataclass(frozen=True)
class Limit:
    """At most `tries` within `window` for each subject."""

    name: str
    tries: int
    window: timedelta


PURGE = "identity.tries_purge"
QUARTER_HOUR = timedelta(minutes=15)
DAY = timedelta(days=1)

# Keyed on account and network, so that strangers elsewhere cannot lock the owner out. A whole network is limited
# generously and by failures alone: in Indonesia thousands of phones share one address. NIST SP 800-63B-4, 3.2.2: at most 100 in a row.
PASSWORD_HERE = Limit("password_here", 5, QUARTER_HOUR)
PASSWORD_ANYWHERE = Limit("password_anywhere", 100, DAY)
CODE_HERE = Limit("code_here", 5, QUARTER_HOUR)
CODE_ANYWHERE = Limit("code_anywhere", 50, DAY)
SIGN_IN_NETWORK = Limit("sign_in_network", 300, QUARTER_HOUR)
PASSKEY_NETWORK = Limit("passkey_network", 300, QUARTER_HOUR)
USER_CODE = Limit("user_code", 10, QUARTER_HOUR)
USER_CODE_NETWORK = Limit("user_code_network", 300, QUARTER_HOUR)
COUNTER_CODE = Limit("counter_code", 20, QUARTER_HOUR)  # wrong codes typed by one officer
TYPED_CODE = Limit(
    "typed_code", 10, QUARTER_HOUR
)  # wrong codes of screens, mandates or recoveries, from one network
OFFICER_NAMED = Limit("officer_named", 20, QUARTER_HOUR)  # wrong NIK and name typed by one administrator
FACE = Limit("face", 3, timedelta(hours=1))
SCREEN_CODES = Limit("screen_codes", 60, QUARTER_HOUR)  # QR codes that one network lets be shown
REGISTRATION_HERE = Limit("registration_here", 5, timedelta(hours=1))
REGISTRATION_ANYWHERE = Limit("registration_anywhere", 30, DAY)
REGISTRATION_NETWORK = Limit("registration_network", 60, timedelta(hours=1))

_TAKE = """
insert into identity_trycount as t (key, started_at, tries) values (%(key)s, %(now)s, 1)
on conflict (key) do update set
    tries = case when t.started_at <= %(edge)s then 1 else t.tries + 1 end,
    started_at = case when t.started_at <= %(edge)s then %(now)s else t.started_at end
returning tries
"""


def try_take(limit: Limit, *subject: str) -> bool:
    """Count one try about a subject and tell whether it is within the limit. One query; call it outside a rollback."""
    at = now()
    values: dict[str, datetime | str] = {"key": _key(limit, subject), "now": at, "edge": at - limit.window}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        [(count,)] = cursor.fetchall()
    return int(count) <= limit.tries


def try_forgive(limit: Limit, *subject: str) -> None:
    """Forget the tries about a subject, because the right secret was given. One query."""
    TryCount.objects.filter(key=_key(limit, subject)).delete()


def try_give_back(limit: Limit, *subject: str) -> None:
    """Take back one try about a subject whose other tries still count, such as a whole network. One query."""
    rows = TryCount.objects.filter(key=_key(limit, subject), tries__gt=0)
    rows.update(tries=F("tries") - 1)


def tries_purge() -> int:
    """Delete counts that no window needs any more; returns how many."""
    return TryCount.objects.filter(started_at__lt=now() - 2 * DAY).delete()[0]


def _key(limit: Limit, subject: tuple[str, ...]) -> str:
    return keyed_hash("\0".join((limit.name, *subject)), context="identity.tries")
