"""Errors that speak to the person who has to act: a stable code, an HTTP status, what is wrong, what to do next."""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Base of every error that a domain raises on purpose.

    Subclasses set `code` ("<domain>.<reason>", stable, goes to the log), `http_status`, `title` (what is wrong) and
    `next_step` (what the person can do). `facts` carries values for the log and never personal data.
    """

    code: ClassVar[str] = "kernel.error"
    http_status: ClassVar[int] = 400
    title: ClassVar[str | Promise] = _("This could not be done.")
    next_step: ClassVar[str | Promise] = _("Please try again.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def in_words(self) -> str:
        """What is wrong and what to do next, in the reader's language."""
        return f"{self.title} {self.next_step}"


class NotAllowed(DomainError):
    """The actor may not do this, or may not know that it exists."""

    code = "kernel.not_allowed"
    http_status = 404
    title = _("This page does not exist, or it is not yours to see.")
    next_step = _("Check the address, or go back to the start page.")


class NotFound(DomainError):
    """What was asked for does not exist."""

    code = "kernel.not_found"
    http_status = 404
    title = _("We could not find that.")
    next_step = _("Check the address, or go back to the start page.")


class BadInput(DomainError):
    """What was sent cannot be understood."""

    code = "kernel.bad_input"
    http_status = 400
    title = _("We could not read what was sent.")
    next_step = _("Go back, check the answers and send them again.")


class WrongMethod(DomainError):
    """A browser opened an address that only takes what a button sends."""

    code = "kernel.wrong_method"
    http_status = 405
    title = _("There is no page here: this address belongs to a button.")
    next_step = _(
        "Nothing was done. Go back to the page with the button, and press it again if you still want to."
    )


class UploadTooLarge(DomainError):
    """A form with files is larger than any page takes; nothing of it was kept."""

    code = "kernel.upload_too_large"
    http_status = 413
    title = _("This file is too large.")
    next_step = _("Nothing else was lost: go back, choose a smaller file, or send a link to it.")
