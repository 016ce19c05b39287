"""Who holds which position when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from terpadu.directory.errors import PositionReserved, PositionUnknown
from terpadu.directory.models import Position
from terpadu.directory.public import PositionView
from terpadu.identity.errors import AssignmentOverlaps, PersonUnknown
from terpadu.identity.events import AssignmentCreated
from terpadu.identity.models import Account, Assignment, Person
from terpadu.identity.public import assignment_create, assignments_of, holders_of, person_ensure
from terpadu.identity.services.assignments import assignment_end, officer_appoint
from terpadu.kernel import outbox
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import freeze
from terpadu.kernel.errors import BadInput
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import OutboxEvent
from terpadu.messaging.public import inbox_for
from tests.identity.conftest import OTHER_NIK, SETUP

pytestmark = pytest.mark.django_db

AGENCY = "disdukcapil.36.71"
START, END = date(2026, 1, 1), date(2026, 7, 1)


def post(person_id: UUID, position: PositionView, start: date = START, end: date | None = END) -> None:
    assignment_create(person_id=person_id, position_id=position.id, valid_from=start, valid_to=end, by=SETUP)


def test_assignments_of_holds_from_the_first_day_to_before_the_last(
    siti: UUID, operator: PositionView
) -> None:
    post(siti, operator)

    days = [START - timedelta(days=1), START, END - timedelta(days=1), END]
    assert [len(assignments_of(siti, on=day)) for day in days] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 6, 30), None),
        (date(2025, 1, 1), date(2026, 1, 2)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2025, 1, 1), None),
    ],
)
def test_assignment_create_overlapping_is_refused(
    siti: UUID, operator: PositionView, start: date, end: date | None
) -> None:
    post(siti, operator)

    with pytest.raises(AssignmentOverlaps):
        post(siti, operator, start, end)


def test_assignment_create_right_after_is_fine(siti: UUID, operator: PositionView) -> None:
    post(siti, operator)
    post(siti, operator, END, None)

    assert OutboxEvent.objects.filter(name=AssignmentCreated.name).count() == 2


def test_assignment_create_ending_before_it_begins_is_refused(siti: UUID, operator: PositionView) -> None:
    with pytest.raises(BadInput):
        post(siti, operator, END, START)


@pytest.mark.parametrize("kind", ["operator_platform", "operator_identitas"])
def test_position_that_operates_the_platform_is_not_given_in_another_agency(
    siti: UUID, operator: PositionView, kind: str
) -> None:
    """Whoever put it there: services make no such position."""
    stray = Position.objects.create(agency_id=operator.agency.id, kind=kind, title=kind)
    boss = Actor.officer(siti, agency=AGENCY, position=str(operator.id))
    person_ensure(nik=OTHER_NIK, name="Budi", birth_on=date(1988, 5, 17), sex="L", by=SETUP)
    budi = Account.objects.create(person=Person.objects.get(name="Budi"))

    with pytest.raises(PositionReserved):
        assignment_create(person_id=siti, position_id=stray.id, valid_from=START, by=SETUP)
    with pytest.raises(PositionReserved):
        officer_appoint(
            nik=OTHER_NIK, name="Budi", position_id=stray.id, first_day=START, last_day=None, by=boss
        )

    assert assignments_of(siti, on=START) == assignments_of(budi.person_id, on=START) == []


def test_assignment_create_unknown_person_or_position_is_refused(siti: UUID, operator: PositionView) -> None:
    with pytest.raises(PersonUnknown):
        post(uuid7(), operator)
    with pytest.raises(PositionUnknown):
        assignment_create(person_id=siti, position_id=uuid7(), valid_from=START, by=SETUP)


def test_holders_of_names_those_of_the_kind_in_the_agency(
    siti: UUID, operator: PositionView, head: PositionView
) -> None:
    budi = person_ensure(nik=OTHER_NIK, name="Budi", birth_on=date(1988, 5, 17), sex="L", by=SETUP)
    post(budi, operator, date(2025, 1, 1), None)
    post(siti, operator)
    post(siti, head)

    assert holders_of("operator_siak", AGENCY, on=START) == [budi, siti]
    assert holders_of("operator_siak", AGENCY, on=END) == [budi]
    assert holders_of("kepala_dinas", AGENCY, on=START) == [siti]
    assert holders_of("operator_siak", "another.agency", on=START) == []


MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
ADMINISTRATOR = Actor.officer(uuid7(), agency=AGENCY, position="x")


def told(person_id: UUID) -> list[str]:
    """Deliver what is due; return what a person's messages say in Indonesian, oldest first."""
    while outbox.deliver_due():
        pass
    return [one.body for one in reversed(inbox_for(person_id))]


def end(person_id: UUID, last_day: date | None) -> None:
    row = Assignment.objects.get(person_id=person_id)
    assignment_end(row.id, last_day=last_day, by=ADMINISTRATOR)


def test_position_given_is_told_with_its_first_and_last_day(siti: UUID, operator: PositionView) -> None:
    post(siti, operator)
    post(siti, operator, END, None)

    limited, open_ended = told(siti)
    assert "jabatan Operator SIAK di Dinas Kependudukan" in limited
    assert "dari 1 Januari 2026 sampai 30 Juni 2026" in limited
    assert "mulai 1 Juli 2026" in open_ended


@pytest.mark.parametrize(
    ("start", "last_day", "words"),
    [
        (START, date(2026, 4, 30), "kini Anda pegang dari 1 Januari 2026 sampai 30 April 2026"),
        (START, None, "berakhir pada 2 Maret 2026"),
        (date(2026, 3, 2), None, "berakhir pada 2 Maret 2026"),
        (date(2026, 5, 1), None, "ditarik kembali sebelum dimulai"),
    ],
    ids=["moved", "ended", "ended-on-its-first-day", "taken-back"],
)
def test_position_moved_or_ended_is_told(
    siti: UUID, operator: PositionView, start: date, last_day: date | None, words: str
) -> None:
    with freeze(MORNING):
        post(siti, operator, start, None)
        end(siti, last_day)

        assert words in told(siti)[-1]


def test_position_moved_there_and_back_is_told_each_time(siti: UUID, operator: PositionView) -> None:
    with freeze(MORNING):
        post(siti, operator, START, None)
    for minute, last_day in enumerate((date(2026, 4, 30), date(2026, 5, 31), date(2026, 4, 30)), start=1):
        with freeze(MORNING + timedelta(minutes=minute)):
            end(siti, last_day)

    assert len(told(siti)) == 4
