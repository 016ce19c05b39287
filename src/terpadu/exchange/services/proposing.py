"""Proposing an agreement: one interface of another agency, for a purpose that is active, signed by who proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from terpadu.exchange.errors import ContractInvalid
from terpadu.exchange.policies import check_acts_for
from terpadu.exchange.rules.interfaces import Operation
from terpadu.exchange.selectors.offers import Offer
from terpadu.exchange.selectors.registry import ContractView, utc_of
from terpadu.exchange.services.contracts import contract_accept, contract_propose
from terpadu.exchange.services.drafting import connection_grant, content_of
from terpadu.kernel.actors import Actor
from terpadu_wire.properties import (
    ConsentRule,
    EvidenceRule,
    FieldRules,
    OpenApiRule,
    Properties,
    Purpose,
    Quota,
    Subject,
    Text,
    properties_to_json,
)
from terpadu_wire.properties import Operation as OperationRule

CHECKED = OpenApiRule("sample", percent=20)
"""How far answers are held against the interface's document, unless the parties agree on more."""


@dataclass(frozen=True)
class OperationTerms:
    """What is asked for of one operation. items: pointers of the answer, with the words that the person reads.

    subject: where the request names the person, "" for an operation about nobody. match: where the answer repeats it, ""
    for nowhere. query: parameters of the address that may be given.
    """

    operation: Operation
    items: Mapping[str, Text]
    subject: str = ""
    match: str = ""
    query: tuple[str, ...] = ()


@dataclass(frozen=True)
class AgreementTerms:
    """What is asked for in all. caller: code of the agency whose gateway calls. per_day, rps: calls at most.

    evidence: regular expression of the case reference, "" for any; None where no reference is asked for.
    """

    operations: tuple[OperationTerms, ...]
    caller: str
    per_day: int
    rps: int
    not_before: datetime
    not_after: datetime
    evidence: str | None = ""


@transaction.atomic
def agreement_propose(offer: Offer, terms: AgreementTerms, *, by: Actor) -> ContractView:
    """Propose an agreement and sign it for the agency of the purpose; the other parties find it waiting at once.

    Raises ContractInvalid with a stable code, NotAllowed for officers of other agencies.
    """
    reader = offer.purpose.consumer.code
    check_acts_for(reader, by=by)
    if terms.not_after > utc_of(offer.purpose.content.not_after):
        raise ContractInvalid(reason="purpose.expired")
    grant = connection_grant(
        terms.caller,
        reader=reader,
        interface=offer.interface,
        properties=properties_to_json(_properties(offer, terms)),
    )
    content = content_of([grant], not_before=terms.not_before, not_after=terms.not_after)
    view = contract_propose(content, by=by)
    return contract_accept(view.content_hash, agency_code=reader, by=by)


def _properties(offer: Offer, terms: AgreementTerms) -> Properties:
    content = offer.purpose.content
    return Properties(
        purpose=Purpose(
            code=content.code,
            text=content.text,
            legal_basis=content.legal_basis.article,
            retention=content.retention,
            id=content.id,
            digest=offer.purpose.digest,
        ),
        operations=tuple(_rule(one) for one in terms.operations),
        openapi_sha256=offer.interface.openapi_sha256,
        evidence=EvidenceRule(required=terms.evidence is not None, pattern=terms.evidence or None),
        disclosure=content.disclosure,
        quota=Quota(rps=terms.rps, per_day=terms.per_day),
        consent=ConsentRule(required=content.legal_basis.kind == "consent"),
        openapi=CHECKED,
    )


def _rule(one: OperationTerms) -> OperationRule:
    subject = Subject("none")
    if one.subject:
        subject = Subject("request", one.subject, match_pointer=one.match or None)
    return OperationRule(
        id=one.operation.id,
        method=one.operation.method,
        path=one.operation.path,
        fields=FieldRules(allow=tuple(one.items)),
        data_items=dict(one.items),
        query=one.query,
        subject=subject,
    )
