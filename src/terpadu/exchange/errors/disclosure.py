"""What can go wrong about disclosure and its supervisor, and about joining with four eyes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import BadInput, DomainError, NotFound


class ClosingInvalid(BadInput):
    """The reference of a case that was closed is empty or too long, or the case ends in the future."""

    code = "exchange.closing_invalid"
    title = _("This case cannot be closed.")
    next_step = _("Give the reference as the calls named it, and a moment that has passed.")


class LookReasonInvalid(BadInput):
    """The supervisor gave no reason, one that says too little, or one that names a person by a number."""

    code = "exchange.look_reason_invalid"
    title = _("The reason cannot be taken as it is.")
    next_step = _("Say in twenty characters or more why you look, without the number of a person.")


class OwnReadingsClosed(DomainError):
    """The supervisor asked for readings about themselves."""

    code = "exchange.own_readings"
    http_status = 403
    title = _("These are readings about yourself.")
    next_step = _("A colleague must look. Your own trail shows what you may see.")


class ReadingUnknown(NotFound):
    """No exchange that is kept from its person has this number, or it is shown to them meanwhile."""

    code = "exchange.reading_unknown"
    title = _("This reading is not kept back.")
    next_step = _("Go back to the overview.")


class JoiningUnknown(NotFound):
    """No agency's wish to join has this id, or nothing was issued for it."""

    code = "exchange.joining_unknown"
    title = _("There is no such request to join.")
    next_step = _("Go back to the list.")


class JoiningClosed(DomainError):
    """The agency's wish to join was decided, or waits already."""

    code = "exchange.joining_closed"
    http_status = 409
    title = _("This has been decided meanwhile, or waits for a decision already.")
    next_step = _("Go back to the page and look where it stands.")


class SecondPersonNeeded(DomainError):
    """Who asked for an agency to join wants to decide about it too."""

    code = "exchange.second_person_needed"
    http_status = 403
    title = _("Somebody else has to decide this.")
    next_step = _("Four eyes: ask an operator who did not ask for it.")
