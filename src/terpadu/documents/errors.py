"""What can go wrong when a document is issued, fetched or checked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotAllowed, NotFound


class KindUnknown(DomainError):
    """No kind of document has this name."""

    code = "documents.kind_unknown"
    http_status = 500
    title = _("This kind of document is not known here.")
    next_step = _("Tell the service desk; nothing you entered is lost.")


class KindInvalid(DomainError):
    """The description of a kind of document is faulty; `facts` names the file and the fault."""

    code = "documents.kind_invalid"
    http_status = 500
    title = _("The description of a document is faulty.")
    next_step = _("Tell the service desk; nothing you entered is lost.")


class FactsInvalid(DomainError):
    """The facts for a document are missing, unknown or of the wrong type; `facts` names them without values."""

    code = "documents.facts_invalid"
    http_status = 422
    title = _("The document cannot be written from these facts.")
    next_step = _("Check the facts of the case and try again.")


class TypesettingFailed(DomainError):
    """The document could not be typeset, for example because a letter of a name is in no font."""

    code = "documents.typesetting_failed"
    http_status = 422
    title = _("The document could not be typeset.")
    next_step = _("Check the names for unusual characters, then try again.")


class SigningFailed(DomainError):
    """The signature could not be made, or did not validate straight afterwards; nothing was issued."""

    code = "documents.signing_failed"
    http_status = 503
    title = _("The document could not be signed.")
    next_step = _("Nothing was issued. Try again in a few minutes.")


class IssueConflict(DomainError):
    """The same idempotency key was used before for another document."""

    code = "documents.issue_conflict"
    http_status = 409
    title = _("A different document was already issued for this step.")
    next_step = _("Open the case again and look at its documents.")


class NumberTaken(DomainError):
    """Another document of this kind and agency bears the number."""

    code = "documents.number_taken"
    http_status = 409
    title = _("Another document already bears this number.")
    next_step = _("Give the document another number.")


class NotInForce(DomainError):
    """The document is no longer valid, so it cannot be revoked or replaced."""

    code = "documents.not_in_force"
    http_status = 409
    title = _("This document is no longer in force.")
    next_step = _("Open the case again and look at its documents.")


class DocumentNotFound(NotFound):
    """No document has this identifier or token."""

    code = "documents.not_found"
    title = _("We know of no such document.")
    next_step = _("Check the address or scan the QR code again.")


class DocumentNotAllowed(NotAllowed):
    """The document is somebody else's."""

    code = "documents.not_allowed"
    title = _("This document does not exist, or it is not yours to see.")
    next_step = _("Go back to your wallet.")


class FileDamaged(DomainError):
    """The stored file is missing or no longer the one that was issued."""

    code = "documents.file_damaged"
    http_status = 503
    title = _("The document's file cannot be read at the moment.")
    next_step = _("Try again later. The document itself stays valid; its QR code can still be checked.")


class TooManyChecks(DomainError):
    """One address checks documents faster than people do."""

    code = "documents.too_many_checks"
    http_status = 429
    title = _("Too many checks from your connection.")
    next_step = _("Wait a minute, then try again.")


class CheckUnavailable(DomainError):
    """No process could be started to look into a file."""

    code = "documents.check_unavailable"
    http_status = 503
    title = _("We cannot check files at the moment.")
    next_step = _("Try again in a few minutes, or scan the QR code on the document.")
