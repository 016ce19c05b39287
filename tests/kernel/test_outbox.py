"""Events are stored with their cause and delivered exactly once to each subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import transaction

from terpadu.kernel import clock, ids, outbox
from terpadu.kernel.models import AuditEvent, Delivery, OutboxEvent

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Ripened(outbox.Event):
    """A fruit is ripe."""

    name: ClassVar[str] = "test.ripened"
    fruit_id: UUID
    kind: str


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Ripened]:
    monkeypatch.setattr(outbox, "_subscriptions", {})
    events: list[Ripened] = []
    outbox.subscribe(Ripened, name="test.basket")(events.append)
    return events


def _emit() -> Ripened:
    event = Ripened(fruit_id=ids.uuid7(), kind="salak")
    with transaction.atomic():
        outbox.emit(event)
    return event


def test_emit_outside_a_transaction_is_refused(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        outbox.emit(Ripened(fruit_id=ids.uuid7(), kind="salak"))


def test_emit_rolled_back_leaves_nothing(heard: list[Ripened]) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.emit(Ripened(fruit_id=ids.uuid7(), kind="salak"))
        raise ZeroDivisionError

    assert OutboxEvent.objects.count() == 0
    assert outbox.deliver_due() == 0


def test_deliver_due_gives_each_event_once(heard: list[Ripened]) -> None:
    event = _emit()

    assert outbox.deliver_due() == 1
    assert outbox.deliver_due() == 0
    assert heard == [event]


def test_deliver_due_failing_handler_keeps_nothing_of_it_and_tries_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "_subscriptions", {})
    tries: list[Ripened] = []

    @outbox.subscribe(Ripened, name="test.clumsy")
    def clumsy(event: Ripened) -> None:
        AuditEvent.objects.create(event="test.half_done", actor_kind="system", about_kind="x", about_id="1")
        tries.append(event)
        if len(tries) == 1:
            raise ValueError("dropped it")

    _emit()

    assert outbox.deliver_due() == 0
    assert AuditEvent.objects.count() == 0
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.last_error) == (1, "ValueError")
    with clock.freeze(clock.now() + timedelta(minutes=1)):
        assert outbox.deliver_due() == 1
    assert AuditEvent.objects.count() == 1


def test_deliver_due_gives_up_after_twelve_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_subscriptions", {})

    @outbox.subscribe(Ripened, name="test.never")
    def never(event: Ripened) -> None:
        raise ValueError

    _emit()
    for hours in range(0, 40, 2):
        with clock.freeze(clock.now() + timedelta(hours=hours)):
            outbox.deliver_due()

    delivery = Delivery.objects.get()
    assert delivery.dead_at is not None
    assert delivery.tries == outbox.TRIES_BEFORE_DEAD
