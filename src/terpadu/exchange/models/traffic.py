"""How many exchanges there were, counted as records come in, so that charts never read the records themselves."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from terpadu.exchange.enums import Outcome, TrafficSpan
from terpadu.kernel.privacy import Privacy


class TrafficCount(models.Model):
    """Exchanges of one hour or day on one side, by who read what of whom and how it ended.

    consumer: who called; reader: in whose name. calls: how many; timed: of how many both moments are known; total_ms:
    their milliseconds together; within: how many fell into each bucket of `rules.traffic.BOUNDS_MS`.
    Grows by the combinations that occurred in an hour, whatever the number of calls; hours are kept for 35 days.
    """

    id = models.BigAutoField(primary_key=True)
    span = models.CharField(max_length=4, choices=TrafficSpan)
    begin_at = models.DateTimeField()
    side = models.CharField(max_length=3)
    consumer = models.CharField(max_length=20)
    reader = models.CharField(max_length=20)
    provider = models.CharField(max_length=20)
    service = models.CharField(max_length=100)
    operation = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    error_code = models.CharField(max_length=60, blank=True)
    calls = models.PositiveBigIntegerField()
    timed = models.PositiveBigIntegerField()
    total_ms = models.PositiveBigIntegerField()
    within = ArrayField(models.BigIntegerField())

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        (
            *("id", "span", "begin_at", "side", "consumer", "reader", "provider", "service", "operation"),
            *("outcome", "error_code", "calls", "timed", "total_ms", "within"),
        ),
        Privacy.INTERNAL,
    )
    KEY: ClassVar[tuple[str, ...]] = (
        *("span", "begin_at", "side", "consumer", "reader", "provider", "service", "operation"),
        *("outcome", "error_code"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("span", "begin_at", "side", "provider", "service", "reader", "consumer"),
                    *("operation", "outcome", "error_code"),
                ],
                name="traffic_count_once",
            )
        ]
        indexes = [
            models.Index(fields=["provider", "side", "span", "begin_at"], name="traffic_by_provider"),
            models.Index(fields=["reader", "side", "span", "begin_at"], name="traffic_by_reader"),
        ]

    def __str__(self) -> str:
        return f"{self.span} {self.begin_at:%Y-%m-%d %H:%M}: {self.calls}"
