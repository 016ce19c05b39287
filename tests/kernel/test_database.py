"""A kept connection that the server has ended is noticed before a request uses it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept() -> BaseDatabaseWrapper:
    """A connection of its own, as a thread of the web server keeps one."""
    copy = connection.copy()
    copy.ensure_connection()
    return copy


def test_waiting_connection_is_usable_without_asking_the_server(kept: BaseDatabaseWrapper) -> None:
    with kept.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)

    assert kept.is_usable()
    kept.close()
    assert not kept.is_usable()


def test_connection_that_the_server_ended_is_replaced_before_it_is_used(kept: BaseDatabaseWrapper) -> None:
    pid = kept.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])

    assert not kept.is_usable()
    kept.health_check_enabled = True
    kept.health_check_done = False
    with kept.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        assert cursor.fetchone() != (pid,)
    kept.close()
