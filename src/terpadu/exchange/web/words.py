"""Each reason of a refusal in words for an officer; gateways say the same in English to programs."""

from __future__ import annotations

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from terpadu.directory.public import AgencyView, agency_list
from terpadu.exchange.enums import DisclosureKind
from terpadu.kernel.formats import format_date, format_number, language
from terpadu_wire.disclosures import Disclosure
from terpadu_wire.properties import Text

REASONS: dict[str, Promise] = {
    "snapshot.expired": _("The gateways' copy of the rules is too old to act on."),
    "peer.unknown": _("One of the agencies has not joined the exchange."),
    "service.unknown": _("The interface is not published."),
    "contract.none": _("No agreement opens this interface for the agency."),
    "contract.invalid": _("The agreement is malformed."),
    "contract.not_valid": _("The agreement is not signed by all its parties."),
    "contract.signature_invalid": _("A signature on the agreement does not hold."),
    "contract.properties_invalid": _("The agreement has rules that gateways do not understand."),
    "contract.revoked": _("The agreement was revoked."),
    "contract.not_yet": _("The agreement does not hold yet."),
    "contract.expired": _("The agreement has ended."),
    "contract.other_connection": _("The agreement is for another connection."),
    "contract.other_key": _("The agreement names another key of the gateway."),
    "contract.ambiguous": _("Several agreements fit; the call must name one."),
    "purpose.missing": _("The call names no purpose."),
    "purpose.not_in_contract": _("The agreement is for another purpose."),
    "purpose.unknown": _("The agreement names a purpose that the exchange does not know."),
    "purpose.changed": _("The agreement names another version of the purpose."),
    "purpose.not_active": _("The purpose is not active: it waits, is suspended, archived or rejected."),
    "purpose.not_yet": _("The purpose does not hold yet."),
    "purpose.expired": _("The purpose has ended."),
    "operation.not_in_contract": _("The agreement does not open this operation."),
    "operation.query_not_in_contract": _("The agreement does not open this query parameter."),
    "subject.in_url": _("The address would name a person, and the agreement does not allow that."),
    "hours.closed": _("The agency does not answer at this hour."),
    "evidence.required": _("The agreement wants the reference of a case."),
    "evidence.malformed": _("The case reference is not of the form that the agreement wants."),
    "consent.required": _("The agreement wants the person's consent."),
    "consent.invalid": _("The consent is not valid."),
    "consent.other_id": _("The call shows another consent than the one it signed for."),
    "consent.other_call": _("The consent is for another reader, purpose or interface."),
    "consent.other_subject": _("The consent is another person's."),
    "consent.other_fields": _("The consent does not cover all that the agreement reads."),
    "consent.not_yet": _("The consent does not hold yet."),
    "consent.expired": _("The consent has ended."),
    "consent.withdrawn": _("The person has withdrawn the consent."),
    "consent.unchecked": _("Whether the consent still holds cannot be found out now."),
    "quota.second": _("The agreement allows no more calls in this second."),
    "quota.day": _("The agreement allows no more calls today."),
    "quota.subject_day": _("The agreement allows no more calls about this person today."),
}

WHO: dict[str, Promise] = {
    "caller": _("whoever makes the call: the calling application must be corrected"),
    "consumer": _("the agency that reads"),
    "provider": _("the agency that gives the data"),
    "both": _("both agencies together"),
    "operator": _("the operator of the exchange"),
    "person": _("the person whose data it is"),
    "nobody": _("nobody: it is only a matter of time"),
}
"""Who can change what a refusal says."""


def name_of(agency: AgencyView) -> str:
    """Return what people call an agency, in the language in force."""
    return agency.short_name or agency.name


def full_name_of(agency: AgencyView) -> str:
    """Return an agency's full name in the language in force."""
    return (agency.name_en or agency.name) if language() == "en" else agency.name


def agency_names() -> dict[str, str]:
    """Return what people call each agency, by its id on the exchange. One query."""
    return {agency.peer_id: name_of(agency) for agency in agency_list()}


def text_of(text: Text) -> str:
    """Return a text in the language in force."""
    return text.en if language() == "en" else text.id


def disclosure_words(disclosure: Disclosure) -> str:
    """Return when the person sees the exchanges, in the language in force."""
    days = format_number(disclosure.days or 0)
    if disclosure.kind == "closed":
        text = gettext("When the case is closed, at the latest %(days)s days after the exchange")
        return text % {"days": days}
    if disclosure.date is not None:
        return gettext("From %(day)s on") % {"day": format_date(date.fromisoformat(disclosure.date))}
    if disclosure.kind == "delayed":
        return gettext("%(days)s days after the exchange") % {"days": days}
    return str(DisclosureKind(disclosure.kind).label)


DELIVERY_REASONS: dict[str, Promise] = {
    "event.behind": _("It waits behind an earlier event about the same."),
    "event.invalid": _("It is not a well-formed event."),
    "event.other_source": _("It names a source that is not the sender's."),
    "event.other_topic": _("It is of another type than the agreement opens."),
    "provider.unreachable": _("The subscriber's gateway cannot be reached."),
    "system.unreachable": _("The subscriber's system cannot be reached."),
    "system.slow": _("The subscriber's system did not answer in time."),
    "system.failed": _("The subscriber's system failed."),
    "system.refused": _("The subscriber's system refuses the event."),
    "system.not_found": _(
        "The subscriber's system is not at the address that was agreed, or does not know what it is about."
    ),
    "subject.missing": _("It does not say whom it is about, which the agreement wants."),
    "system.busy": _("The subscriber's system takes no more for now."),
    "system.circuit_open": _("The subscriber's system failed too often and is left alone for a while."),
    "gateway.deadline": _("There was no answer in time."),
}
"""Why an event did not arrive, beside REASONS."""
