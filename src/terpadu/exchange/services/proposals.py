"""What is checked of a contract's grants before anyone is asked to sign them."""

from __future__ import annotations

import orjson
from pydantic import JsonValue

from terpadu.exchange.errors import ContractInvalid
from terpadu.exchange.models import Interface, Purpose
from terpadu.exchange.rules.interfaces import (
    DocumentError,
    Operation,
    answer_schema,
    personal_parameters,
    schema_at,
)
from terpadu.exchange.selectors.foreign import foreign_ids
from terpadu_wire.contracts import ConnectionGrant, ContractContent, DelegatedServiceConnectionGrant
from terpadu_wire.disclosures import AT_ONCE
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Operation as OperationRule
from terpadu_wire.properties import Properties, parse_properties
from terpadu_wire.purposes import purpose_from_json


def check_grants(content: ContractContent) -> None:
    """Check every connection grant against the interface that it opens.

    The rules must be ones that gateways understand; each operation must be one of the interface, with its method and
    path; each pointer of the field rules must lead somewhere in the answer's schema, and each with a label must pass.
    No address may name a person unless that is waived with a reason; what counts or asks by person needs to know where
    the person stands; a purpose that is named must be the one that both sides know, and the person sees the exchanges when
    it says.
    Raises ContractInvalid with a stable code.
    """
    foreign = foreign_ids(grant.service.peer_id for grant in content.connection_grants())
    for grant in content.connection_grants():
        try:
            properties = parse_properties(grant.properties)
        except ContractError as error:
            raise ContractInvalid(reason=error.code, place=error.reason) from error
        if grant.service.peer_id not in foreign:  # a foreign peer's interfaces are not described here
            _check_interface(grant, properties)
        _check_subject(properties)
        if properties.purpose.id:
            _check_purpose(grant, properties)
        elif properties.disclosure != AT_ONCE:
            raise ContractInvalid(reason="contract.disclosure_without_purpose")


def _check_interface(grant: ConnectionGrant, properties: Properties) -> None:
    interface = Interface.objects.filter(
        peer__agency__peer_id=grant.service.peer_id, name=grant.service.name
    ).first()
    if interface is None:
        raise ContractInvalid(reason="service.unknown")
    if interface.openapi_sha256 != properties.openapi_sha256:
        raise ContractInvalid(reason="contract.other_interface_version")
    known = {operation.id: operation for operation in (Operation(**one) for one in interface.operations)}
    document = orjson.loads(interface.openapi)
    for rule in properties.operations:
        operation = known.get(rule.id)
        if operation is None or (operation.method, operation.path, operation.soap) != (
            rule.method,
            rule.path,
            rule.soap,
        ):
            raise ContractInvalid(reason="contract.operation_unknown", place=rule.id)
        _check_fields(rule, document)
        _check_topic(grant, rule, properties)
        _check_address(rule, properties, document)


def _check_topic(grant: ConnectionGrant, rule: OperationRule, properties: Properties) -> None:
    """An operation that takes events takes those of a topic that the caller publishes; no case and no consent lead to them."""
    if rule.topic is None:
        return
    if properties.evidence.required or properties.consent.required:
        raise ContractInvalid(reason="contract.topic_by_case", place=rule.id)
    found = Interface.objects.filter(
        peer__agency__peer_id=grant.outway.peer_id,
        name=rule.topic.service,
        operations__contains=[{"topic": rule.topic.type}],
    )
    if not found.exists():
        raise ContractInvalid(reason="contract.topic_unknown", place=rule.id)


def _check_fields(rule: OperationRule, document: JsonValue) -> None:
    schema = answer_schema(document, rule.id)
    for pointer in (*rule.fields.passing, *rule.fields.drop):
        try:
            leads_somewhere = schema is not None and schema_at(schema, pointer, document=document) is not None
        except DocumentError as error:
            raise ContractInvalid(reason="interface.reference", place=rule.id) from error
        if not leads_somewhere:
            raise ContractInvalid(reason="contract.field_unknown", place=f"{rule.id} {pointer}")
    # What an event tells stands in the request, so its words have no place in the answer.
    if rule.topic is None and not rule.data_items.keys() <= set(rule.fields.passing):
        raise ContractInvalid(reason="contract.label_without_field", place=rule.id)


def _check_address(rule: OperationRule, properties: Properties, document: JsonValue) -> None:
    """Refuse an operation whose address names a person: addresses end up in logs, histories and caches."""
    if properties.url_waiver.strip():
        return
    try:
        found = personal_parameters(document, rule.id)
    except DocumentError as error:
        raise ContractInvalid(reason="interface.reference", place=rule.id) from error
    offered = [one for one in found if one.startswith("path ") or one.removeprefix("query ") in rule.query]
    if offered:
        raise ContractInvalid(reason="contract.subject_in_url", place=f"{rule.id} {offered[0]}")


def _check_subject(properties: Properties) -> None:
    quota = properties.quota
    by_person = properties.consent.required or (quota is not None and quota.per_subject_day is not None)
    for rule in properties.operations if by_person else ():
        subject = properties.subject_of(rule)
        if subject is None or subject.where != "request":
            raise ContractInvalid(reason="contract.subject_unknown", place=rule.id)


def _check_purpose(grant: ConnectionGrant, properties: Properties) -> None:
    row = Purpose.objects.filter(pk=properties.purpose.id).select_related("provider__agency").first()
    if row is None:
        raise ContractInvalid(reason="purpose.unknown")
    reader = grant.outway.peer_id
    if isinstance(grant, DelegatedServiceConnectionGrant):
        reader = grant.delegator.peer_id
    content = purpose_from_json(row.content)
    giver, services = grant.service.peer_id, {grant.service.name}
    topics = {rule.topic.service for rule in properties.operations if rule.topic is not None}
    if topics:  # whoever takes events is the one who reads, though it is called
        reader, giver, services = giver, grant.outway.peer_id, topics
    meant = (content.consumer, content.provider, content.code, row.digest)
    asked = (reader, giver, properties.purpose.code, properties.purpose.digest)
    if meant != asked or not services <= set(content.services):
        raise ContractInvalid(reason="purpose.changed")
    if row.state in ("draft", "rejected", "archived"):
        raise ContractInvalid(reason="purpose.not_active")
    if content.disclosure != properties.disclosure:
        raise ContractInvalid(reason="contract.other_disclosure")
    if properties.consent.required and content.disclosure != AT_ONCE:
        raise ContractInvalid(reason="disclosure.by_consent")
