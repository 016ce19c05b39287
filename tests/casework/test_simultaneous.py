"""Two officers at once, each in a transaction of their own."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from django.db import connection

from terpadu.casework import public as casework
from terpadu.casework.errors import CaseTaken
from terpadu.kernel import clock
from terpadu.kernel.actors import Actor
from tests.casework.conftest import MONDAY, World


@pytest.fixture
def world(fresh_world: World) -> World:
    """A world that other connections see."""
    return fresh_world


@pytest.mark.django_db(transaction=True)
def test_case_take_two_officers_at_once_one_wins(world: World, sent_case: UUID) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def take(by: Actor) -> None:
        try:
            together.wait(timeout=60)
            with clock.freeze(MONDAY):
                casework.case_take(sent_case, by=by)
            outcomes.append("taken")
        except CaseTaken:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(by,)) for by in (world.budi, world.rina)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == ["late", "taken"]
