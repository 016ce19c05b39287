"""A small measurement: one round with one agency, its people, its assessors and the national team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest

from terpadu.kernel import outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze
from terpadu.kernel.ids import uuid7
from terpadu.maturity.enums import Role
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Appointment, Assessment, Locus, Round
from terpadu.maturity.services.appointments import appointment_create
from terpadu.maturity.services.assessments import assessment_save
from terpadu.maturity.services.rounds import locus_add, round_open, round_start
from terpadu.maturity.services.submission import locus_announce, locus_submit
from tests.actors import actor_from_header

__all__ = ["actor_from_header"]

START = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
DUE = START + timedelta(days=30)
SYSTEM = Actor.system("tests")
PDF = b"%PDF-1.7\n1 0 obj\n"


def person() -> Actor:
    return Actor.person(uuid7())


def person_id(actor: Actor) -> UUID:
    assert actor.person_id is not None
    return actor.person_id


@dataclass(frozen=True)
class Scene:
    """A running round. locus: the agency `kota.99.01`, with one actor for each role."""

    round: Round
    locus: Locus
    coordinator: Actor
    operator: Actor
    respondent: Actor
    assessor: Actor
    second: Actor
    national: Actor
    stranger: Actor

    def answer(self, *, stage: str = "mandiri", level: str = "3", by: Actor | None = None) -> None:
        """Give every indicator the same level at a stage."""
        form = instrument_get(self.round.instrument_code)
        by = by or (self.coordinator if stage == "mandiri" else self.assessor)
        for number in form.indicators:
            row = Assessment.objects.filter(locus=self.locus, indicator=number, stage=stage).first()
            assessment_save(
                self.locus.id,
                indicator=number,
                stage=stage,
                level=level,
                explanation="Keterangan",
                service_name="Layanan A",
                version=row.version if row else 0,
                by=by,
            )

    def submit(self, *, consent: bool = True) -> Locus:
        """Answer everything and send it."""
        self.answer()
        return locus_submit(self.locus.id, minutes=BytesIO(PDF), consent=consent, by=self.coordinator)

    def announce(self) -> Locus:
        """Send, assess the documents and hold the interviews."""
        self.submit()
        self.answer(stage="dokumen", level="2")
        self.answer(stage="interviu", level="3")
        return locus_announce(self.locus.id, by=self.assessor)


@pytest.fixture
def still() -> object:
    """Hold the clock at the start of the round."""
    with freeze(START):
        yield


@pytest.fixture
def scene(db: None, still: None) -> Scene:
    """Start a round with one agency and all its people."""
    measured = round_open(
        2025, name="Evaluasi 2025", instrument_code="permenpanrb-59-2020", self_due_at=DUE, by=SYSTEM
    )
    locus = locus_add(
        measured,
        agency_code="kota.99.01",
        agency_name="Kota Contoh",
        group="city",
        kind="evaluation",
        region_code="99.01",
        by=SYSTEM,
    )
    people = [person() for _ in range(7)]
    coordinator, operator, respondent, assessor, second, national, stranger = people
    appointed = [
        (Role.COORDINATOR, coordinator, "kota.99.01", ""),
        (Role.ENTRY_OPERATOR, operator, "kota.99.01", ""),
        (Role.RESPONDENT, respondent, "kota.99.01", "Dinas Kominfo"),
        (Role.ASSESSOR, assessor, "univ.1", ""),
        (Role.ASSESSOR, second, "univ.2", ""),
    ]
    for role, actor, home, unit in appointed:
        appointment_create(
            measured,
            role=role,
            person_id=person_id(actor),
            agency_code=home,
            locus=locus,
            unit=unit,
            by=SYSTEM,
        )
    Appointment.objects.create(
        round=measured, role=Role.NATIONAL_TEAM, person_id=person_id(national), agency_code="panrb"
    )
    measured = round_start(measured, by=SYSTEM)
    locus = Locus.objects.select_related("round").get(pk=locus.pk)
    return Scene(measured, locus, coordinator, operator, respondent, assessor, second, national, stranger)


def deliver() -> None:
    """Deliver every event that waits."""
    while outbox.deliver_due():
        pass
