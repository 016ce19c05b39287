"""What can go wrong with an agency's people, its directory and its own login."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import BadInput, DomainError, NotFound


class AssignmentUnknown(NotFound):
    """The agency has no such assignment."""

    code = "identity.assignment_unknown"
    title = _("Your agency has no such assignment.")


class AssignmentByDirectory(DomainError):
    """The assignment follows the agency's directory, which alone may change it."""

    code = "identity.assignment_by_directory"
    http_status = 409
    title = _("This position comes from your agency's directory.")
    next_step = _("Change it there, or end what its group gives.")


class NotOneself(DomainError):
    """Nobody gives or takes positions of their own."""

    code = "identity.not_oneself"
    http_status = 403
    title = _("Nobody gives a position to themselves.")
    next_step = _("Ask another administrator of your agency.")


class OfficerNotFound(DomainError):
    """No account fits NIK and name; nobody learns which of the two is wrong."""

    code = "identity.officer_not_found"
    http_status = 422
    title = _("There is no account with this NIK and name.")
    next_step = _("Check both against the identity card. Who has no account yet makes one first.")


class GroupUnknown(NotFound):
    """The agency's directory has sent no such group."""

    code = "identity.group_unknown"
    title = _("Your directory has sent no such group.")


class OwnAccountNeeded(DomainError):
    """An officer came by their agency's login to what needs a second person or a signature."""

    code = "identity.own_account_needed"
    http_status = 403
    title = _("This asks for your own account.")
    next_step = _(
        "Your agency's login is not enough where a second person decides or somebody signs. Sign in with your own account."
    )


class LoginUnknown(NotFound):
    """There is no such agency login, or nobody may use it now."""

    code = "identity.login_unknown"
    title = _("This agency's login is not open now.")
    next_step = _("Sign in with your own account. Your agency's administrator knows more.")


class LoginStageWrong(DomainError):
    """The agency's login is not in the stage in which this can be done."""

    code = "identity.login_stage_wrong"
    http_status = 409
    title = _("This cannot be done with the login now.")
    next_step = _("Open it again to see where it stands.")


class LoginInvalid(BadInput):
    """What was said of an agency's login cannot be taken; `fields` names what is wrong, as "field:reason" by comma."""

    code = "identity.login_invalid"
    title = _("This login cannot be registered like that.")
    next_step = _("Correct the fields that are marked and send it again.")

    def __init__(self, faults: tuple[tuple[str, str], ...] = (), **facts: object) -> None:
        super().__init__(fields=",".join(f"{field}:{reason}" for field, reason in faults), **facts)
        self.faults = faults


class LoginRefused(DomainError):
    """What the agency's login answered cannot be trusted; `reason` is for its administrator."""

    code = "identity.login_refused"
    http_status = 403
    title = _("We could not accept your agency's answer.")
    next_step = _("Try once more. If that does not help, sign in with your own account and tell your agency.")


class LoginExpired(DomainError):
    """The sign-in was begun too long ago, in another browser, or was used already."""

    code = "identity.login_expired"
    http_status = 410
    title = _("This sign-in took too long, or was begun in another browser.")
    next_step = _("Begin again from here.")


class NotLinked(DomainError):
    """Nobody here has linked this login of the agency."""

    code = "identity.login_not_linked"
    http_status = 403
    title = _("Your agency knows you, and we do not know yet who you are here.")
    next_step = _(
        "Sign in once with your own account and link your agency's login on the page of your account."
    )


class LinkTaken(DomainError):
    """The login is linked to another person, or the person to another login."""

    code = "identity.login_link_taken"
    http_status = 409
    title = _("This login is linked already.")
    next_step = _("Remove the old link first, in the account that has it.")


class NoPositionHere(DomainError):
    """The person holds no position in this agency today."""

    code = "identity.no_position_here"
    http_status = 403
    title = _("You hold no position in this agency today.")
    next_step = _("Your agency's administrator can give you one. Your own account works as always.")
