"""What can be wrong in maturity: one class for each reason, with a stable code and the next step."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotFound
from terpadu.maturity.faults import Fault


class InstrumentUnknown(NotFound):
    """No instrument has this code."""

    code = "maturity.instrument_unknown"
    title = _("We do not know this instrument.")
    next_step = _("Choose one of the instruments in the list.")


class InstrumentExists(DomainError):
    """An instrument of this code is there already; results stand on it."""

    code = "maturity.instrument_exists"
    http_status = 409
    title = _("An instrument with this code is there already.")
    next_step = _("Give the new one its own code, such as that of its regulation.")


class InstrumentInvalid(DomainError):
    """An instrument's file breaks its own rules; `faults` name each place."""

    code = "maturity.instrument_invalid"
    http_status = 422
    title = _("This instrument cannot be loaded.")
    next_step = _("Correct the places that are named and load it again; nothing was changed.")

    def __init__(self, *, file: str, faults: Sequence[Fault]) -> None:
        super().__init__(file=file, faults=[f"{one.line}:{one.code}" for one in faults])
        self.file = file
        self.faults = tuple(faults)


class TableInvalid(DomainError):
    """A table of levels or values cannot be used; `faults` name each row."""

    code = "maturity.table_invalid"
    http_status = 422
    title = _("This table cannot be used as it is.")
    next_step = _("Correct the rows that are named and send it again; nothing was changed.")

    def __init__(self, *, faults: Sequence[Fault]) -> None:
        super().__init__(faults=[f"{one.line}:{one.code}" for one in faults])
        self.faults = tuple(faults)


class YearOutside(DomainError):
    """The instrument does not measure this year."""

    code = "maturity.year_outside"
    http_status = 422
    title = _("This instrument is not in force in that year.")
    next_step = _("Choose the instrument of that year.")


class RoundExists(DomainError):
    """This year is measured with this instrument already."""

    code = "maturity.round_exists"
    http_status = 409
    title = _("This year already has a round with this instrument.")
    next_step = _("Open the round that exists.")


class WrongState(DomainError):
    """The round or the agency is not at the step where this can be done."""

    code = "maturity.wrong_state"
    http_status = 409
    title = _("This cannot be done at this step.")
    next_step = _("Look at the progress of the agency to see what comes next.")


class LevelRefused(DomainError):
    """The level given is not one of this instrument; `faults` say why."""

    code = "maturity.level_refused"
    http_status = 422
    title = _("This level cannot be taken.")
    next_step = _("Give a level of the scale.")

    def __init__(self, *, fault: Fault) -> None:
        super().__init__(fault=fault.code)
        self.fault = fault


class IndicatorUnknown(NotFound):
    """The instrument has no such indicator."""

    code = "maturity.indicator_unknown"
    title = _("The instrument of this round has no such indicator.")


class ServiceNameMissing(DomainError):
    """The indicator is about a service that the agency chooses, and the answer does not name it."""

    code = "maturity.service_name_missing"
    http_status = 422
    title = _("This indicator is about a service of your choice.")
    next_step = _("Write the name of the service that you want assessed.")


class ExplanationMissing(DomainError):
    """A level without its reason."""

    code = "maturity.explanation_missing"
    http_status = 422
    title = _("The level needs an explanation.")
    next_step = _("Write why the criteria of this level are met.")


class TextTooLong(DomainError):
    """An explanation or the name of a service is longer than can be kept."""

    code = "maturity.text_too_long"
    http_status = 422
    title = _("This text is too long.")
    next_step = _("Say the essential here, and add the rest as evidence.")

    def __init__(self, *, most: int, field: str) -> None:
        super().__init__(most=most, field=field)
        self.most = most
        self.field = field


class AnswerTooLate(DomainError):
    """The self-assessment has ended."""

    code = "maturity.answer_too_late"
    http_status = 409
    title = _("The time for answers has ended.")
    next_step = _(
        "What you wrote is not saved. Keep it, and bring it up at the interview or as an objection."
    )


class ChangedMeanwhile(DomainError):
    """Somebody else has saved this since it was opened; `current` is what stands there now."""

    code = "maturity.changed_meanwhile"
    http_status = 409
    title = _("Somebody else has saved this indicator while you were writing.")
    next_step = _("Compare the two, then save again if yours is to stand. Nothing was overwritten.")

    def __init__(self, *, indicator: str, version: int) -> None:
        super().__init__(indicator=indicator, version=version)
        self.version = version


class OwnAgency(DomainError):
    """An assessor never assesses the agency they come from."""

    code = "maturity.own_agency"
    http_status = 409
    title = _("An assessor cannot assess their own agency.")
    next_step = _("Choose an assessor from another agency.")


class RoleTaken(DomainError):
    """The agency has somebody in this role already."""

    code = "maturity.role_taken"
    http_status = 409
    title = _("Somebody is appointed to this role already.")
    next_step = _("End that appointment first.")


class EvidenceRefused(DomainError):
    """A file that cannot be evidence: empty, too large or of a kind that is not taken."""

    code = "maturity.evidence_refused"
    http_status = 422
    title = _("This file cannot be taken as evidence.")
    next_step = _("Send a PDF, picture, Word, Excel, OpenDocument or text file of at most 25 MB.")


class EvidenceEmpty(EvidenceRefused):
    """The file has no content."""

    code = "maturity.evidence_empty"
    title = _("This file is empty.")
    next_step = _("Open it on your device to see whether it has content, then choose it again.")


class EvidenceTooLarge(EvidenceRefused):
    """The file is larger than may be."""

    code = "maturity.evidence_too_large"
    title = _("This file is larger than 25 MB.")
    next_step = _("Make it smaller, or send a link to the place where it is published.")


class LinkRefused(EvidenceRefused):
    """The address is not one that others can open."""

    code = "maturity.link_refused"
    title = _("This is not a web address.")
    next_step = _("Copy the whole address, beginning with https://.")


class AnswersMissing(DomainError):
    """Indicators have no answer; `missing` names them."""

    code = "maturity.answers_missing"
    http_status = 409
    title = _("Some indicators have no level yet.")
    next_step = _("Complete them, then try again.")

    def __init__(self, *, missing: Sequence[str]) -> None:
        super().__init__(missing=", ".join(missing))
        self.missing = tuple(missing)


class MinutesMissing(DomainError):
    """The signed minutes are missing, or the agency has not said whether its result may be published."""

    code = "maturity.minutes_missing"
    http_status = 422
    title = _("The signed minutes are missing.")
    next_step = _("Attach the minutes signed by the coordinator as a PDF.")


class ObjectionsOpen(DomainError):
    """Objections wait for an answer, or may still be raised."""

    code = "maturity.objections_open"
    http_status = 409
    title = _("Objections are still open.")
    next_step = _("Answer every objection, or wait until the time for objections has ended.")


class NoAgencies(DomainError):
    """The round has no agency to measure."""

    code = "maturity.no_agencies"
    http_status = 409
    title = _("This round has no agencies yet.")
    next_step = _("Add the agencies that are measured, then start.")


class LastOfTeam(DomainError):
    """The national team of a round would be empty."""

    code = "maturity.last_of_team"
    http_status = 409
    title = _("This is the last person of the national team.")
    next_step = _("Appoint somebody else to it first.")


class AgencyNotInRound(DomainError):
    """No agency of the round has this name."""

    code = "maturity.agency_not_in_round"
    http_status = 422
    title = _("No agency of this round has exactly this name.")
    next_step = _("Choose one from the list.")


class NotFinal(DomainError):
    """Agencies of the round are not final yet."""

    code = "maturity.not_final"
    http_status = 409
    title = _("Not every agency is final yet.")
    next_step = _("Finalise the agencies that are named, then publish.")


class NotPublished(NotFound):
    """The result is not public: the round is not published, or the agency did not agree."""

    code = "maturity.not_published"
    title = _("This result has not been published.")
    next_step = _("Look at the years that have been published.")
