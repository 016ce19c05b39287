"""The words of casework."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PublicState(TextChoices):
    """Where a case stands, in the words that every service uses (life cycle of population services)."""

    DRAFT = "draft", pgettext_lazy("case", "Draft")
    SENT = "sent", pgettext_lazy("case", "Sent")
    WAITING = "waiting", pgettext_lazy("case", "Waiting for verification")
    NEEDS_CHANGES = "needs_changes", pgettext_lazy("case", "Needs changes")
    APPROVED = "approved", pgettext_lazy("case", "Approved")
    PROCESSING = "processing", pgettext_lazy("case", "Being processed")
    DONE = "done", pgettext_lazy("case", "Done")
    REJECTED = "rejected", pgettext_lazy("case", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("case", "Cancelled")
    LAPSED = "lapsed", pgettext_lazy("case", "Lapsed")


FINAL_STATES = frozenset({PublicState.DONE, PublicState.REJECTED, PublicState.CANCELLED, PublicState.LAPSED})


DECIDED_STATES = frozenset({PublicState.DONE, PublicState.REJECTED})
"""Ends to which the agency brought a case itself."""


class ComplaintState(TextChoices):
    """Where a complaint stands."""

    RECEIVED = "received", pgettext_lazy("complaint", "Received")
    IN_HAND = "in_hand", pgettext_lazy("complaint", "In hand")
    ANSWERED = "answered", pgettext_lazy("complaint", "Answered")
    WITHDRAWN = "withdrawn", pgettext_lazy("complaint", "Withdrawn")


class AnswerStatus(TextChoices):
    """Who vouches for an answer."""

    REGISTRY = "registry", _("From a register")
    DECLARED = "declared", _("Declared by the applicant")
    CORRECTED = "corrected", _("Disputed by the applicant")
    OFFICER = "officer", _("Entered by an officer")


class Action(TextChoices):
    """What can be done with a case in a step; a definition says which leads where."""

    APPROVE = "approve", _("Approve")
    SIGN = "sign", _("Sign")
    SEND_BACK = "send_back", _("Ask for changes")
    RETURN = "return", _("Return to the verifier")
    REJECT = "reject", _("Reject")
    SEND = "send", _("Send")
    OK = "ok", _("Finish")


class FieldType(TextChoices):
    """Kinds of fields a definition may use."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    REGION = "region"
    CHILD = "child"
    PERSON = "person"
    FILE = "file"
    PHOTO = "photo"
    STATEMENT = "statement"
    INFO = "info"
    COMPUTED = "computed"


class LifeEvent(TextChoices):
    """Moments of a life under which services are found."""

    BIRTH = "kelahiran", _("Birth of a child")
    SCHOOL = "masuk_sekolah", _("Starting school")
    MOVING = "pindah", _("Moving house")
    MARRIAGE = "menikah", _("Marriage")
    WORK = "bekerja", _("Work")
    BUSINESS = "usaha", _("Running a business")
    GATHERING = "acara", _("Holding an event")
    DEATH = "kematian", _("Death in the family")
