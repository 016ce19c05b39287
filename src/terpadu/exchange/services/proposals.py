"""What is checked of a contract's grants before anyone is asked to sign them."""

from __future__ import annotations

import orjson
from pydantic import JsonValue

from terpadu.exchange.errors import ContractInvalid
from terpadu.exchange.models import Interface
from terpadu.exchange.rules.interfaces import DocumentError, Operation, answer_schema, schema_at
from terpadu_wire.contracts import ConnectionGrant, ContractContent
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Operation as OperationRule
from terpadu_wire.properties import Properties, parse_properties


def check_grants(content: ContractContent) -> None:
    """Check every connection grant against the interface that it opens.

    The rules must be ones that gateways understand; each operation must be one of the interface, with its method and
    path; each allowed pointer must lead somewhere in the answer's schema, and each with a label must be allowed.
    Raises ContractInvalid with a stable code.
    """
    for grant in content.connection_grants():
        try:
            properties = parse_properties(grant.properties)
        except ContractError as error:
            raise ContractInvalid(reason=error.code, place=error.reason) from error
        _check_interface(grant, properties)


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
        if operation is None or (operation.method, operation.path) != (rule.method, rule.path):
            raise ContractInvalid(reason="contract.operation_unknown", place=rule.id)
        _check_fields(rule, document)


def _check_fields(rule: OperationRule, document: JsonValue) -> None:
    schema = answer_schema(document, rule.id)
    for pointer in rule.fields.allow:
        try:
            leads_somewhere = schema is not None and schema_at(schema, pointer, document=document) is not None
        except DocumentError as error:
            raise ContractInvalid(reason="interface.reference", place=rule.id) from error
        if not leads_somewhere:
            raise ContractInvalid(reason="contract.field_unknown", place=f"{rule.id} {pointer}")
    if not rule.data_items.keys() <= set(rule.fields.allow):
        raise ContractInvalid(reason="contract.label_without_field", place=rule.id)
