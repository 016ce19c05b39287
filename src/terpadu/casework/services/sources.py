"""Asking the registers for a case: over the exchange, with its purpose and the case's number, and never in a transaction."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.dateparse import parse_datetime

from terpadu.casework.definitions.form import Source
from terpadu.casework.definitions.scope import NIK_NAMES
from terpadu.casework.definitions.stored import to_json
from terpadu.casework.dossier import Dossier
from terpadu.casework.models import CaseAnswers
from terpadu.casework.services.reading import NamedPerson, Unreadable, read_answer
from terpadu.exchange import public as exchange
from terpadu.exchange.errors import (
    ExchangeGarbled,
    ExchangeRefused,
    ExchangeUnavailable,
    InterfaceUnknown,
    NoContract,
    NothingFound,
    SubjectMismatch,
)
from terpadu.identity import public as identity
from terpadu.identity.errors import NikMalformed
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(days=1)
ASK_AGAIN_AFTER = timedelta(minutes=1)
TIMEOUT_S = 5.0
OutageKind = Literal["unavailable", "garbled", "refused", "mismatch"]


def sources_refresh(dossier: Dossier, *, by: Actor, retry: bool = False) -> Dossier:
    """Ask every register whose question can be put and whose answer is missing or old; return the case as it is now.

    retry: ask again at once after an outage, instead of after a minute. Failures are kept as outages, never raised.
    Must not be called inside a transaction that holds the case.
    """
    for name, source in dossier.definition.sources.items():
        about = _person_about(dossier, source.about)
        if about is not None and _is_needed(dossier.sheet, name, about, retry=retry):
            _fetch(dossier, name, source, about=about, by=by)
            dossier = Dossier.open(dossier.case.id)
    return dossier


def _person_about(dossier: Dossier, about: Literal["applicant", "subject"]) -> UUID | None:
    return dossier.case.person_id if about == "applicant" else dossier.subject_id


def _is_needed(sheet: CaseAnswers, name: str, about: UUID, *, retry: bool) -> bool:
    outage = sheet.outages.get(name)
    if outage and outage["about"] == str(about):
        return retry or _is_older(outage["at"], ASK_AGAIN_AFTER)
    known = sheet.sources.get(name)
    return not known or known["about"] != str(about) or _is_older(known["read_at"], STALE_AFTER)


def _is_older(moment: str, age: timedelta) -> bool:
    at = parse_datetime(moment)
    return at is None or now() - at > age


def _fetch(dossier: Dossier, name: str, source: Source, *, about: UUID, by: Actor) -> None:
    entry: dict[str, Any] = {"about": str(about), "read_at": now().isoformat()}
    try:
        answer = exchange.exchange_call(
            request_for(dossier, source, about=about, by=by), by=by, timeout_s=TIMEOUT_S
        )
        values = read_answer(source, answer.body, make_known=lambda person: _make_known(person, by=by))
    except NothingFound:
        _keep(dossier, name, found={**entry, "values": None, "transaction_id": "", "provider": ""})
    except (ExchangeUnavailable, ExchangeGarbled, ExchangeRefused, NoContract, InterfaceUnknown) as error:
        _told_nothing(dossier, name, about=about, kind=_kind_of(error), code=error.code)
    except SubjectMismatch as error:
        _told_nothing(dossier, name, about=about, kind="mismatch", code=error.code)
    except Unreadable as error:
        _told_nothing(dossier, name, about=about, kind="garbled", code=f"casework.unreadable.{error.where}")
    else:
        told = {
            "values": values,
            "transaction_id": str(answer.transaction_id),
            "provider": answer.provider.code,
            "read_at": answer.read_at.isoformat(),
        }
        _keep(dossier, name, found={**entry, **told})


def _told_nothing(dossier: Dossier, name: str, *, about: UUID, kind: OutageKind, code: str) -> None:
    log.warning("register_not_read", source=name, case=str(dossier.case.id), kind=kind, code=code)
    outage_keep(dossier, name, about=about, kind=kind, code=code)


def _kind_of(error: Exception) -> OutageKind:
    if isinstance(error, ExchangeUnavailable):
        return "unavailable"
    return "garbled" if isinstance(error, ExchangeGarbled) else "refused"


def _make_known(person: NamedPerson, *, by: Actor) -> UUID | None:
    """Return the id of a person whom a register names; a NIK that cannot be one belongs to nobody."""
    try:
        if person.name is None or person.birth_on is None or person.sex is None:
            return identity.person_find_by_nik(person.nik)
        return identity.person_ensure(
            nik=person.nik, name=person.name, birth_on=person.birth_on, sex=person.sex, by=by
        )
    except NikMalformed:
        return None


def request_for(dossier: Dossier, source: Source, *, about: UUID, by: Actor) -> exchange.ExchangeRequest:
    """Return the question to a register; the NIK leaves identity only here, with an audit entry."""
    behind = f"{by.kind}:{by.position}"
    if by.kind == "person":
        behind = "person:representative" if by.represented_id else "person:self"
    return exchange.ExchangeRequest(
        consumer_agency=dossier.case.agency_code,
        service=source.service,
        operation=source.operation,
        body={key: _body_value(dossier, source, text, by=by) for key, text in source.body.items()},
        subject_person_id=about,
        purpose=source.purpose,
        evidence=dossier.case.number,
        on_behalf_of=behind,
    )


def _body_value(dossier: Dossier, source: Source, text: str, *, by: Actor) -> Any:
    if text in NIK_NAMES:
        return nik_for(dossier, text, by=by)
    value = dossier.compiled.value(dossier.compiled.rule(text), dossier.values, today=dossier.today)
    return value.strftime(source.date_format) if isinstance(value, date) else to_json(value)


def nik_for(dossier: Dossier, name: str, *, by: Actor) -> str:
    """Return the NIK of "applicant.nik" or "subject.nik" for one use, "" when the subject is not known."""
    person_id = dossier.case.person_id if name == "applicant.nik" else dossier.subject_id
    return identity.nik_reveal(person_id, reason="casework.register", by=by) if person_id else ""


@transaction.atomic
def _keep(dossier: Dossier, name: str, *, found: dict[str, Any]) -> None:
    sheet = CaseAnswers.objects.select_for_update().get(pk=dossier.sheet.pk)
    sheet.sources[name] = found
    sheet.outages.pop(name, None)
    sheet.save(update_fields=["sources", "outages"])


@transaction.atomic
def outage_keep(dossier: Dossier, name: str, *, about: UUID, kind: OutageKind, code: str) -> None:
    """Keep that a register told nothing about a person; it is asked again `ASK_AGAIN_AFTER`."""
    sheet = CaseAnswers.objects.select_for_update().get(pk=dossier.sheet.pk)
    sheet.sources.pop(name, None)
    sheet.outages[name] = {"kind": kind, "code": code, "at": now().isoformat(), "about": str(about)}
    sheet.save(update_fields=["sources", "outages"])
