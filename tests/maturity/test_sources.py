"""What the platform counts of cases, complaints and answers, and when that contradicts a level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from terpadu.casework.models import Case, Complaint
from terpadu.casework.public import complaint_make
from terpadu.casework.services.complaints import complaint_answer
from terpadu.casework.services.survey import survey_count
from terpadu.kernel.clock import freeze, now
from terpadu.maturity import sources
from terpadu.maturity.facts import FactSubject, PlatformFact, contradictions, facts_for, forget_fact
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get
from terpadu.maturity.rules.instrument import Text
from tests.casework.conftest import Draft, World, at_nine, peopled, ready_draft, sent_case, toll_road, world

__all__ = ["at_nine", "peopled", "ready_draft", "sent_case", "toll_road", "world"]
pytestmark = pytest.mark.django_db


def told(key: str, subject: FactSubject, on: date) -> PlatformFact | None:
    """Return what the source of a fact says."""
    return sources.source_of(key, sources.TELLERS[key])(subject, on)


CITY = FactSubject("kota.36.71", "36.71")
ON = date(2026, 11, 23)
KIA, DISDUKCAPIL = "dukcapil.kia.baru", "disdukcapil.36.71"


def test_promised_time_is_unknown_while_no_case_was_decided(world: World, sent_case: UUID) -> None:
    assert told(sources.PROMISES, CITY, ON) is None


def test_promised_time_counts_what_was_decided_in_the_year_and_nothing_withdrawn(
    world: World, ready_draft: Draft
) -> None:
    decided = {"state": "done", "submitted_at": now(), "closed_at": now()}
    outcomes = [
        decided,
        decided | {"is_late": True},
        decided | {"state": "rejected"},
        decided | {"due_at": now() - timedelta(hours=1)},
        decided | {"state": "cancelled"},
        decided | {"closed_at": now() - timedelta(days=366)},
    ]
    for changed in outcomes:
        Case.objects.filter(pk=ready_draft()).update(**changed)

    fact = told(sources.PROMISES, CITY, now().date())

    assert fact is not None
    assert fact.number == 50
    assert fact.statement.en.startswith("2 of 4 applications")
    assert "disdukcapil.36.71" in fact.query


def test_satisfaction_is_unknown_until_enough_people_answered_and_then_contradicts_a_high_claim(
    world: World,
) -> None:
    question = instrument_get("permenpanrb-8-2026").indicators["20"]
    scores = {f"u{number}": 2 for number in range(1, 10)}
    for _ in range(9):
        survey_count(KIA, agency_code=DISDUKCAPIL, day=date(2026, 10, 1), scores=scores)
    assert told(sources.SATISFACTION, CITY, ON) is None

    survey_count(KIA, agency_code=DISDUKCAPIL, day=date(2026, 10, 1), scores=scores | {"u1": 4})

    found = facts_for(question, about=CITY, on=ON)
    assert [fact.number for fact in found] == [50]
    assert found[0].statement.en.startswith(
        "Satisfaction index 50.56 (D) from 10 answers, 2025-11 to 2026-10"
    )
    assert contradictions(question, level=3, facts=found) == []
    assert contradictions(question, level=4, facts=found) == found


@pytest.mark.parametrize("code, number", [("permenpanrb-8-2026", "19"), ("permenpanrb-59-2020", "42")])
def test_complaints_answered_late_contradict_a_high_claim(
    world: World, sent_case: UUID, code: str, number: str
) -> None:
    question = instrument_get(code).indicators[number]
    text = "Sudah lama tidak ada kabar sama sekali."
    first = complaint_make(sent_case, text=text, by=world.siti)
    assert told(sources.COMPLAINTS, CITY, ON) is None

    complaint_answer(first, text="Berkas Anda kami selesaikan hari ini.", by=world.hendra)
    assert [fact.number for fact in facts_for(question, about=CITY, on=ON)] == [100]
    complaint_make(sent_case, text=text, by=world.siti)
    with freeze(now() + timedelta(days=30)):
        found = facts_for(question, about=CITY, on=now().date())
        assert [fact.number for fact in found] == [50]
        Complaint.objects.filter(pk=first).update(closed_at=now())
        late = facts_for(question, about=CITY, on=now().date())

    assert contradictions(question, level=5, facts=found) == []
    assert contradictions(question, level=4, facts=late) == late


def clearances(subject: FactSubject, on: date) -> PlatformFact:
    """Stands for a domain beside maturity that counts clearances."""
    return PlatformFact("clearance.decisions", 3, Text(id="3 clearance", en="3 clearances"), "q", on)


@pytest.fixture
def fresh_sources() -> Iterator[None]:
    """Let a test register the sources anew, and put them back afterwards."""
    _forget_all()
    yield
    _forget_all()
    sources.register()


def _forget_all() -> None:
    for code in instrument_codes():
        for indicator in instrument_get(code).indicators.values():
            for rule in indicator.facts:
                forget_fact(rule.key)


@pytest.mark.usefixtures("fresh_sources")
def test_source_of_a_domain_beside_is_named_in_the_settings(settings: object) -> None:
    settings.MATURITY_FACT_SOURCES = {  # type: ignore[attr-defined]  # pytest-django's settings
        "clearance.decisions": f"{__name__}.clearances"
    }
    sources.register()
    application = instrument_get("permenpanrb-8-2026").indicators["13"]

    assert [fact.number for fact in facts_for(application, about=CITY, on=ON)] == [3]


def test_facts_asked_by_the_instruments_that_nobody_counts_are_the_known_ones() -> None:
    asked = {
        rule.key
        for code in instrument_codes()
        for indicator in instrument_get(code).indicators.values()
        for rule in indicator.facts
    }

    assert asked - set(sources.TELLERS) == {"clearance.decisions"}
    assert set(sources.TELLERS) <= asked
