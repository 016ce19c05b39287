"""An officer in a position, and steps that they handle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from terpadu.casework.events import StepHandled
from terpadu.directory.public import PositionView, agency_create, position_create
from terpadu.identity.models import Account
from terpadu.identity.public import assignment_create, person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7

SYSTEM = Actor.system("tests")
NIP = "199006172015052001"
SERVICE = {"id": "Kartu Identitas Anak", "en": "Child identity card"}
STEP = {"id": "Verifikasi", "en": "Check"}


@dataclass(frozen=True)
class Officer:
    """A civil servant of these tests."""

    person_id: UUID
    position: PositionView


@pytest.fixture
def officer(db: None) -> Officer:
    """An operator of the population office since 2024."""
    agency = agency_create(
        "disdukcapil.36.71",
        peer_id="36710001",
        name="Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang",
        short_name="Disdukcapil Kota Tangerang",
        kind="regional_office",
        region_code="36.71",
        by=SYSTEM,
    )
    position = position_create(
        agency_code=agency.code, kind="operator_siak", title="Operator SIAK", by=SYSTEM
    )
    person_id = person_ensure(
        nik="3671015706900003", name="Dewi Anggraini", birth_on=date(1990, 6, 17), sex="P", by=SYSTEM
    )
    assignment_create(
        person_id=person_id, position_id=position.id, valid_from=date(2024, 1, 1), valid_to=None, by=SYSTEM
    )
    return Officer(person_id=person_id, position=position)


Handle = Callable[..., StepHandled]


@pytest.fixture
def handled(officer: Officer) -> Handle:
    """Tell of a handled step; keyword arguments change it."""

    def tell(**changes: Any) -> StepHandled:
        facts: dict[str, Any] = {
            "case_id": uuid7(),
            "case_number": "3671-KIA-2026-000012",
            "service_id": "disdukcapil.kia.baru",
            "service_name": SERVICE,
            "step_id": "verifikasi",
            "step_name": STEP,
            "action": "setuju",
            "actor_person_id": officer.person_id,
            "position_id": str(officer.position.id),
            "agency_code": "disdukcapil.36.71",
            "effort_minutes": 6,
            "started_at": datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
            "finished_at": datetime(2026, 11, 20, 2, 6, tzinfo=UTC),
            "on_time": True,
        }
        return StepHandled(**(facts | changes))

    return tell


@pytest.fixture
def signed_in(officer: Officer) -> Callable[[str], Client]:
    """A browser in which the officer is signed in, in a language."""
    account = Account.objects.create(person_id=officer.person_id)

    def browser(language: str) -> Client:
        client = Client()
        client.force_login(account, backend="terpadu.identity.web.backend.AccountBackend")
        client.cookies["language"] = language
        return client

    return browser
