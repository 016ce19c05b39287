"""A trial contract: thirty days for one reader and all operations of an interface, so that a first call can be made."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.conf import settings
from django.db import transaction
from pydantic import JsonValue

from terpadu.exchange.errors import ContractInvalid
from terpadu.exchange.models import Grant
from terpadu.exchange.rules.addresses import open_query, sample_address
from terpadu.exchange.rules.interfaces import DocumentError, answer_schema, names_person_in_path
from terpadu.exchange.rules.interfaces import Operation as ViewedOperation
from terpadu.exchange.rules.samples import open_pointers, request_schema, sample_of
from terpadu.exchange.selectors.joining import TRIAL_PURPOSE
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.selectors.registry import (
    ContractView,
    InterfaceView,
    contract_views,
    interface_row,
    interface_view,
    peer_row,
)
from terpadu.exchange.services.contracts import contract_conclude, contract_propose, contract_revoke
from terpadu.exchange.services.drafting import connection_grant, content_of
from terpadu.exchange.services.gateways import gateway_of
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu_wire.properties import (
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Quota,
    Subject,
    Text,
    properties_to_json,
)

TRIAL_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Trial:
    """Who shall make a first call, and where its body names the person it is about.

    reader: code of the agency that calls. subject: JSON pointer into the request, "" when it is about nobody.
    match: JSON pointer into the answer where the same identifier must stand, "" for no check.
    """

    reader: str
    subject: str = ""
    match: str = ""
    purpose: str = TRIAL_PURPOSE
    legal_basis: str = "Uji coba sambungan; tidak untuk layanan (diasumsikan)"


@transaction.atomic
def trial_contract(service: str, trial: Trial, *, by: Actor) -> ContractView:
    """Propose a trial contract; in demo mode, where nobody is real, both sides accept it at once.

    The same trial asked for again is the one that stands: with two of them a gateway could not tell which is meant.
    Raises InterfaceUnknown, ContractInvalid, PeerUnknown.
    """
    row = interface_row(service)
    view = interface_view(row)
    properties = properties_to_json(_properties(view, row.openapi, trial))
    grant = connection_grant(trial.reader, reader=trial.reader, interface=view, properties=properties)
    for known, said in _standing(trial, view):
        if said == properties and (known.state == "valid" or not settings.DEMO):
            return known
        if settings.DEMO and known.state == "valid":
            contract_revoke(known.content_hash, agency_code=trial.reader, by=by)
    content = content_of([grant], not_before=now(), not_after=now() + TRIAL_LIFE)
    return contract_conclude(content, by=by) if settings.DEMO else contract_propose(content, by=by)


def _standing(trial: Trial, view: InterfaceView) -> list[tuple[ContractView, JsonValue]]:
    """Return the trials of a reader that nobody has ended, with what each says, newest first."""
    rows = Grant.objects.filter(
        consumer=peer_row(trial.reader).agency.peer_id,
        delegator="",
        provider=view.peer_id,
        service=view.name,
        purpose=trial.purpose,
        contract__not_after__gt=now(),
    ).select_related("contract")
    found = [(row.contract, row.properties) for row in rows.order_by("-contract__proposed_at")]
    views = contract_views([contract for contract, _ in found])
    return [
        (one, said) for one, (_, said) in zip(views, found, strict=True) if one.state in ("valid", "proposed")
    ]


def first_call(service: str, trial: Trial, *, operation_id: str = "") -> str:
    """Return a curl command that makes a first call of an operation, by default the interface's first.

    Raises InterfaceUnknown.
    """
    row = interface_row(service)
    view = interface_view(row)
    document = orjson.loads(row.openapi)
    operation = view.operation(operation_id) if operation_id else _operations(view, document)[0]
    address = sample_address(document, operation.id, operation.path).text
    plan = gateway_of(trial.reader, inway=False)
    outway = f"http://{plan.outway_listen}" if plan else "http://127.0.0.1:OUTWAY"
    application = (
        next((name for code, name in plan.applications if code == trial.reader), "terpadu")
        if plan
        else "terpadu"
    )
    parts = [
        f"curl -sS -X {operation.method} {shlex.quote(f'{outway}/{view.peer_id}/{view.name}{address}')}",
        f'-H "Authorization: Bearer $(cat {shlex.quote(str(application_key_path(trial.reader, application)))})"',
        f"-H 'Terpadu-Purpose: {trial.purpose}'",
    ]
    asked = request_schema(document, operation.id)
    if asked is not None:
        body = orjson.dumps(sample_of(asked, document=document)).decode()
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(parts)


def _operations(view: InterfaceView, document: JsonValue) -> list[ViewedOperation]:
    """Return the operations that a trial opens: those whose path names no person, so that nobody waives anything."""
    found = [one for one in view.operations if not names_person_in_path(document, one.id)]
    if not found:
        raise ContractInvalid(reason="contract.subject_in_url")
    return found


def _properties(view: InterfaceView, openapi: str, trial: Trial) -> Properties:
    document = orjson.loads(openapi)
    rules = []
    for operation in _operations(view, document):
        schema = answer_schema(document, operation.id)
        try:
            allowed = open_pointers(schema, document=document) if schema is not None else []
        except DocumentError:
            allowed = []
        if operation.soap is not None:
            allowed = [""]
        has_person = trial.subject and request_schema(document, operation.id) is not None
        rules.append(
            Operation(
                id=operation.id,
                method=operation.method,
                path=operation.path,
                fields=FieldRules(allow=tuple(allowed)),
                data_items={pointer: Text(pointer[1:] or "*", pointer[1:] or "*") for pointer in allowed},
                soap=operation.soap,
                query=open_query(document, operation.id),
                subject=None if has_person or not trial.subject else Subject(where="none"),
            )
        )
    if not any(rule.fields.allow for rule in rules):
        raise ContractInvalid(reason="contract.nothing_to_read")
    subject = Subject(where="request", pointer=trial.subject, match_pointer=trial.match or None)
    return Properties(
        purpose=Purpose(
            code=trial.purpose,
            text=Text("Mencoba sambungan yang baru", "To try out a new connection"),
            legal_basis=trial.legal_basis,
            retention="Tidak disimpan",
        ),
        operations=tuple(rules),
        openapi_sha256=view.openapi_sha256,
        subject=subject if trial.subject else None,
        # A gateway that the control plane has not answered yet takes a tenth; a first call must fit into that.
        quota=Quota(rps=20, per_day=1000),
    )
