"""The words of the exchange that have a fixed set of values, and the name of our group."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from terpadu.directory.enums import PLATFORM as PLATFORM
from terpadu.directory.enums import PLATFORM_OPERATOR

GROUP_ID: Final = "id.terpadu"
"""FSC's group: the peers that trust the same authority and rules."""
OPERATOR: Final = PLATFORM_OPERATOR


class SignatureKind(TextChoices):
    """What a peer says with its signature on a contract (FSC core, "Signatures")."""

    ACCEPT = "accept", _("Accepted")
    REJECT = "reject", _("Rejected")
    REVOKE = "revoke", _("Revoked")


class DeliveryKind(TextChoices):
    """What is to reach a foreign peer's manager: a whole contract, or one signature on it (FSC manager.yaml)."""

    SUBMIT = "submit", _("The contract")
    ACCEPT = "accept", _("Accepted")
    REJECT = "reject", _("Rejected")
    REVOKE = "revoke", _("Revoked")


class ContractState(TextChoices):
    """Where a contract stands; derived from signatures and dates, never stored."""

    PROPOSED = "proposed", _("Waiting for signatures")
    VALID = "valid", _("In force")
    REJECTED = "rejected", _("Rejected")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Ended")


class Outcome(TextChoices):
    """How an exchange ended, as far as its records say."""

    ASKED = "asked", _("Asked, no answer yet")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("Refused, no data given")
    FAILED = "failed", _("Failed, no data given")


class PurposeState(TextChoices):
    """Where a purpose stands (after PDND)."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for approval")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ARCHIVED = "archived", _("Archived")
    REJECTED = "rejected", _("Rejected")


class ConsentState(TextChoices):
    """What a person has said to a request for their consent."""

    ASKED = "asked", _("Waiting for your answer")
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Match(TextChoices):
    """How the two sides' records of one exchange fit together."""

    PAIR = "pair", _("Both sides have it and agree")
    UNDER_WAY = "under_way", _("The other side's record is still under way")
    NEVER_SENT = "never_sent", _("The asking side stopped it; nothing was sent")
    NO_PROVIDER = "no_provider", _("The giving side has no record")
    NO_CONSUMER = "no_consumer", _("The asking side has no record")
    FOREIGN = "foreign", _("The other side keeps its record in a log of its own")
    CONTRADICTION = "contradiction", _("The two sides contradict each other")


class TrafficSpan(TextChoices):
    """How long a time one count of exchanges covers; days are Jakarta's."""

    HOUR = "hour", _("By hour")
    DAY = "day", _("By day")


class DisclosureKind(TextChoices):
    """When the person sees an exchange about them (`terpadu_wire.disclosures`)."""

    NOW = "now", _("At once")
    DELAYED = "delayed", _("From a later date")
    CLOSED = "closed", _("When the case is closed")
    SUPERVISOR = "supervisor", _("Never; only the data protection supervisor sees it")


class LookScope(TextChoices):
    """At what the supervisor looked."""

    OVERVIEW = "overview", _("The overview")
    AGREEMENT = "agreement", _("The readings of an agreement, without persons")
    PERSON = "person", _("A person's readings")


class JoiningState(TextChoices):
    """Where an agency's wish to join stands."""

    WAITING = "waiting", _("Waits for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
