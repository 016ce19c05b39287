"""What can go wrong on the toll road, in words for the person who has to act."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import BadInput, DomainError, NotFound


class ReasonedError(DomainError):
    """Base of errors that have many causes. `reason`: stable code of the cause; further facts are for the log."""

    def __init__(self, *, reason: str, **facts: object) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason


class ExchangeUnavailable(ReasonedError):
    """The gateway, the other agency's gateway or its system is down or too slow. `reason`: stable code of the cause."""

    code = "exchange.unavailable"
    http_status = 503
    title = _("The other agency's system does not answer at the moment.")
    next_step = _("Fill in the answers yourself, or try again in a few minutes. Nothing you entered is lost.")


class ExchangeRefused(ReasonedError):
    """The toll road or the other agency refused the call. `reason`: stable code, such as "contract.revoked"."""

    code = "exchange.refused"
    http_status = 502
    title = _("The other agency did not give the data.")
    next_step = _("Fill in the answers yourself. We have noted the refusal for the operators.")


class NothingFound(ExchangeRefused):
    """The other agency's system has nothing under what was asked."""

    code = "exchange.nothing_found"
    http_status = 404
    title = _("The other agency has no data about this.")
    next_step = _("Check what was entered. If it is right, fill in the answers yourself.")


class ExchangeGarbled(ReasonedError):
    """The answer breaks the interface's OpenAPI document or is not proven. `reason`: stable code."""

    code = "exchange.garbled"
    http_status = 502
    title = _("The other agency's system gave an answer that we cannot read.")
    next_step = _("Fill in the answers yourself. We have noted it for the agency's operator.")


class SubjectMismatch(DomainError):
    """The question or the answer is about somebody else; nothing of the answer is used."""

    code = "exchange.subject_mismatch"
    http_status = 502
    title = _(
        "The other agency's system did not answer about the person asked for, so we did not use the answer."
    )
    next_step = _("Fill in the answers yourself. We have noted it for the agency's operator.")


class NoContract(DomainError):
    """No contract in force opens this operation for this agency and purpose."""

    code = "exchange.no_contract"
    http_status = 502
    title = _("There is no agreement that allows these data to be read.")
    next_step = _("Fill in the answers yourself, or ask the agency to conclude the agreement.")


class InterfaceUnknown(NotFound):
    """No peer offers this interface or operation."""

    code = "exchange.interface_unknown"
    title = _("We do not know this interface.")


class InterfaceInvalid(ReasonedError):
    """The OpenAPI document of an interface cannot be used; `reason` says why."""

    code = "exchange.interface_invalid"
    title = _("The description of the interface cannot be used.")
    next_step = _("Correct the OpenAPI document and publish it again.")


class ContractUnknown(NotFound):
    """No contract has this hash."""

    code = "exchange.contract_unknown"
    title = _("We do not know this agreement.")


class ContractInvalid(ReasonedError):
    """The content of a contract breaks a rule; `reason` is its stable code."""

    code = "exchange.contract_invalid"
    title = _("The agreement cannot be taken as it is.")
    next_step = _("Correct it and propose it again.")


class ContractClosed(DomainError):
    """The contract is rejected, revoked or ended, so that this signature can no longer be given."""

    code = "exchange.contract_closed"
    http_status = 409
    title = _("This agreement is closed.")
    next_step = _("Propose a new agreement.")


class NotASigner(DomainError):
    """The agency is no party to the contract."""

    code = "exchange.not_a_signer"
    http_status = 403
    title = _("This agency is no party to the agreement.")
    next_step = _("Ask one of the parties to sign.")


class PeerUnknown(NotFound):
    """The agency has not joined the exchange."""

    code = "exchange.peer_unknown"
    title = _("This agency has not joined the exchange.")
    next_step = _("Let it join the exchange first.")


class NoSnapshot(DomainError):
    """No snapshot has been published yet."""

    code = "exchange.no_snapshot"
    http_status = 503
    title = _("The exchange is not set up yet.")
    next_step = _("Let the first agency join the exchange.")


class RecordsRefused(ReasonedError):
    """What a gateway delivered is not a batch of its own records; nothing of it was taken. `reason`: stable code."""

    code = "exchange.records_refused"
    title = _("The records were not taken.")
    next_step = _("Compare the gateway's version and configuration with the control plane's.")


class CallerUnknown(ReasonedError):
    """A request to the control plane is not signed by a peer's key as the wire profile asks. `reason`: stable code."""

    code = "exchange.caller_unknown"
    http_status = 401
    title = _("The request is not signed by a member of the exchange.")
    next_step = _("Compare the gateway's key, clock and addresses with the control plane's.")


class CertificateRefused(ReasonedError):
    """A certificate of another authority cannot stand for an agency. `reason`: stable code."""

    code = "exchange.certificate_refused"
    title = _("This certificate cannot stand for the agency.")
    next_step = _(
        "It must be in force, of an authority that the operator trusts, and name the agency's peer id as serialNumber."
    )


class TokenRefused(ReasonedError):
    """No access token for this grant. `reason`: stable code; `oauth_error`: RFC 6749, section 5.2."""

    code = "exchange.token_refused"
    http_status = 400
    title = _("The exchange gave no access token.")
    next_step = _("Look at the agreement that the token was asked for.")

    def __init__(self, *, reason: str, oauth_error: str) -> None:
        super().__init__(reason=reason)
        self.oauth_error = oauth_error


class GatewayInvalid(BadInput):
    """A gateway is planned without agencies, or with neither an outway nor an inway."""

    code = "exchange.gateway_invalid"
    title = _("The plan of the gateway is not complete.")
    next_step = _("Name the agencies that it acts for, and where it listens.")


class GatewayPollInvalid(BadInput):
    """A gateway is planned to ask for the snapshot too rarely to know of a revoked agreement in time, or for records never."""

    code = "exchange.gateway_poll_invalid"
    title = _("The gateway would learn too late that an agreement was revoked, or never deliver its records.")
    next_step = _(
        "Let it ask for the snapshot every 4 seconds or more often, and deliver records at intervals above 0."
    )


class PurposeUnknown(NotFound):
    """No purpose has this id, or it is not the looker's to see."""

    code = "exchange.purpose_unknown"
    title = _("We do not know this purpose.")


class PurposeInvalid(BadInput):
    """The content of a purpose is incomplete or contradicts itself; `reason` is its stable code."""

    code = "exchange.purpose_invalid"
    title = _("The purpose cannot be taken as it is.")
    next_step = _("Complete it and save it again.")


class PurposeClosed(DomainError):
    """This step is not possible from where the purpose stands, or not this agency's to take."""

    code = "exchange.purpose_closed"
    http_status = 409
    title = _("This step is not possible for this purpose now.")
    next_step = _("Open the purpose again to see where it stands.")


class ConsentUnknown(NotFound):
    """No consent of this person has this id."""

    code = "exchange.consent_unknown"
    title = _("We do not know this consent.")


class ConsentClosed(DomainError):
    """The consent was answered, withdrawn or has ended already."""

    code = "exchange.consent_closed"
    http_status = 409
    title = _("This consent was answered already.")
    next_step = _("Open your consents to see where it stands.")


class ConsentMissing(DomainError):
    """The contract wants the person's consent, and there is none."""

    code = "exchange.consent_missing"
    http_status = 403
    title = _("The person has not consented to this.")
    next_step = _("Ask the person, or fill in the answers yourself.")


class LeaseRefused(ReasonedError):
    """A gateway's request for its share of quotas is malformed or not its own to make. `reason`: stable code."""

    code = "exchange.lease_refused"
    title = _("The exchange gave no share of the quota.")
    next_step = _("Compare the gateway's configuration with the control plane's.")


class LogEmpty(NotFound):
    """The transparency log has no signed state yet."""

    code = "exchange.log_empty"
    title = _("The log is still empty.")
    next_step = _("It grows with the first exchange of data; try again then.")


class NotLogged(NotFound):
    """The records of an exchange are not in a signed state of the log, or not yet."""

    code = "exchange.not_logged"
    title = _("This exchange is not in the log yet.")
    next_step = _("It is written within seconds. Load the page again in a moment.")


class GatewayUnknown(NotFound):
    """No gateway of this name was provisioned."""

    code = "exchange.gateway_unknown"
    title = _("We do not know this gateway.")
    next_step = _("Provision it first, or name another one.")


class AgencyNotHosted(DomainError):
    """No gateway takes calls for the agency, so its systems cannot be reached."""

    code = "exchange.agency_not_hosted"
    http_status = 409
    title = _("No gateway acts for this agency yet.")
    next_step = _("Name the gateway that shall act for it with --gateway.")


class TargetRefused(DomainError):
    """A system stands on a private address that the operator of the gateway has not allowed."""

    code = "exchange.target_refused"
    http_status = 422
    title = _("This address is private, and the gateway's operator has not allowed it.")
    next_step = _(
        "Ask the operator to add its network to the gateway's private networks, or use a public address."
    )


class SystemUndescribed(ReasonedError):
    """An existing system cannot get a door as it is; `reason` is a stable code, `detail` says what to do."""

    code = "exchange.system_undescribed"
    http_status = 422
    title = _("This system cannot be connected as it is.")
    next_step = _("Mend what is named and run the command again.")

    def __init__(self, *, reason: str, detail: str) -> None:
        super().__init__(reason=reason)
        self.detail = detail


class DoorInvalid(ReasonedError):
    """The settings of a door are not complete; `reason` says which."""

    code = "exchange.door_invalid"
    title = _("The description of the door is not complete.")
    next_step = _("Complete it and open the door again.")


class SandboxRefused(ReasonedError):
    """The sandbox does not answer this call; `reason` is the stable code that a gateway would give."""

    code = "exchange.sandbox_refused"
    http_status = 422
    title = _("The sandbox does not answer this call.")
    next_step = _("Correct what the code names, and try again.")


class ApplicationUnknown(ReasonedError):
    """No application has the key that a call shows."""

    code = "exchange.application_unknown"
    http_status = 401
    title = _("This key is not known.")
    next_step = _("Send the key of your application in the Authorization header, as a Bearer token.")


class ManifestInvalid(ReasonedError):
    """The files of the exchange cannot be applied; `reason` is the stable code, `detail` names the entry."""

    code = "exchange.manifest_invalid"
    http_status = 422
    title = _("The files of the exchange cannot be applied.")
    next_step = _("Correct the entry that is named; nothing was changed.")

    def __init__(self, *, reason: str, detail: str = "") -> None:
        super().__init__(reason=reason)
        self.detail = detail


class EventRefused(ReasonedError):
    """An event, or a question for events, is not acceptable; `reason` says why, such as "event.other_source"."""

    code = "exchange.event_refused"
    http_status = 422
    title = _("The event is not acceptable.")
    next_step = _("Correct what the reason names and send it again.")


class EventsUnavailable(ReasonedError):
    """What carries events cannot be reached."""

    code = "exchange.events_unavailable"
    http_status = 503
    title = _("Events cannot be taken at the moment.")
    next_step = _("Send the event again, with the same id.")


class HeldEventUnknown(NotFound):
    """No event that is held up has this id, or it has arrived meanwhile."""

    code = "exchange.held_event_unknown"
    title = _("This event is not held up any more.")
    next_step = _("Go back to the list.")
