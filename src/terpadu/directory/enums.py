"""The words of the directory that have a fixed set of values."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AgencyKind(TextChoices):
    """What sort of organisation an agency is."""

    PLATFORM = "platform", _("Platform operator")
    MINISTRY = "ministry", _("Ministry or national body")
    REGIONAL_OFFICE = "regional_office", _("Regional office")
    DISTRICT = "district", _("District office")
    VILLAGE = "village", _("Village office")
    PARTNER = "partner", _("Organisation with an exchange manager of its own")
