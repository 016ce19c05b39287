"""What can go wrong with employees and their credits."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotFound


class NipInvalid(DomainError):
    """The NIP breaks its own rules; `facts` names the fault without the number."""

    code = "civil_service.nip_invalid"
    http_status = 422
    title = _("This NIP cannot be right.")
    next_step = _("Check its 18 digits against the letter of appointment.")


class EmployeeTaken(DomainError):
    """The person or the NIP already belongs to an employee."""

    code = "civil_service.employee_taken"
    http_status = 409
    title = _("This person or this NIP is already registered.")
    next_step = _("Look the employee up and correct the entry instead.")


class EmployeeUnknown(NotFound):
    """The person is not registered as an employee."""

    code = "civil_service.employee_unknown"
    title = _("This person is not registered as a civil servant.")
    next_step = _("Ask the personnel office of the agency.")
