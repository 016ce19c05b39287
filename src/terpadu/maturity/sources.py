"""What the platform can count about an agency, asked of the domains below by their doors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from terpadu.casework.public import complaint_record, promises_kept, service_list, survey_of_agencies
from terpadu.directory.public import AgencyView
from terpadu.exchange.public import contract_list, interface_list
from terpadu.kernel.clock import JAKARTA
from terpadu.maturity.facts import FactSource, FactSubject, PlatformFact, register_fact
from terpadu.maturity.rules.instrument import Text
from terpadu.maturity.selectors.agencies import agencies_of

CONTRACTS = "exchange.contracts_in_force"
INTERFACES = "exchange.interfaces_described"
SERVICES = "casework.services_online"
PROMISES = "casework.promises_kept"
SATISFACTION = "casework.satisfaction"
COMPLAINTS = "casework.complaints"
RECORD_DAYS = 365


@dataclass(frozen=True)
class Count:
    """What was counted for some agencies: the number, what it says, and how it was counted."""

    number: int
    statement: Text
    query: str


Teller = Callable[[Sequence[AgencyView], date], Count | None]


def source_of(key: str, tell: Teller) -> FactSource:
    """Make a source of a fact from what a domain tells about agencies.

    The source returns None when no agency is in the directory, or the domain knows nothing of them.
    """

    def source(subject: FactSubject, on: date) -> PlatformFact | None:
        agencies = agencies_of(subject.agency_code, region_code=subject.region_code)
        told = tell(agencies, on) if agencies else None
        return None if told is None else PlatformFact(key, told.number, told.statement, told.query, on)

    return source


def contracts_in_force(agencies: Sequence[AgencyView], on: date) -> Count:
    """Count the contracts in force to which agencies are a party, each once."""
    found = {
        one.content_hash
        for agency in agencies
        for one in contract_list(peer_id=agency.peer_id)
        if one.state == "valid"
    }
    said = Text(
        id=f"{len(found)} perjanjian pertukaran data berlaku.",
        en=f"{len(found)} contracts for exchanging data are in force.",
    )
    query = "exchange: contract_list(peer_id), state = valid, peer_id = "
    return Count(len(found), said, query + _listed(one.peer_id for one in agencies))


def interfaces_described(agencies: Sequence[AgencyView], on: date) -> Count:
    """Count the interfaces that agencies offer with a published description."""
    peers = {one.peer_id for one in agencies}
    number = sum(one.peer_id in peers for one in interface_list())
    said = Text(
        id=f"{number} antarmuka data terbit dengan uraian OpenAPI.",
        en=f"{number} data interfaces are published with an OpenAPI description.",
    )
    return Count(number, said, f"exchange: interface_list(), peer_id = {_listed(peers)}")


def services_online(agencies: Sequence[AgencyView], on: date) -> Count:
    """Count the public services of agencies that can be asked for on the platform from start to end."""
    codes = {one.code for one in agencies}
    number = sum(one.agency_code in codes for one in service_list())
    said = Text(
        id=f"{number} layanan publik dapat diajukan sampai selesai di platform.",
        en=f"{number} public services can be completed on the platform.",
    )
    return Count(number, said, f"casework: service_list(), agency_code = {_listed(codes)}")


def promised_time_kept(agencies: Sequence[AgencyView], on: date) -> Count | None:
    """Say how many percent of the cases of the last 365 days were decided in the promised time, rounded down.

    None when no case was decided in that time: nothing is known then.
    """
    codes = sorted(one.code for one in agencies)
    since, until = _record_span(on)
    record = promises_kept(codes, since=since, until=until)
    if not record.decided:
        return None
    said = Text(
        id=f"{record.kept} dari {record.decided} permohonan dalam 365 hari terakhir diputus dalam janji waktu.",
        en=f"{record.kept} of {record.decided} applications of the last 365 days were decided in the promised time.",
    )
    query = f"casework: promises_kept(365 days), agency_code = {_listed(codes)}"
    return Count(record.kept * 100 // record.decided, said, query)


def satisfaction(agencies: Sequence[AgencyView], on: date) -> Count | None:
    """Say what those whom agencies served think of it: the index from 25 to 100, rounded down.

    None while too few have answered for a result, or an element has no score.
    """
    codes = sorted(one.code for one in agencies)
    record = survey_of_agencies(codes, on=on)
    result = record.result
    if result is None or result.index is None or result.grade is None:
        return None
    said = Text(
        id=f"Indeks kepuasan {result.index} ({result.grade.letter}) dari {record.answers} jawaban,"
        f" {record.since:%Y-%m} sampai {record.until:%Y-%m}.",
        en=f"Satisfaction index {result.index} ({result.grade.letter}) from {record.answers} answers,"
        f" {record.since:%Y-%m} to {record.until:%Y-%m}.",
    )
    query = f"casework: survey_of_agencies(ended months), agency_code = {_listed(codes)}"
    return Count(int(result.index), said, query)


def complaints(agencies: Sequence[AgencyView], on: date) -> Count | None:
    """Say how many percent of the complaints of the last 365 days were answered in time, rounded down.

    None when none was due in that time.
    """
    codes = sorted(one.code for one in agencies)
    since, until = _record_span(on)
    record = complaint_record(codes, since=since, until=until)
    if not record.due:
        return None
    said = Text(
        id=f"{record.on_time} dari {record.due} pengaduan dalam 365 hari terakhir dijawab tepat waktu.",
        en=f"{record.on_time} of {record.due} complaints of the last 365 days were answered in time.",
    )
    query = f"casework: complaint_record(365 days), agency_code = {_listed(codes)}"
    return Count(record.on_time * 100 // record.due, said, query)


def _record_span(on: date) -> tuple[datetime, datetime]:
    """Return the 365 days that end with a day."""
    until = datetime.combine(on + timedelta(days=1), time(), tzinfo=JAKARTA)
    return until - timedelta(days=RECORD_DAYS), until


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


TELLERS: dict[str, Teller] = {
    CONTRACTS: contracts_in_force,
    INTERFACES: interfaces_described,
    SERVICES: services_online,
    PROMISES: promised_time_kept,
    SATISFACTION: satisfaction,
    COMPLAINTS: complaints,
}


def register() -> None:
    """Register every source; called once when the domains are loaded.

    What a domain beside or above this one can count is named in the setting MATURITY_FACT_SOURCES: key of the fact to the
    dotted path of its source. Raises ImportError for a path that leads nowhere.
    """
    for key, tell in TELLERS.items():
        register_fact(key, source_of(key, tell))
    for key, path in settings.MATURITY_FACT_SOURCES.items():
        register_fact(key, import_string(path))
