"""What the platform counts, on the demo country's real contracts, interfaces and services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from terpadu.casework import demo as casework_demo
from terpadu.casework.models import Case, Complaint
from terpadu.casework.public import complaint_make
from terpadu.casework.services.complaints import complaint_answer
from terpadu.casework.services.survey import survey_count
from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_list
from terpadu.exchange import demo as exchange_demo
from terpadu.exchange.public import contract_list, interface_list
from terpadu.kernel.clock import freeze, now
from terpadu.maturity import sources
from terpadu.maturity.facts import FactSubject, PlatformFact, contradictions, facts_for, forget_fact
from terpadu.maturity.instruments.loader import instrument_codes, instrument_get
from terpadu.maturity.rules.instrument import Text
from terpadu.maturity.selectors.agencies import agencies_of
from tests.casework.conftest import Draft, World, at_nine, fresh_world, ready_draft, sent_case, toll_road

__all__ = ["at_nine", "fresh_world", "ready_draft", "sent_case", "toll_road"]
pytestmark = pytest.mark.django_db


def told(key: str, subject: FactSubject, on: date) -> PlatformFact | None:
    """Return what the source of a fact says."""
    return sources.source_of(key, sources.TELLERS[key])(subject, on)


CITY = FactSubject("kota.36.71", "36.71")
ON = date(2026, 11, 23)
KIA, DISDUKCAPIL = "dukcapil.kia.baru", "disdukcapil.36.71"


@pytest.fixture
def world(fresh_world: World) -> World:
    """A city with officers and services; the other tests of this file begin without."""
    return fresh_world


@pytest.fixture
def country(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Seed agencies, the toll road and the services, with files of this test alone."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "EXCHANGE_DIR", tmp_path / "exchange")
    directory_demo.seed()
    exchange_demo.seed()
    casework_demo.seed()


@pytest.mark.usefixtures("country")
def test_city_stands_for_its_offices_and_districts_but_a_province_only_for_its_own() -> None:
    below = [one.code for one in agency_list() if one.region_code.startswith("36.71")]

    assert [one.code for one in agencies_of("kota.36.71", region_code="36.71")] == below
    assert agencies_of("provinsi.36", region_code="36") == []
    assert [one.code for one in agencies_of("dukcapil", region_code="")] == ["dukcapil"]


@pytest.mark.usefixtures("country")
def test_contracts_in_force_are_counted_once_with_the_query_behind_them() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}
    valid = {one.content_hash for one in contract_list() if one.state == "valid" and peers & set(one.signers)}

    fact = told(sources.CONTRACTS, CITY, ON)

    assert fact is not None
    assert fact.number == len(valid) > 0
    assert "36710001" in fact.query
    assert fact.on == ON


@pytest.mark.usefixtures("country")
def test_interfaces_and_services_of_a_city_are_counted() -> None:
    peers = {one.peer_id for one in agencies_of("kota.36.71", region_code="36.71")}

    interfaces, services = told(sources.INTERFACES, CITY, ON), told(sources.SERVICES, CITY, ON)

    assert interfaces is not None
    assert interfaces.number == sum(one.peer_id in peers for one in interface_list())
    assert services is not None
    assert services.number > 0


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize("key", list(sources.TELLERS))
def test_agency_that_is_not_on_the_platform_gets_no_fact_at_all(key: str) -> None:
    assert told(key, FactSubject("kota.99.01", "99.01"), ON) is None


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
