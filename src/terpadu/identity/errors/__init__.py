"""What can go wrong in identity. No message tells whether a NIK is known here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import BadInput, DomainError, NotFound


class NikMalformed(BadInput):
    """The number cannot be a NIK; `fault` in the facts says which part is wrong."""

    code = "identity.nik_malformed"
    title = _("This is not a NIK.")
    next_step = _("Copy the 16 digits from the identity card or the family card.")


class ClientUnknown(NotFound):
    """No application has this identifier."""

    code = "identity.client_unknown"
    title = _("We do not know this application.")
    next_step = _("Go back to the application and try again. If that does not help, tell its agency.")


class ClientInvalid(BadInput):
    """The metadata of an application cannot be taken; `fields` names what is wrong, as "field:reason" by comma."""

    code = "identity.client_invalid"
    title = _("This application cannot be registered like that.")
    next_step = _("Correct the fields that are marked and send it again.")

    def __init__(self, faults: tuple[tuple[str, str], ...] = (), **facts: object) -> None:
        super().__init__(fields=",".join(f"{field}:{reason}" for field, reason in faults), **facts)
        self.faults = faults


class ClientStageWrong(DomainError):
    """The application is not in the stage in which this can be done."""

    code = "identity.client_stage_wrong"
    http_status = 409
    title = _("This cannot be done with the application now.")
    next_step = _("Open the application again to see where it stands.")


class FourEyesNeeded(DomainError):
    """Who asked for something may not be the one to approve it."""

    code = "identity.four_eyes_needed"
    http_status = 403
    title = _("Somebody else has to approve this.")
    next_step = _("Ask a colleague who did not request it.")


class FetchRefused(DomainError):
    """An address of an agency must not be fetched, or did not answer as it should; `reason` says why."""

    code = "identity.fetch_refused"
    http_status = 422
    title = _("We could not fetch this address.")
    next_step = _("Check that it is public, uses https and answers within five seconds.")


class RequestBroken(BadInput):
    """An application sent a person here with a request that cannot be answered; `reason` is for its developers."""

    code = "identity.request_broken"
    title = _("The application sent you here with a request that we cannot answer.")
    next_step = _(
        "Go back to the application and try again. If that does not help, tell its agency this code."
    )


class RequestOver(DomainError):
    """The request was decided already, or was waiting too long."""

    code = "identity.request_over"
    http_status = 410
    title = _("This sign-in is over or took too long.")
    next_step = _("Go back to the application and sign in again from there.")


class NotATester(DomainError):
    """The application is still being tried by its agency."""

    code = "identity.not_a_tester"
    http_status = 403
    title = _("This application is still being tried.")
    next_step = _("Only people who work at its agency can sign in until it is approved.")


class DeviceCodeWrong(DomainError):
    """The code of a counter or kiosk is unknown, used or too old."""

    code = "identity.device_code_wrong"
    http_status = 404
    title = _("We do not know this code.")
    next_step = _("Look at the screen again. Codes work for ten minutes.")


class PersonUnknown(NotFound):
    """No person has this identifier."""

    code = "identity.person_unknown"
    title = _("We do not know this person.")


class PasswordRefused(BadInput):
    """The password is too short, too long, too common or too personal; `fault` says which."""

    code = "identity.password_refused"
    title = _("This password cannot be used.")
    next_step = _("Choose another one. Three or four words in a row are easy to remember.")


class SignInRefused(DomainError):
    """NIK and password do not fit, or there is no such account; nobody learns which."""

    code = "identity.sign_in_refused"
    http_status = 403
    title = _("NIK and password do not match.")
    next_step = _("Check both and try again. No account yet? Make one first.")


class CodeRefused(DomainError):
    """The code of the authenticator app or the recovery code is wrong, too old or already used."""

    code = "identity.code_refused"
    http_status = 403
    title = _("This code is not right, or it has been used already.")
    next_step = _("Wait for the next code in your app, or use a recovery code.")


class PasskeyRefused(DomainError):
    """The passkey's answer does not verify: wrong site, wrong challenge, no user verification or unknown key."""

    code = "identity.passkey_refused"
    http_status = 403
    title = _("The passkey was not accepted.")
    next_step = _("Try again, or sign in with NIK and password.")


class TooManyTries(DomainError):
    """The limit on tries is reached; a passkey still works."""

    code = "identity.too_many_tries"
    http_status = 429
    title = _("Too many tries.")
    next_step = _("Wait 15 minutes and try again. A passkey works right away.")


class TooManyRegistrations(TooManyTries):
    """The limit on tries to register is reached."""

    code = "identity.too_many_registrations"
    next_step = _("Wait one hour and try again, or ask at the Dukcapil office of your city.")


class DataNotConfirmed(DomainError):
    """The population registry does not confirm the particulars, or they have an account; nobody learns which."""

    code = "identity.data_not_confirmed"
    http_status = 422
    title = _("We could not make an account with these data.")
    next_step = _(
        "Check NIK, full name and date of birth against the identity card. Already have an account? Sign in. "
        "Still not right? The Dukcapil office of your city can help."
    )


class PopulationUnavailable(DomainError):
    """The population registry does not answer now."""

    code = "identity.population_unavailable"
    http_status = 503
    title = _("The population registry does not answer at the moment.")
    next_step = _("Your answers are still here. Please try again in a few minutes.")


class RegistrationExpired(DomainError):
    """The registration was begun too long ago, or in another browser."""

    code = "identity.registration_expired"
    http_status = 410
    title = _("This registration has expired.")
    next_step = _("Please start again. It takes about three minutes.")


class SignInExpired(DomainError):
    """The first step of the sign-in was too long ago."""

    code = "identity.sign_in_expired"
    http_status = 410
    title = _("Your sign-in took too long.")
    next_step = _("Please sign in again.")


class LastMethod(DomainError):
    """Without this sign-in method the account would be open to a guessed password, or closed for ever."""

    code = "identity.last_method"
    http_status = 409
    title = _("You need this method to sign in safely.")
    next_step = _("Add another method first, then remove this one.")


class MethodUnknown(NotFound):
    """The account has no such sign-in method."""

    code = "identity.method_unknown"
    title = _("Your account has no such sign-in method.")


class OfficersOnly(DomainError):
    """The page is for officers in certain positions, and the person holds none of them today."""

    code = "identity.officers_only"
    http_status = 403
    title = _("This page is for officers.")
    next_step = _("Ask the administrator of your agency to give you the position that this work needs.")


class AssignmentOverlaps(DomainError):
    """The person already holds this position in part of the period."""

    code = "identity.assignment_overlaps"
    http_status = 409
    title = _("This person already holds the position in part of that period.")
    next_step = _("End the earlier assignment first, or choose other dates.")


class PeriodInvalid(BadInput):
    """A period ends before it has begun."""

    code = "identity.period_invalid"
    title = _("The last day lies before the first.")
    next_step = _("Check both dates.")


class StepUpImpossible(DomainError):
    """The account has no sign-in method of the strength that is needed."""

    code = "identity.step_up_impossible"
    http_status = 403
    title = _("Your account needs a stronger way to sign in for this.")
    next_step = _("Add a passkey or an authenticator app. It takes two minutes.")


class TicketRefused(NotFound):
    """No person shows this code at a counter now: wrong, used, or too old."""

    code = "identity.ticket_refused"
    title = _("This code is wrong, used or too old.")
    next_step = _("Ask the person to make a new code on their phone.")


class FaceUnavailable(DomainError):
    """The face match does not answer now. Nothing was decided about the person."""

    code = "identity.face_unavailable"
    http_status = 503
    title = _("The face match does not answer at the moment.")
    next_step = _("Try again later, or come to a counter. Nothing has been noted against you.")


class FaceUnusable(BadInput):
    """The picture cannot be compared: no face, blurred, too large or no picture at all; `reason` says which."""

    code = "identity.face_unusable"
    title = _("This picture cannot be compared.")
    next_step = _("Take it again in daylight, with your whole face in it. JPEG or PNG, at most 1 MB.")


class FaceNotMatched(DomainError):
    """The picture and the registry's did not match closely enough."""

    code = "identity.face_not_matched"
    http_status = 422
    title = _("The picture did not match closely enough.")
    next_step = _("This happens to the right people too. An officer at any counter can confirm you instead.")


class RequestGone(NotFound):
    """The request between two devices is unknown, answered, or too old."""

    code = "identity.request_gone"
    title = _("This request is no longer open.")
    next_step = _("Let the other screen show a new code, and scan that one.")


class NumberDiffers(DomainError):
    """The person chose another number than the asking screen shows: perhaps not the screen in front of them."""

    code = "identity.number_differs"
    http_status = 403
    title = _("That is not the number on the other screen, so nothing was shared.")
    next_step = _("Only agree to a screen that you have in front of you. Then let it show a new code.")


class MandateUnknown(NotFound):
    """There is no such mandate, or it is not this person's to see or use now."""

    code = "identity.mandate_unknown"
    title = _("There is no such mandate, or it has ended.")
    next_step = _("Go back to the list of whom you may act for.")


class MandateCodeRefused(DomainError):
    """The code is wrong, used or too old, or the mandate is for somebody with another name."""

    code = "identity.mandate_code_refused"
    http_status = 403
    title = _("This code does not give you a mandate.")
    next_step = _("Ask the person for a new code, and whether they wrote your full name.")


class MandateInvalid(BadInput):
    """A mandate needs at least one known service and an end in the future, within the longest allowed time."""

    code = "identity.mandate_invalid"
    title = _("A mandate needs at least one service, and an end date.")
    next_step = _("Choose the services and a day from tomorrow on, at most one year ahead.")


class FamilyUnavailable(DomainError):
    """The family registry does not answer now."""

    code = "identity.family_unavailable"
    http_status = 503
    title = _("The family registry does not answer at the moment.")
    next_step = _("Please try again in a few minutes. Nothing has changed.")


class ActingElsewhere(DomainError):
    """The page is about one's own affairs, and the person acts for somebody now."""

    code = "identity.acting_elsewhere"
    http_status = 403
    title = _("You are acting for somebody else now.")
    next_step = _("This page is about yourself. Stop acting for the other person to open it.")


class RecoveryRefused(DomainError):
    """No recovery can be opened for this person, or the code does not work (yet, or any more)."""

    code = "identity.recovery_refused"
    http_status = 403
    title = _("This recovery code does not work.")
    next_step = _("Check the code and the time on the paper. The office that gave it can make a new one.")


class RecoveryNotPossible(DomainError):
    """There is no account to recover, or one is being recovered already."""

    code = "identity.recovery_not_possible"
    http_status = 409
    title = _("There is nothing to recover for this NIK, or it is already under way.")
    next_step = _("Somebody without an account makes one; an open recovery stands in the list.")


class SecondOfficerNeeded(DomainError):
    """The same officer may not do both halves, nor anybody for themselves."""

    code = "identity.second_officer_needed"
    http_status = 403
    title = _("Another officer has to do this.")
    next_step = _("Four eyes: ask a colleague who is not the first officer and not the person.")


class DataRequestUnknown(NotFound):
    """There is no such request, or it is not open to this person or officer."""

    code = "identity.data_request_unknown"
    title = _("There is no such request, or it is closed.")


class AnswerMissing(BadInput):
    """A request about one's data must say what is meant, and its answer must say why."""

    code = "identity.answer_missing"
    title = _("A few more words are needed.")
    next_step = _("Write at least ten characters.")
