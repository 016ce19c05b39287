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


class ApplicationKnown(DomainError):
    """The agency has this application in the inventory already, as `application_code`."""

    code = "portfolio.application_known"
    http_status = 409
    title = _("Your agency has this application in the inventory already.")
    next_step = _("Open its record and mend that; what you wrote is kept here.")

    def __init__(self, *, application_code: str) -> None:
        super().__init__(application=application_code)
        self.application_code = application_code


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
    next_step = _("Nothing was overwritten, and what you wrote is kept below. Compare, then save again.")


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


class RequestUnknown(NotFound):
    """There is no such request, or it is not this person's to see."""

    code = "portfolio.request_unknown"
    title = _("We do not know this request.")
    next_step = _("Open it from your list of requests.")


class StepRefused(DomainError):
    """The request is not where this can be done; somebody else may have acted first."""

    code = "portfolio.step_refused"
    http_status = 409
    title = _("The request has moved on; this cannot be done any more.")
    next_step = _("Open the request to see where it stands. What you wrote was not saved.")


class RequestIncomplete(DomainError):
    """Something the request needs is missing or cannot be taken; `faults` name each."""

    code = "portfolio.request_incomplete"
    http_status = 422
    title = _("The request is not complete.")
    next_step = _("Complete what is named; everything else is kept.")

    def __init__(self, *, faults: Sequence[object]) -> None:
        super().__init__(faults=len(faults))
        self.faults = tuple(faults)


class DecisionRefused(DomainError):
    """The decision cannot be taken as it stands; `faults` name why."""

    code = "portfolio.decision_refused"
    http_status = 422
    title = _("This decision cannot be taken as it stands.")
    next_step = _("Correct what is named.")

    def __init__(self, *, faults: Sequence[object]) -> None:
        super().__init__(faults=len(faults))
        self.faults = tuple(faults)


class ReviewDone(DomainError):
    """A colleague of the same desk has given the opinion."""

    code = "portfolio.review_done"
    http_status = 409
    title = _("A colleague has given this desk's opinion in the meantime.")
    next_step = _("Read it in the request; add a comment if yours differs.")


class AppealTooLate(DomainError):
    """The time for an appeal is over, or the request was appealed before."""

    code = "portfolio.appeal_too_late"
    http_status = 409
    title = _("An appeal is not possible any more.")
    next_step = _("You can send a new request if the facts have changed.")


class SamePerson(DomainError):
    """Who proposed or decided may not judge the same request."""

    code = "portfolio.same_person"
    http_status = 403
    title = _("Somebody else must do this: you already have a part in this request.")
    next_step = _("Hand it to a colleague of the same office.")


class DocumentRefused(DomainError):
    """An uploaded file cannot be taken."""

    code = "portfolio.document_refused"
    http_status = 422
    title = _("This file cannot be taken.")
    next_step = _("Choose a PDF, JPG or PNG of at most 5 MB. Everything else is kept.")


class OverlapUnavailable(DomainError):
    """No overlap engine is there to look at a proposal."""

    code = "portfolio.overlap_unavailable"
    http_status = 503
    title = _("Overlaps cannot be looked up just now.")
    next_step = _("Your request is kept; the report is made as soon as the engine is back.")


class PlanClosed(DomainError):
    """An adopted plan does not change."""

    code = "portfolio.plan_closed"
    http_status = 409
    title = _("This plan is adopted and does not change any more.")
    next_step = _("Make a new plan for what is to be different.")


class PlanBlocked(DomainError):
    """The plan cannot be adopted: `codes` name the applications for which something is open."""

    code = "portfolio.plan_blocked"
    http_status = 422
    title = _("This plan cannot be adopted yet.")
    next_step = _("Settle the moves that are named, or take them out of the plan.")

    def __init__(self, *, codes: Sequence[str]) -> None:
        super().__init__(codes=", ".join(codes))
        self.codes = tuple(codes)


class VerdictInvalid(DomainError):
    """A verdict needs two different applications, a kind and a reason."""

    code = "portfolio.verdict_invalid"
    http_status = 422
    title = _("This verdict cannot be kept.")
    next_step = _("Say what the two applications are to each other, and why in a sentence.")


class VerdictMeanwhile(DomainError):
    """Somebody else has judged the pair, or taken a verdict back, since it was shown."""

    code = "portfolio.verdict_meanwhile"
    http_status = 409
    title = _("Somebody else has judged these two while you were writing.")
    next_step = _(
        "Read what counts now. Your words are kept; keep your verdict if you still see it differently."
    )


class VerdictUnknown(NotFound):
    """No verdict has this identifier."""

    code = "portfolio.verdict_unknown"
    title = _("We have no such verdict.")
    next_step = _("Open the pair and choose one of its verdicts.")


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
