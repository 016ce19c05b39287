"""What can go wrong in casework, each with its code and next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError
from terpadu.kernel.formats import format_moment


@dataclass(frozen=True, order=True)
class Problem:
    """One reason why a definition is refused.

    line: 1-based line of the file, 0 when it concerns the whole. where: dotted path, such as "pages.1.fields.0".
    remedy: what the author can do.
    """

    line: int
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.message}. {self.remedy}"


class DefinitionRefused(DomainError):
    """A service definition breaks the language or a publishing check; `problems` says where and how to mend it."""

    code = "casework.definition_refused"
    http_status = 422
    title = _("This service definition cannot be published.")
    next_step = _("Mend the lines that are listed and try again.")

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems=len(problems))
        self.problems = tuple(sorted(problems))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class VersionTaken(DomainError):
    """This version was published before with other content; versions never change."""

    code = "casework.version_taken"
    http_status = 409
    title = _("This version was published before and cannot change.")
    next_step = _("Raise the version number and publish again.")


class CaseTaken(DomainError):
    """Another officer holds the case; `holder` and `since` say who and when."""

    code = "casework.case_taken"
    http_status = 409
    title = _("A colleague is already handling this case.")

    def __init__(self, *, holder: str, since: datetime) -> None:
        super().__init__()
        self.holder, self.since = holder, since

    @property
    def next_step(self) -> str:  # type: ignore[override]  # the sentence names the colleague, so it is made per error
        """Say who holds it since when."""
        text = _("%(name)s took it on %(at)s. Choose another case, or ask them to release it.")
        return str(text) % {"name": self.holder, "at": format_moment(self.since)}


class CaseMoved(DomainError):
    """The case is no longer in the state that the page was made for."""

    code = "casework.case_moved"
    http_status = 409
    title = _("This case has moved on in the meantime.")
    next_step = _("Open the case again to see where it stands now.")


class ActionNotPossible(DomainError):
    """The action does not belong to the present step."""

    code = "casework.action_not_possible"
    http_status = 409
    title = _("This step does not allow that.")
    next_step = _("Open the case again and choose one of the actions shown.")


class FourEyes(DomainError):
    """The same officer may not act in both steps."""

    code = "casework.four_eyes"
    http_status = 403
    title = _("You handled an earlier step of this case.")
    next_step = _("A colleague must take this step: two people look at every such case.")


class ReasonMissing(DomainError):
    """The action needs a reason or a message that the applicant can understand."""

    code = "casework.reason_missing"
    title = _("A reason is missing.")
    next_step = _("Write what is wrong and what the applicant can do, in at least ten characters.")


class NothingMarked(DomainError):
    """A case was sent back without saying which answer must change."""

    code = "casework.nothing_marked"
    title = _("No answer is marked.")
    next_step = _("Mark at least one answer that the applicant must change.")


class NotComplete(DomainError):
    """A case cannot be sent while a page is missing; `page_id` says which."""

    code = "casework.not_complete"
    title = _("Some questions are not answered yet.")
    next_step = _("Go on with the page that is open; what you have answered is kept.")

    def __init__(self, page_id: str) -> None:
        super().__init__(page=page_id)
        self.page_id = page_id


class NotEligible(DomainError):
    """A condition of the service is not met; `rule_id` says which and `reason` why, in both languages."""

    code = "casework.not_eligible"
    http_status = 422
    title = _("This service is not for this situation.")

    def __init__(self, *, rule_id: str, reason: dict[str, str], see: str = "") -> None:
        super().__init__(rule=rule_id)
        self.rule_id, self.reason, self.see = rule_id, reason, see


class UploadRefused(DomainError):
    """A file cannot be taken; `reason` is the sentence for the applicant."""

    code = "casework.upload_refused"
    title = _("This file cannot be used.")
    next_step = _("Choose a PDF, JPG or PNG file of at most 5 MB.")


class OwnCase(DomainError):
    """An officer may not handle a case that they opened or that is about them."""

    code = "casework.own_case"
    http_status = 403
    title = _("This is your own case.")
    next_step = _("A colleague must handle it.")


class SubjectUnclear(DomainError):
    """The person whom the case is about could not be made known: NIK, name or birth date do not hold."""

    code = "casework.subject_unclear"
    http_status = 422
    title = _("The identity number that the applicant gave cannot be right.")
    next_step = _("Send the case back and mark the identity number.")


class SurveyNotOpen(DomainError):
    """The case is not at an end that the agency brought it to, its service does not ask, or it was answered for."""

    code = "casework.survey_not_open"
    http_status = 409
    title = _("There is nothing to rate here.")
    next_step = _("An application can be rated once, after the office has decided it.")


class SurveyEmpty(DomainError):
    """An answer to the survey has no score, or one that the survey does not know."""

    code = "casework.survey_empty"
    title = _("Nothing is chosen.")
    next_step = _("Choose an answer to at least one question. You may leave out the others.")


class ComplaintOpen(DomainError):
    """A complaint about this case waits for its answer already."""

    code = "casework.complaint_open"
    http_status = 409
    title = _("Your complaint about this application is already being handled.")
    next_step = _("You get the answer in your messages. After it you can complain again.")


class ComplaintNotPossible(DomainError):
    """The case was not sent, so no office has handled it."""

    code = "casework.complaint_not_possible"
    http_status = 409
    title = _("This application was not sent yet.")
    next_step = _("Send it first, or go to the help page.")


class ComplaintClosed(DomainError):
    """The complaint was answered or withdrawn in the meantime."""

    code = "casework.complaint_closed"
    http_status = 409
    title = _("This complaint is closed.")
    next_step = _("Open the list of complaints to see what waits.")


class ComplaintAboutYou(DomainError):
    """The officer took part in the case that the complaint is about."""

    code = "casework.complaint_about_you"
    http_status = 403
    title = _("This complaint is about a case that you took part in.")
    next_step = _("A colleague answers it.")
