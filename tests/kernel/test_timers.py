"""Timers fire once when they are due, can be moved and cancelled, and survive a failing handler."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from terpadu.kernel import clock, timers
from terpadu.kernel.models import Timer

pytestmark = pytest.mark.django_db
Fired = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> Fired:
    monkeypatch.setattr(timers, "_handlers", {})
    calls: Fired = []
    timers.on_timer("test.bell")(lambda key, payload: calls.append((key, payload)))
    return calls


def test_timer_fires_once_when_due(fired: Fired) -> None:
    timers.timer_set("test.bell", key="a", due_at=clock.now() - timedelta(seconds=1), payload={"n": 1})

    assert timers.fire_due() == 1
    assert timers.fire_due() == 0
    assert fired == [("a", {"n": 1})]


def test_timer_not_yet_due_waits(fired: Fired) -> None:
    timers.timer_set("test.bell", key="a", due_at=clock.now() + timedelta(hours=1))

    assert timers.fire_due() == 0
    with clock.freeze(clock.now() + timedelta(hours=2)):
        assert timers.fire_due() == 1


def test_timer_set_twice_moves_it(fired: Fired) -> None:
    timers.timer_set("test.bell", key="a", due_at=clock.now() - timedelta(hours=1))
    timers.timer_set("test.bell", key="a", due_at=clock.now() + timedelta(hours=1))

    assert timers.fire_due() == 0
    assert Timer.objects.filter(kind="test.bell").count() == 1


def test_timers_set_together_are_moved_and_armed_again(fired: Fired) -> None:
    past = clock.now() - timedelta(hours=1)
    timers.timer_set("test.bell", key="a", due_at=past)
    assert timers.fire_due() == 1

    timers.timers_set("test.bell", keys=["a", "b"], due_at=past)

    assert timers.fire_due() == 2
    assert Timer.objects.filter(kind="test.bell").count() == 2


def test_timer_cancelled_never_fires(fired: Fired) -> None:
    timers.timer_set("test.bell", key="a", due_at=clock.now() - timedelta(hours=1))
    timers.timer_cancel("test.bell", key="a")

    assert timers.fire_due() == 0


def test_timer_set_by_its_own_handler_fires_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "_handlers", {})
    later = clock.now() + timedelta(days=1)
    timers.on_timer("test.again")(lambda key, payload: timers.timer_set("test.again", key=key, due_at=later))
    timers.timer_set("test.again", key="a", due_at=clock.now())

    assert timers.fire_due() == 1
    assert Timer.objects.get(kind="test.again").fired_at is None


def test_timer_with_failing_handler_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "_handlers", {})

    @timers.on_timer("test.broken")
    def broken(key: str, payload: dict[str, Any]) -> None:
        raise ValueError

    timers.timer_set("test.broken", key="a", due_at=clock.now())

    assert timers.fire_due() == 0
    assert Timer.objects.get(kind="test.broken").tries == 1
