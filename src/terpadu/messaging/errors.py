"""What can go wrong when a message is sent or read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotAllowed


class TemplateInvalid(DomainError):
    """A template file breaks the rules of templates; `facts` names the file and the fault."""

    code = "messaging.template_invalid"
    http_status = 500
    title = _("A message template is faulty.")
    next_step = _("Tell the service desk; nothing you entered is lost.")


class TemplateUnknown(DomainError):
    """No template has this key (and version)."""

    code = "messaging.template_unknown"
    http_status = 500
    title = _("A message template is missing.")
    next_step = _("Tell the service desk; nothing you entered is lost.")


class ContextInvalid(DomainError):
    """The values for a message do not fit its template, or carry a number that must not be in messages."""

    code = "messaging.context_invalid"
    http_status = 500
    title = _("A message could not be written.")
    next_step = _("Tell the service desk; nothing you entered is lost.")


class MessageNotFound(NotAllowed):
    """The message does not exist, or is another person's."""

    code = "messaging.message_not_found"
    title = _("This message does not exist, or it is not yours to see.")
    next_step = _("Go back to your inbox.")
