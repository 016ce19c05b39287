"""What the platform can count about an agency, asked of the domains below by their doors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from terpadu.casework.public import promises_kept, service_list
from terpadu.directory.public import AgencyView
from terpadu.exchange.public import contract_list, interface_list
from terpadu.kernel.clock import JAKARTA
from terpadu.maturity.facts import FactSubject, PlatformFact, register_fact
from terpadu.maturity.rules.instrument import Text
from terpadu.maturity.selectors.agencies import agencies_of

CONTRACTS = "exchange.contracts_in_force"
INTERFACES = "exchange.interfaces_described"
SERVICES = "casework.services_online"
PROMISES = "casework.promises_kept"
RECORD_DAYS = 365


def register() -> None:
    """Register every source; called once when the domains are loaded.

    What a domain beside or above this one can count is named in the setting MATURITY_FACT_SOURCES: key of the fact to the
    dotted path of its source. Raises ImportError for a path that leads nowhere.
    """
    register_fact(CONTRACTS, contracts_in_force)
    register_fact(INTERFACES, interfaces_described)
    register_fact(SERVICES, services_online)
    register_fact(PROMISES, promised_time_kept)
    for key, path in settings.MATURITY_FACT_SOURCES.items():
        register_fact(key, import_string(path))


def contracts_in_force(subject: FactSubject, on: date) -> PlatformFact | None:
    """Count the contracts in force to which the agencies are a party; None when none of them is in the directory."""
    agencies = agencies_of(subject.agency_code, region_code=subject.region_code)
    if not agencies:
        return None
    found = {
        one.content_hash
        for agency in agencies
        for one in contract_list(peer_id=agency.peer_id)
        if one.state == "valid"
    }
    return PlatformFact(
        key=CONTRACTS,
        number=len(found),
        statement=Text(
            id=f"{len(found)} perjanjian pertukaran data berlaku.",
            en=f"{len(found)} contracts for exchanging data are in force.",
        ),
        query=f"exchange: contract_list(peer_id), state = valid, peer_id = {_peers(agencies)}",
        on=on,
    )


def interfaces_described(subject: FactSubject, on: date) -> PlatformFact | None:
    """Count the interfaces that the agencies offer with a published description; None as above."""
    agencies = agencies_of(subject.agency_code, region_code=subject.region_code)
    if not agencies:
        return None
    peers = {one.peer_id for one in agencies}
    found = [one for one in interface_list() if one.peer_id in peers]
    return PlatformFact(
        key=INTERFACES,
        number=len(found),
        statement=Text(
            id=f"{len(found)} antarmuka data terbit dengan uraian OpenAPI.",
            en=f"{len(found)} data interfaces are published with an OpenAPI description.",
        ),
        query=f"exchange: interface_list(), peer_id = {_peers(agencies)}",
        on=on,
    )


def services_online(subject: FactSubject, on: date) -> PlatformFact | None:
    """Count the public services that can be asked for on the platform from start to end; None as above."""
    agencies = agencies_of(subject.agency_code, region_code=subject.region_code)
    if not agencies:
        return None
    codes = {one.code for one in agencies}
    found = [one for one in service_list() if one.agency_code in codes]
    return PlatformFact(
        key=SERVICES,
        number=len(found),
        statement=Text(
            id=f"{len(found)} layanan publik dapat diajukan sampai selesai di platform.",
            en=f"{len(found)} public services can be completed on the platform.",
        ),
        query=f"casework: service_list(), agency_code = {', '.join(sorted(codes))}",
        on=on,
    )


def promised_time_kept(subject: FactSubject, on: date) -> PlatformFact | None:
    """Say how many percent of the cases of the last 365 days were decided in the promised time, rounded down.

    None when the agencies are not in the directory, or decided no case in that time: nothing is known then.
    """
    agencies = agencies_of(subject.agency_code, region_code=subject.region_code)
    until = datetime.combine(on + timedelta(days=1), time(), tzinfo=JAKARTA)
    codes = sorted(one.code for one in agencies)
    record = promises_kept(codes, since=until - timedelta(days=RECORD_DAYS), until=until)
    if not record.decided:
        return None
    return PlatformFact(
        key=PROMISES,
        number=record.kept * 100 // record.decided,
        statement=Text(
            id=f"{record.kept} dari {record.decided} permohonan dalam 365 hari terakhir diputus dalam janji waktu.",
            en=f"{record.kept} of {record.decided} applications of the last 365 days were decided in the promised time.",
        ),
        query=f"casework: promises_kept(365 days), agency_code = {', '.join(codes)}",
        on=on,
    )


def _peers(agencies: Sequence[AgencyView]) -> str:
    return ", ".join(sorted(one.peer_id for one in agencies))
