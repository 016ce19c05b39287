"""Bringing the exchange to what files say: what is missing is made through the services that officers use.

Signatures are the agencies' to give: outside the demo country, purposes and agreements that are made here wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from pydantic import JsonValue

from terpadu.directory.public import agency_create, agency_list
from terpadu.exchange.errors import ManifestInvalid
from terpadu.exchange.models import Purpose
from terpadu.exchange.rules.manifest import (
    AgencyEntry,
    Change,
    ContractEntry,
    Entry,
    GrantEntry,
    InterfaceEntry,
    Manifest,
    PurposeEntry,
    changes_between,
)
from terpadu.exchange.selectors.manifest import LIVING, contracts_by_key, manifest_of_platform
from terpadu.exchange.selectors.registry import interface_get, peer_row
from terpadu.exchange.services.contracts import contract_conclude, contract_propose, contract_revoke
from terpadu.exchange.services.describing import system_describe
from terpadu.exchange.services.doors import door_key_path, door_open, doors_provision
from terpadu.exchange.services.drafting import connection_grant, content_of
from terpadu.exchange.services.gateways import gateway_of, gateway_provision
from terpadu.exchange.services.peers import SignIn, interface_connect, interface_publish, peer_join
from terpadu.exchange.services.purposes import (
    PurposeWords,
    purpose_approve,
    purpose_draft,
    purpose_move,
    purpose_submit,
)
from terpadu.exchange.services.snapshots import one_snapshot
from terpadu.kernel.actors import Actor
from terpadu_wire.contracts import ConnectionGrant
from terpadu_wire.disclosures import disclosure_from_json
from terpadu_wire.properties import Text
from terpadu_wire.purposes import LegalBasis

DIRECTORY = "portal"
"""The agency that keeps the directory."""


def manifest_plan(wanted: Manifest) -> list[Change]:
    """Return what would change for the exchange to be as the files want it; nothing is changed. Raises ManifestInvalid."""
    try:
        return changes_between(manifest_of_platform(), wanted)
    except ValueError as error:
        raise ManifestInvalid(reason="manifest.twice", detail=str(error)) from error


@transaction.atomic
def manifest_apply(wanted: Manifest, documents: Mapping[str, bytes], *, by: Actor) -> list[Change]:
    """Make and change what the files want, all or nothing; return what was done. Applying twice is applying once.

    documents: OpenAPI documents by the name of their file. What the files do not name is left alone.
    Raises ManifestInvalid, and what the services raise.
    """
    done = [change for change in manifest_plan(wanted) if change.action != "unmanaged"]
    entries = {(kind, entry.key): entry for kind, part in wanted.parts() for entry in part}
    with one_snapshot():
        for change in done:
            _do(change, entries[change.kind, change.key], documents, by=by)
    return done


def _do(change: Change, entry: Entry, documents: Mapping[str, bytes], *, by: Actor) -> None:
    if isinstance(entry, AgencyEntry):
        _agency(change, entry, by=by)
    elif isinstance(entry, InterfaceEntry):
        _interface(entry, documents, by=by)
    elif isinstance(entry, PurposeEntry):
        _purpose(change, entry, by=by)
    else:
        _contract(entry, by=by)


def _agency(change: Change, entry: AgencyEntry, *, by: Actor) -> None:
    if change.action == "change":
        raise ManifestInvalid(reason="manifest.agency_differs", detail=entry.code)
    if entry.code not in {agency.code for agency in agency_list()}:
        members = entry.model_dump()
        agency_create(members.pop("code"), **members, by=by)
    peer_join(entry.code, by=by)


def _interface(entry: InterfaceEntry, documents: Mapping[str, bytes], *, by: Actor) -> None:
    openapi = documents.get(entry.openapi)
    if openapi is None:
        raise ManifestInvalid(reason="manifest.document_missing", detail=entry.openapi)
    if entry.door:
        _door(entry, openapi, by=by)
    else:
        interface_publish(entry.agency, name=entry.name, openapi=openapi, directory_code=DIRECTORY, by=by)
        interface_connect(
            entry.key,
            base_url=entry.base_url,
            header_name=entry.header_name,
            credential_path=Path(entry.credential_file) if entry.credential_file else None,
            sign_in=SignIn(**entry.sign_in),
            by=by,
        )
    plan = gateway_of(entry.agency, inway=True)
    if plan is not None:
        gateway_provision(plan, by=by)


def _door(entry: InterfaceEntry, openapi: bytes, *, by: Actor) -> None:
    host, kind, members = (entry.door.get(name) for name in ("host", "kind", "settings"))
    if not (isinstance(host, str) and isinstance(kind, str) and isinstance(members, dict)):
        raise ManifestInvalid(reason="manifest.door", detail=entry.key)
    # One door with wrong settings, and the program of doors would not start again for anybody.
    head = {"kind": kind, "name": entry.name, "peer_id": peer_row(entry.agency).agency.peer_id}
    key = {"key_file": door_key_path(entry.agency, entry.name)}
    system_describe({"kind": "settings", "door": {**members, **head, **key}})
    door_open(
        entry.agency,
        name=entry.name,
        kind=kind,
        settings_={**members},
        openapi=openapi,
        host=host,
        directory_code=DIRECTORY,
        by=by,
    )
    doors_provision(host)


def _purpose(change: Change, entry: PurposeEntry, *, by: Actor) -> None:
    """Make a purpose; one that is signed cannot change, so the old one is archived and a new one takes its place."""
    if change.action == "change":
        for known in _purpose_ids(entry):
            purpose_move(known, "archive", by=by)
    disclosure = disclosure_from_json(entry.disclosure)
    if disclosure is None:
        raise ManifestInvalid(reason="manifest.disclosure", detail=entry.key)
    words = entry.model_dump(exclude={"consumer", "text", "legal_basis", "disclosure"})
    view = purpose_draft(
        entry.consumer,
        PurposeWords(
            **words,
            text=Text(entry.text.id, entry.text.en),
            legal_basis=LegalBasis(**entry.legal_basis.model_dump()),
            disclosure=disclosure,
        ),
        by=by,
    )
    view = purpose_submit(view.id, by=by)
    if settings.DEMO and view.state == "waiting":
        purpose_approve(view.id, by=by)


def _purpose_ids(entry: PurposeEntry) -> list[UUID]:
    rows = Purpose.objects.filter(
        consumer__agency__code=entry.consumer,
        provider__agency__code=entry.provider,
        code=entry.code,
        state__in=LIVING,
    )
    return list(rows.values_list("pk", flat=True))


def _contract(entry: ContractEntry, *, by: Actor) -> None:
    """Propose an agreement anew; in the demo country it is signed, and ends those that gave the same rights before.

    Elsewhere its parties sign it, and end the old one themselves.
    """
    content = content_of(
        [_grant(one) for one in entry.grants], not_before=entry.not_before, not_after=entry.not_after
    )
    if not settings.DEMO:
        contract_propose(content, by=by)
        return
    for old in contracts_by_key().get(entry.key, ()):
        contract_revoke(old, agency_code=entry.grants[0].consumer, by=by)
    contract_conclude(content, by=by)


def _grant(entry: GrantEntry) -> ConnectionGrant:
    interface = interface_get(f"{entry.provider}/{entry.service}")
    properties: dict[str, JsonValue] = {
        **entry.properties,
        "purpose": _purpose_of(entry),
        "openapi_sha256": interface.openapi_sha256,
    }
    return connection_grant(entry.consumer, reader=entry.reader, interface=interface, properties=properties)


def _purpose_of(entry: GrantEntry) -> JsonValue:
    """Return a right's purpose with the id and digest that it has here; one that is not registered stays words."""
    words = entry.properties.get("purpose")
    row = Purpose.objects.filter(
        consumer__agency__code=entry.reader,
        provider__agency__code=entry.provider,
        code=entry.purpose,
        state__in=LIVING,
    ).first()
    if row is None or not isinstance(words, dict):
        return words
    return words | {"id": str(row.pk), "digest": row.digest}
