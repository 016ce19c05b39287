"""The database of the tests, which goes when they are done, whatever still holds a connection to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End the sessions that threads and programs of the tests left behind; the database can then be dropped."""
    yield
    # Asked on another database: a browser in this thread brings a context of its own, and Django a connection for each.
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s",
            [connection.settings_dict["NAME"]],
        )
