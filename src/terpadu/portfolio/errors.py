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


class VerdictInvalid(DomainError):
    """A verdict needs two different applications, a kind and a reason."""

    code = "portfolio.verdict_invalid"
    http_status = 422
    title = _("This verdict cannot be kept.")
    next_step = _("Say what the two applications are to each other, and why in a sentence.")


class OverlapsUnknown(NotFound):
    """There is no overlap report yet, or none with this pair."""

    code = "portfolio.overlaps_unknown"
    title = _("We have no such overlap.")
    next_step = _("Open the list of overlaps and choose one.")


class NoVerdicts(DomainError):
    """A model learns from verdicts, and there are none that fit the inventory."""

    code = "portfolio.no_verdicts"
    http_status = 409
    title = _("There are no verdicts to learn from.")
    next_step = _("Judge some pairs first.")
