"""What an agency could agree on: its active purposes with the interfaces that they are for, and the data behind them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue

from terpadu.directory.public import AgencyView, agency_get, certificate_list
from terpadu.exchange.enums import PLATFORM, PurposeState
from terpadu.exchange.errors import PurposeUnknown
from terpadu.exchange.models import Grant
from terpadu.exchange.rules.addresses import open_query
from terpadu.exchange.rules.interfaces import Operation, answer_schema, names_person_in_path
from terpadu.exchange.rules.leaves import leaves, words_of_leaf
from terpadu.exchange.rules.samples import request_schema
from terpadu.exchange.selectors.purposes import PurposeView, purpose_get, purpose_list
from terpadu.exchange.selectors.registry import InterfaceView, interface_list, interface_row, interface_view
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import Text, parse_properties


@dataclass(frozen=True)
class OfferedOperation:
    """An operation that may be agreed on. items: pointers of its answer with their words; asks: those of its request.

    query: parameters of its address, which name no person.
    """

    operation: Operation
    items: tuple[tuple[str, Text], ...]
    asks: tuple[str, ...]
    query: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """What one purpose of an agency may agree on with one interface. callers: whose gateway may call."""

    purpose: PurposeView
    interface: InterfaceView
    operations: tuple[OfferedOperation, ...]
    callers: tuple[AgencyView, ...]


def offers_of(agency_code: str) -> list[tuple[PurposeView, InterfaceView]]:
    """Return the active purposes of an agency, each with every interface that it is for. Three queries."""
    interfaces = {one.service: one for one in interface_list()}
    return [
        (purpose, interfaces[service])
        for purpose in purpose_list(agency_code, state=PurposeState.ACTIVE)
        if purpose.consumer.code == agency_code
        for service in (f"{purpose.provider.peer_id}/{name}" for name in purpose.content.services)
        if service in interfaces
    ]


def offer_get(agency_code: str, purpose_id: UUID, name: str) -> Offer:
    """Return what an agency may agree on for one of its active purposes. Raises PurposeUnknown, InterfaceUnknown."""
    purpose = purpose_get(purpose_id)
    is_theirs = purpose.consumer.code == agency_code and purpose.state == PurposeState.ACTIVE
    if not is_theirs or name not in purpose.content.services:
        raise PurposeUnknown()
    row = interface_row(f"{purpose.provider.peer_id}/{name}")
    view, document = interface_view(row), orjson.loads(row.openapi)
    known = _words_agreed(view)
    operations = tuple(
        _offered(one, document, known)
        for one in view.operations
        if not one.topic and not names_person_in_path(document, one.id)
    )
    return Offer(purpose, view, operations, tuple(_callers(agency_code)))


def _offered(
    operation: Operation, document: JsonValue, known: dict[tuple[str, str], Text]
) -> OfferedOperation:
    answer, request = answer_schema(document, operation.id), request_schema(document, operation.id)
    items = leaves(answer, document=document) if answer is not None else []
    asks = leaves(request, document=document) if request is not None else []
    return OfferedOperation(
        operation,
        tuple(
            (pointer, known.get((operation.id, pointer)) or words_of_leaf(pointer, schema))
            for pointer, schema in items
        ),
        tuple(pointer for pointer, _schema in asks if "*" not in pointer),
        open_query(document, operation.id),
    )


def _words_agreed(interface: InterfaceView) -> dict[tuple[str, str], Text]:
    """Return the words by which agreements call the interface's data, by (operation, pointer); the newest count."""
    rows = Grant.objects.filter(provider=interface.peer_id, service=interface.name).order_by("id")
    found: dict[tuple[str, str], Text] = {}
    for value in rows.values_list("properties", flat=True)[:200]:
        try:
            operations = parse_properties(value).operations
        except ContractError:
            continue
        found |= {(one.id, pointer): text for one in operations for pointer, text in one.data_items.items()}
    return found


def _callers(agency_code: str) -> list[AgencyView]:
    """Return who may call: the agency where it has a key, and the platform on its behalf. Two queries and more."""
    certified = {one.peer_id for one in certificate_list()}
    agencies = [agency_get(code) for code in dict.fromkeys((agency_code, PLATFORM))]
    return [one for one in agencies if one.peer_id in certified]
