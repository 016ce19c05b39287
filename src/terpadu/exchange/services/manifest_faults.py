"""What would stop files of the exchange half way, or leave a gateway with what it cannot use: told before anything is applied."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import translation
from pydantic import TypeAdapter, ValidationError

from terpadu.directory.public import agency_list
from terpadu.exchange.errors import SystemUndescribed, TargetRefused
from terpadu.exchange.rules.manifest import (
    AgencyEntry,
    Change,
    ContractEntry,
    Entry,
    InterfaceEntry,
    Kind,
    Manifest,
    PurposeEntry,
)
from terpadu.exchange.selectors.manifest import manifest_of_platform
from terpadu.exchange.services.connecting import check_target
from terpadu.exchange.services.gateways import gateway_of
from terpadu_wire.contracts import PeerId, ServiceName
from terpadu_wire.systems import SystemAccess

FILES = ("basic_file", "client_secret_file", "client_certificate", "client_key", "authority")
"""Members of `sign_in` that name a file of this machine."""


@dataclass(frozen=True)
class EntryFault:
    """What is wrong with an entry. at: its place in its list. member: of the entry, "" for all of it. words: in English."""

    kind: Kind
    at: int
    key: str
    member: str
    words: str


@dataclass(frozen=True)
class _Known:
    agencies: Collection[str]
    interfaces: Collection[str]


def manifest_faults(
    wanted: Manifest, changes: Sequence[Change], documents: Mapping[str, bytes]
) -> list[EntryFault]:
    """Return what is wrong with the entries that would be applied, in the order of the files; nothing is changed.

    Names that nobody has, documents and credential files that cannot be read, and systems where the gateway may not call.
    documents: OpenAPI documents by the name of their file.
    """
    here = manifest_of_platform()
    known = _Known(
        {one.code for one in agency_list()} | {one.code for one in wanted.agencies},
        {one.key for part in (here, wanted) for one in part.interfaces},
    )
    due = {(one.kind, one.key) for one in changes if one.action != "unmanaged"}
    return [
        EntryFault(kind, at, entry.key, member, words)
        for kind, part in wanted.parts()
        for at, entry in enumerate(part)
        if (kind, entry.key) in due
        for member, words in _faults(entry, known, documents)
    ]


def _faults(entry: Entry, known: _Known, documents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    if isinstance(entry, AgencyEntry):
        yield from _badly_named("peer_id", entry.peer_id, TypeAdapter(PeerId))
    elif isinstance(entry, InterfaceEntry):
        yield from _interface(entry, known, documents)
    elif isinstance(entry, PurposeEntry):
        named = [("consumer", entry.consumer), ("provider", entry.provider)]
        yield from _unknown_agencies(named, known)
    else:
        yield from _contract(entry, known)


def _interface(
    entry: InterfaceEntry, known: _Known, documents: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    yield from _unknown_agencies([("agency", entry.agency)], known)
    yield from _badly_named("name", entry.name, TypeAdapter(ServiceName))
    if entry.openapi not in documents:
        yield "openapi", f"there is no document {entry.openapi}"
    for member, path in _files(entry):
        if not os.access(path, os.R_OK) or not os.path.isfile(path):
            yield member, f"the file {path} cannot be read"
    if entry.base_url:
        yield from _way(entry)


def _files(entry: InterfaceEntry) -> Iterator[tuple[str, str]]:
    """Yield the files of this machine that an interface names, each with its member."""
    if entry.credential_file:
        yield "credential_file", entry.credential_file
    yield from (("sign_in", entry.sign_in[name]) for name in FILES if entry.sign_in.get(name))
    settings = entry.door.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        if name.endswith("_file") and isinstance(value, str) and value:
            yield "door", value


def _way(entry: InterfaceEntry) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with how the gateway reaches the system."""
    members = {
        "base_url": entry.base_url,
        "header_name": entry.header_name,
        "header_value_file": entry.credential_file,
        **entry.sign_in,
    }
    try:
        SystemAccess.model_validate({name: value for name, value in members.items() if value})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = str(first["loc"][0]) if first["loc"] else ""
        yield (
            (place if place in InterfaceEntry.model_fields else "sign_in"),
            f"{place} {first['msg']}".strip(),
        )
        return
    plan = gateway_of(entry.agency, inway=True)
    if plan is None:
        return
    try:
        check_target(entry.base_url, plan)
    except (SystemUndescribed, TargetRefused) as error:
        with translation.override("en"):  # as everything else that commands say
            yield "base_url", str(getattr(error, "detail", "") or error.title)


def _contract(entry: ContractEntry, known: _Known) -> Iterator[tuple[str, str]]:
    for grant in entry.grants:
        named = [("grants", code) for code in (grant.consumer, grant.reader, grant.provider)]
        yield from _unknown_agencies(named, known)
        if f"{grant.provider}/{grant.service}" not in known.interfaces:
            yield "grants", f"no interface is called {grant.provider}/{grant.service}"


def _unknown_agencies(named: Sequence[tuple[str, str]], known: _Known) -> Iterator[tuple[str, str]]:
    for member, code in dict.fromkeys(named):
        if code not in known.agencies:
            yield member, f"no agency has the code {code}"


def _badly_named(member: str, name: str, form: TypeAdapter[str]) -> Iterator[tuple[str, str]]:
    try:
        form.validate_python(name)
    except ValidationError:
        yield member, f"“{name}” must be letters, digits, dots, dashes and underscores"
