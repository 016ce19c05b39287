"""What identity itself holds about a person, for the copy of their data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from terpadu.directory.public import agency_list
from terpadu.identity.models import Person
from terpadu.identity.rules.rights import DataSection
from terpadu.identity.selectors.accounts import (
    account_of,
    assignments_of,
    methods_of,
    open_nik,
    sign_in_history,
)
from terpadu.identity.selectors.cross_device import requests_answered_by
from terpadu.identity.selectors.locks import locks_of
from terpadu.identity.selectors.mandates import mandates_of, uses_of
from terpadu.identity.selectors.proofing import proofing_history, proofing_of
from terpadu.identity.selectors.recovery import recoveries_of
from terpadu.identity.selectors.rights import data_requests_of
from terpadu.kernel.clock import today

PLATFORM = "portal"
CENTRE = "dukcapil"


def _platform(person_id: UUID) -> str:
    return PLATFORM


def _registrar(person_id: UUID) -> str:
    """Return the population office that answers for a person's particulars: of the region in their NIK, else the centre's."""
    nik = open_nik(Person.objects.get(pk=person_id))
    wanted = f"disdukcapil.{nik[:2]}.{nik[2:4]}"
    return wanted if any(agency.code == wanted for agency in agency_list()) else CENTRE


def _particulars(person_id: UUID) -> Any:
    row = Person.objects.get(pk=person_id)
    found = proofing_of(person_id)
    return {
        "nik": open_nik(row),
        "name": row.name,
        "birth_on": row.birth_on.isoformat(),
        "sex": row.sex,
        "known_since": row.created_at.isoformat(),
        "proofing_level": found.level.value,
        "proofings": [
            {"method": entry.method, "at": entry.at.isoformat(), "passed": entry.is_passed}
            for entry in proofing_history(person_id)
        ],
        "positions": [
            {
                "title": view.position.title,
                "agency": view.position.agency.name,
                "from": view.valid_from.isoformat(),
            }
            for view in assignments_of(person_id, on=today())
        ],
    }


def _account(person_id: UUID) -> Any:
    account = account_of(person_id)
    if account is None:
        return None
    methods = methods_of(account)
    return {
        "made_at": account.created_at.isoformat(),
        "authenticator_app": methods.has_totp,
        "recovery_codes_left": methods.codes_left,
        "passkeys": [{"name": key.name, "added_at": key.created_at.isoformat()} for key in methods.passkeys],
        "sign_ins": [
            {
                "at": e.at.isoformat(),
                "method": e.method,
                "outcome": e.outcome,
                "network": e.network,
                "device": e.device,
            }
            for e in sign_in_history(account, session_key=None)
        ],
        "recoveries": [
            {"opened_at": view.opened_at.isoformat(), "state": view.state}
            for view in recoveries_of(person_id)
        ],
        "locks": [
            {
                "state": view.state,
                "reason": view.reason,
                "locked_at": view.decided_at.isoformat() if view.decided_at else None,
                "unlocked_at": view.unlocked_at.isoformat() if view.unlocked_at else None,
            }
            for view in locks_of(person_id)
        ],
    }


def _representation(person_id: UUID) -> Any:
    return {
        "mandates": [
            {
                "kind": view.kind,
                "state": view.state.value,
                "represented": view.subject_name,
                "representative": view.actor_name,
                "services": list(view.services),
                "until": view.valid_until.isoformat() if view.valid_until else None,
            }
            for view in mandates_of(person_id)
        ],
        "uses": [
            {"at": use.at.isoformat(), "action": use.action, "service": use.service_id, "by": use.actor_name}
            for use in uses_of(person_id)
        ],
        "shown_at_counters": [
            {"at": view.created_at.isoformat(), "agency": view.agency_name, "items": list(view.items)}
            for view in requests_answered_by(person_id)
        ],
        "requests": [
            {
                "right": view.right,
                "made_at": view.made_at.isoformat(),
                "state": view.state,
                "words": view.words,
            }
            for view in data_requests_of(person_id)
        ],
    }


SECTIONS = (
    DataSection(
        key="particulars",
        title={"id": "Data diri", "en": "Particulars"},
        owner=_registrar,
        purpose={
            "id": "Mengenali Anda di semua layanan (UU 24/2013; UU 27/2022 ps. 20 ayat (2) huruf c dan e)",
            "en": "To know you in all services (UU 24/2013; UU 27/2022 art. 20(2)(c) and (e))",
        },
        read=_particulars,
    ),
    DataSection(
        key="account",
        title={"id": "Akun dan riwayat masuk", "en": "Account and sign-in history"},
        owner=_platform,
        purpose={
            "id": "Menjaga akun Anda (UU 27/2022 ps. 35)",
            "en": "To keep your account safe (UU 27/2022 art. 35)",
        },
        read=_account,
    ),
    DataSection(
        key="representation",
        title={
            "id": "Perwakilan, loket, dan permintaan data",
            "en": "Representation, counters and data requests",
        },
        owner=_platform,
        purpose={
            "id": "Membuktikan siapa bertindak untuk siapa (UU 25/2009; UU 27/2022 ps. 31)",
            "en": "To prove who acted for whom (UU 25/2009; UU 27/2022 art. 31)",
        },
        read=_representation,
    ),
)
