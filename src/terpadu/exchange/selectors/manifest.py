"""The exchange as it is, in the form of files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from terpadu.directory.public import agency_list
from terpadu.exchange.models import Contract, Door, Grant, Interface, Peer, Purpose
from terpadu.exchange.rules.manifest import (
    AgencyEntry,
    ContractEntry,
    GrantEntry,
    InterfaceEntry,
    Manifest,
    PurposeEntry,
)
from terpadu.exchange.selectors.console import CONNECTIONS
from terpadu.kernel.clock import now

LIVING = ("waiting", "active", "suspended")
FOLLOWS = ("openapi_sha256",)
"""Members of a contract's rules that follow from the interface of the installation."""


def manifest_of_platform() -> Manifest:
    """Return agencies, interfaces, purposes and agreements as they are, each list by key. Eight queries.

    Purposes: those that are submitted and neither rejected nor archived. Agreements: those that nobody has refused or
    ended, and that have not run out; of two that give the same rights, the newer.
    """
    joined = set(Peer.objects.values_list("agency__code", flat=True))
    agencies = [
        AgencyEntry(
            code=one.code,
            peer_id=one.peer_id,
            name=one.name,
            name_en=one.name_en,
            short_name=one.short_name,
            kind=one.kind,
            region_code=one.region_code,
        )
        for one in agency_list()
        if one.code in joined
    ]
    contracts: dict[str, ContractEntry] = {}
    for _, entry in _contracts():
        contracts.setdefault(entry.key, entry)
    return Manifest(
        agencies=tuple(sorted(agencies, key=lambda one: one.key)),
        interfaces=tuple(sorted(_interfaces(), key=lambda one: one.key)),
        purposes=tuple(sorted(_purposes(), key=lambda one: one.key)),
        contracts=tuple(sorted(contracts.values(), key=lambda one: one.key)),
    )


def documents_of_platform() -> dict[str, str]:
    """Return the OpenAPI documents of all interfaces by the name of their file. One query."""
    rows = Interface.objects.select_related("peer__agency")
    return {_file_of(row): row.openapi for row in rows}


def contracts_by_key() -> dict[str, list[str]]:
    """Return the content hashes of living agreements by the rights that they give, newest first. Three queries."""
    found: dict[str, list[str]] = {}
    for content_hash, entry in _contracts():
        found.setdefault(entry.key, []).append(content_hash)
    return found


def _interfaces() -> list[InterfaceEntry]:
    doors = {door.interface_id: door for door in Door.objects.select_related("host")}
    return [
        InterfaceEntry.model_validate(
            {
                "agency": row.peer.agency.code,
                "name": row.name,
                "openapi": _file_of(row),
                "sha256": row.openapi_sha256,
                **_way(row, doors.get(row.pk)),
            }
        )
        for row in Interface.objects.select_related("peer__agency")
    ]


def _way(row: Interface, door: Door | None) -> dict[str, JsonValue]:
    """Return how the system is reached; what follows from a door is left out."""
    if door is not None:
        return {"door": {"host": door.host.name, "kind": door.kind, "settings": door.settings}}
    return {
        "base_url": row.base_url,
        "header_name": row.header_name,
        "credential_file": row.credential_path,
        "sign_in": row.sign_in,
    }


def _file_of(row: Interface) -> str:
    return f"{row.peer.agency.code}.{row.name}.json"


def _purposes() -> list[PurposeEntry]:
    rows = Purpose.objects.filter(state__in=LIVING).select_related("consumer__agency", "provider__agency")
    return [
        PurposeEntry(
            consumer=row.consumer.agency.code,
            provider=row.provider.agency.code,
            code=row.code,
            services=row.content["services"],
            text=row.content["text"],
            legal_basis=row.content["legal_basis"],
            data_items=row.content["data_items"],
            retention=row.content["retention"],
            risk={one["question"]: one["answer"] for one in row.content["risk"]},
            expected_calls=row.expected_calls,
            not_before=datetime.fromtimestamp(row.content["not_before"], UTC),
            not_after=datetime.fromtimestamp(row.content["not_after"], UTC),
            disclosure=row.content.get("disclosure", {}),
        )
        for row in rows
    ]


def _contracts() -> list[tuple[str, ContractEntry]]:
    """Return every living agreement with its content hash, newest first."""
    codes = {agency.peer_id: agency.code for agency in agency_list()}
    rows = Contract.objects.filter(not_after__gt=now()).exclude(signatures__kind__in=("reject", "revoke"))
    grants: dict[object, list[Grant]] = {}
    for grant in Grant.objects.filter(contract__in=rows, kind__in=CONNECTIONS).order_by("id"):
        grants.setdefault(grant.contract_id, []).append(grant)
    return [
        (
            row.content_hash,
            ContractEntry(
                not_before=row.not_before,
                not_after=row.not_after,
                grants=tuple(_grant(one, codes) for one in grants[row.pk]),
            ),
        )
        for row in rows.order_by("-proposed_at", "-id")
        if row.pk in grants
    ]


def _grant(row: Grant, codes: Mapping[str, str]) -> GrantEntry:
    properties = {name: value for name, value in row.properties.items() if name not in FOLLOWS}
    purpose = properties.get("purpose")
    if isinstance(purpose, dict):
        properties["purpose"] = {
            name: value for name, value in purpose.items() if name not in ("id", "digest")
        }
    return GrantEntry(
        consumer=codes[row.consumer],
        reader=codes[row.delegator or row.consumer],
        provider=codes[row.provider],
        service=row.service,
        purpose=row.purpose,
        properties=properties,
    )
