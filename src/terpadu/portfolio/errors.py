"""What can be wrong in the portfolio: one class for each reason, with a stable code and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotFound


class ApplicationUnknown(NotFound):
    """No application has this code or identifier."""

    code = "portfolio.application_unknown"
    title = _("We do not know this application.")
    next_step = _("Search the inventory by its name.")


class SuccessorCycle(DomainError):
    """An application would follow itself, over however many steps; `codes` name the circle."""

    code = "portfolio.successor_cycle"
    http_status = 409
    title = _("These successors run in a circle.")
    next_step = _("Name as successor the application that stays.")

    def __init__(self, *, codes: Sequence[str]) -> None:
        super().__init__(codes=", ".join(codes))
        self.codes = tuple(codes)


class ChangedMeanwhile(DomainError):
    """Somebody else has saved this record since it was opened."""

    code = "portfolio.changed_meanwhile"
    http_status = 409
    title = _("Somebody else has saved this record while you were writing.")
    next_step = _("Open it again, compare, and save if yours is to stand. Nothing was overwritten.")


class FileRefused(DomainError):
    """The file as a whole cannot be imported; `values` carry what the sentence names."""

    code = "portfolio.file_refused"
    http_status = 422
    title = _("This file cannot be imported.")
    next_step = _("Save the list as CSV UTF-8 or XLSX and send it again; nothing was changed.")

    def __init__(self, *, fault: str, **values: object) -> None:
        super().__init__(fault=fault, **values)
        self.fault = fault
        self.values = {name: str(value) for name, value in values.items()}


class ImportNotReady(DomainError):
    """The import is not at the step where this can be done."""

    code = "portfolio.import_not_ready"
    http_status = 409
    title = _("This import is not at that step.")
    next_step = _("Open the import to see where it stands.")


class RecordInvalid(DomainError):
    """Fields of a record cannot be taken; `faults` name each by field and code."""

    code = "portfolio.record_invalid"
    http_status = 422
    title = _("This record cannot be saved as it is.")
    next_step = _("Correct the fields that are named.")

    def __init__(self, *, faults: Sequence[object]) -> None:
        super().__init__(faults=len(faults))
        self.faults = tuple(faults)
