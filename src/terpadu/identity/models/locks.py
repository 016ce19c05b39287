"""The table of account locks: an account is locked and unlocked with the eyes of two operators each time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from terpadu.identity.enums import LockState
from terpadu.identity.models.accounts import Person
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy


class AccountLock(models.Model):
    """One lock of an account, from the first operator's word to its end. asked_by, decided_by: of the lock;
    unlock_asked_by, unlocked_by: of the unlocking. signal: the kind of abuse signal behind it, "" for another reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=LockState, default=LockState.LOCK_ASKED)
    signal = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=400)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField(default=now, db_default=Now())
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    unlock_reason = models.CharField(max_length=400, blank=True)
    unlock_asked_by = models.UUIDField(null=True)
    unlock_asked_at = models.DateTimeField(null=True)
    unlocked_by = models.UUIDField(null=True)
    unlocked_at = models.DateTimeField(null=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "id": Privacy.INTERNAL,
        "person": Privacy.PERSONAL,
        "state": Privacy.PERSONAL,
        "signal": Privacy.PERSONAL,
        "reason": Privacy.PERSONAL,
        "asked_by": Privacy.PERSONAL,
        "asked_at": Privacy.PERSONAL,
        "decided_by": Privacy.PERSONAL,
        "decided_at": Privacy.PERSONAL,
        "unlock_reason": Privacy.PERSONAL,
        "unlock_asked_by": Privacy.PERSONAL,
        "unlock_asked_at": Privacy.PERSONAL,
        "unlocked_by": Privacy.PERSONAL,
        "unlocked_at": Privacy.PERSONAL,
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_lock_four_eyes",
                condition=(models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")))
                & (models.Q(unlocked_by__isnull=True) | ~models.Q(unlocked_by=models.F("unlock_asked_by"))),
            ),
            models.CheckConstraint(
                name="account_lock_not_by_oneself",
                condition=~models.Q(asked_by=models.F("person"))
                & (models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("person")))
                & (models.Q(unlock_asked_by__isnull=True) | ~models.Q(unlock_asked_by=models.F("person")))
                & (models.Q(unlocked_by__isnull=True) | ~models.Q(unlocked_by=models.F("person"))),
            ),
            models.CheckConstraint(
                name="account_lock_decided",
                condition=models.Q(state="lock_asked") | models.Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="account_lock_unlocked",
                condition=~models.Q(state="unlocked") | models.Q(unlocked_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="account_lock_one_at_a_time",
                fields=["person"],
                condition=models.Q(state__in=["lock_asked", "locked", "unlock_asked"]),
            ),
        ]
        indexes = [models.Index(fields=["state", "-asked_at"], name="account_lock_queue")]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
