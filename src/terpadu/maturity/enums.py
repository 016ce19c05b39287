"""The words of maturity that have a fixed set of values."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AgencyGroup(TextChoices):
    """The groups whose averages are published."""

    MINISTRY = "ministry", _("Ministries")
    BODY = "body", _("National bodies")
    PROVINCE = "province", _("Provinces")
    REGENCY = "regency", _("Regencies")
    CITY = "city", _("Cities")


class RoundState(TextChoices):
    """Where a year's measurement stands. Nobody outside sees a result before it is published."""

    PREPARATION = "preparation", _("In preparation")
    RUNNING = "running", _("Running")
    PUBLISHED = "published", _("Published")


class MeasurementKind(TextChoices):
    """The two kinds of yearly measurement; an agency has one of them (PermenPANRB 59/2020 art. 1-7)."""

    MONITORING = "monitoring", _("Monitoring")
    EVALUATION = "evaluation", _("Evaluation")


class LocusState(TextChoices):
    """Where one agency stands in a round."""

    OPEN = "open", _("Self-assessment")
    SUBMITTED = "submitted", _("Being assessed")
    ANNOUNCED = "announced", _("Objections possible")
    FINAL = "final", pgettext_lazy("maturity", "Final")


class Consent(TextChoices):
    """Whether an agency agreed that its result is published."""

    UNASKED = "unasked", _("Not asked yet")
    GRANTED = "granted", _("Agreed")
    REFUSED = "refused", _("Not agreed")


class Role(TextChoices):
    """What somebody is appointed to do in a round (PermenPANRB 59/2020 chapter III)."""

    COORDINATOR = "coordinator", _("Coordinator")
    RESPONSIBLE = "responsible", _("Person in charge")
    ENTRY_OPERATOR = "entry_operator", _("Data entry operator")
    RESPONDENT = "respondent", _("Respondent")
    ASSESSOR = "assessor", _("Assessor")
    NATIONAL_TEAM = "national_team", _("National team")


class EvidenceKind(TextChoices):
    """What a piece of evidence is."""

    FILE = "file", _("File")
    LINK = "link", _("Link")
    PLATFORM = "platform", _("Seen by the platform")


class FindingKind(TextChoices):
    """What the report says about an aspect."""

    STRENGTH = "strength", _("Strength")
    WEAKNESS = "weakness", _("Weakness")
    RECOMMENDATION = "recommendation", _("Recommendation")
