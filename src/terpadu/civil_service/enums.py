"""The words of the civil service."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmploymentKind(models.TextChoices):
    """How a civil servant is employed (UU 20/2023 art. 5)."""

    PNS = "pns", _("Civil servant (PNS)")
    PPPK = "pppk", _("Government employee with contract (PPPK)")


class CreditState(models.TextChoices):
    """Whether a credit can still be questioned."""

    HELD = "held", _("On hold")
    FINAL = "final", _("Final")
