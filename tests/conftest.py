"""The database of the tests, which goes when they are done, whatever still holds a connection to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

TEMPLATE = "test_template"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Let the first of the parallel workers migrate a database, and every worker begin with a copy of it."""
    if "PYTEST_XDIST_WORKER" not in os.environ or os.environ.get("DATABASE_URL"):
        return  # alone; or on a server that outlives the run and so would the template
    with (settings.DATA_DIR / "template").open("a+") as made, django_db_blocker.unblock():
        fcntl.flock(made, fcntl.LOCK_EX)
        if not made.seek(0, os.SEEK_END):
            _make_template()
            made.write(TEMPLATE)
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template() -> None:
    database = connection.settings_dict
    names = database["NAME"], database["TEST"]["NAME"]
    database["TEST"]["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, serialize=False)
    connection.close()  # a database with sessions cannot be copied
    database["NAME"], database["TEST"]["NAME"] = names


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
