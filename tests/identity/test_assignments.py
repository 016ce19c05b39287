"""Who holds which position when."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from terpadu.directory.errors import PositionUnknown
from terpadu.directory.public import PositionView
from terpadu.identity.errors import AssignmentOverlaps, PersonUnknown
from terpadu.identity.events import AssignmentCreated
from terpadu.identity.public import assignment_create, assignments_of, holders_of, person_ensure
from terpadu.kernel.errors import BadInput
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import OutboxEvent
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
