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
