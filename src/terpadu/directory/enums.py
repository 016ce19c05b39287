"""The words of the directory that have a fixed set of values."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

PLATFORM: Final = "portal"
"""The agency that operates the platform."""
PLATFORM_OPERATOR: Final = "operator_platform"
"""The kind of position in which somebody runs the exchange."""
IDENTITY_OPERATOR: Final = "operator_identitas"
"""The kind of position in which somebody looks after the one account for everybody."""
OPERATING: Final = frozenset({PLATFORM_OPERATOR, IDENTITY_OPERATOR})
"""Kinds of positions that reach beyond their own agency, and so are the operator's alone."""


class AgencyKind(TextChoices):
    """What sort of organisation an agency is."""

    PLATFORM = "platform", _("Platform operator")
    MINISTRY = "ministry", _("Ministry or national body")
    REGIONAL_OFFICE = "regional_office", _("Regional office")
    DISTRICT = "district", _("District office")
    VILLAGE = "village", _("Village office")
    PARTNER = "partner", _("Organisation with an exchange manager of its own")
