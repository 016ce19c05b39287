"""The words of documents."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """What the issuing agency says of a document."""

    VALID = "valid", _("Valid")
    REPLACED = "replaced", _("Replaced")
    REVOKED = "revoked", _("Revoked")


class Standing(models.TextChoices):
    """What holds of a document on a given day: its status, and whether its time has run out."""

    VALID = "valid", _("Valid")
    EXPIRED = "expired", _("Expired")
    REPLACED = "replaced", _("Replaced")
    REVOKED = "revoked", _("Revoked")


class Verdict(StrEnum):
    """What an uploaded file turns out to be."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNREGISTERED = "unregistered"
    FOREIGN = "foreign"
    UNSIGNED = "unsigned"
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
