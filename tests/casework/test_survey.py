"""Satisfaction: the regulation's arithmetic, answers that nobody can trace, and results that wait for enough of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from terpadu.casework import public as casework
from terpadu.casework import reference
from terpadu.casework.errors import SurveyEmpty, SurveyNotOpen
from terpadu.casework.models import Case, SurveyReceipt, SurveyTally
from terpadu.casework.rules.survey import (
    counts_add,
    counts_join,
    grade_of,
    mean_of,
    months_before,
    result_of,
)
from terpadu.casework.selectors.survey import surveys_by_service
from terpadu.casework.services.survey import survey_count
from terpadu.kernel.errors import NotAllowed
from terpadu.kernel.models import AuditEvent
from tests.casework.conftest import World

SKM = reference.questionnaire_on(date(2026, 11, 1))
KEYS = [element.key for element in SKM.elements]
FILE = reference.HERE / "survey" / "permenpanrb-14-2017.yaml"
KIA = "dukcapil.kia.baru"

Scores = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 4), min_size=1)
Full = st.lists(st.fixed_dictionaries({key: st.integers(1, 4) for key in KEYS}), min_size=1, max_size=8)


def index_of(answers: list[dict[str, int]]) -> Decimal:
    counts: Mapping[str, tuple[int, ...]] = {}
    for scores in answers:
        counts = counts_add(counts, scores=scores)
    index = result_of(SKM, answers=len(answers), counts=counts).index
    assert index is not None
    return index


def tenths(mean: str) -> tuple[int, ...]:
    """Return ten scores with a mean such as "3.4"."""
    points = int(Decimal(mean) * 10)
    low = points // 10
    high = points - low * 10
    return tuple({low: 10 - high, low + 1: high}.get(score, 0) for score in (1, 2, 3, 4))


def test_worked_example_of_the_regulation_gives_85_and_grade_b() -> None:
    means = ["3.4", "3.2", "3.1", "3.9", "3.3", "3.4", "3.5", "3.6", "3.2"]
    counts = {key: tenths(mean) for key, mean in zip(KEYS, means, strict=True)}

    result = result_of(SKM, answers=10, counts=counts)

    assert [str(one.mean) for one in result.elements] == [f"{mean}0" for mean in means]
    assert str(result.index) == "85.00"
    assert result.grade is not None
    assert result.grade.letter == "B"
    assert result.lowest is not None
    assert result.lowest.name["en"] == "Time"


@pytest.mark.parametrize(
    ("index", "letter"),
    [
        ("25.00", "D"),
        ("64.99", "D"),
        ("65.00", "C"),
        ("76.60", "C"),
        ("76.61", "B"),
        ("88.30", "B"),
        ("88.31", "A"),
        ("100.00", "A"),
    ],
)
def test_grade_at_each_end_of_its_band(index: str, letter: str) -> None:
    assert grade_of(SKM, Decimal(index)).letter == letter


def test_means_printed_beside_the_bands_are_a_25th_of_them() -> None:
    printed = {"A": "3.5324", "B": "3.0644", "C": "2.60", "D": "1.00"}

    assert {one.letter: one.lower / 25 for one in SKM.grades} == {
        letter: Decimal(mean) for letter, mean in printed.items()
    }


@given(Full)
def test_index_stays_on_its_scale_and_is_graded(answers: list[dict[str, int]]) -> None:
    index = index_of(answers)

    assert Decimal(25) <= index <= Decimal(100)
    assert grade_of(SKM, index).letter in "ABCD"


@given(Full, st.integers(0, 7), st.sampled_from(KEYS))
def test_raising_any_score_never_lowers_the_index(answers: list[dict[str, int]], who: int, key: str) -> None:
    raised = [dict(scores) for scores in answers]
    one = raised[who % len(raised)]
    one[key] = min(4, one[key] + 1)

    assert index_of(raised) >= index_of(answers)


@given(Full, st.randoms())
def test_order_of_answers_and_of_months_does_not_matter(answers: list[dict[str, int]], random: Any) -> None:
    shuffled = list(answers)
    random.shuffle(shuffled)
    parts = [counts_add({}, scores=scores) for scores in shuffled]
    half = len(parts) // 2

    assert index_of(shuffled) == index_of(answers)
    assert counts_join([counts_join(parts[:half]), counts_join(parts[half:])]) == counts_join(parts)


@given(st.integers(1, 4), st.integers(1, 30))
def test_equal_scores_give_exactly_25_times_the_score(score: int, people: int) -> None:
    assert index_of([dict.fromkeys(KEYS, score)] * people) == 25 * score


@given(st.lists(Scores, min_size=1, max_size=12))
def test_element_counts_only_those_who_scored_it(answers: list[dict[str, int]]) -> None:
    counts: Mapping[str, tuple[int, ...]] = {}
    for scores in answers:
        counts = counts_add(counts, scores=scores)

    for key, numbers in counts.items():
        given_scores = [scores[key] for scores in answers if key in scores]
        assert mean_of(numbers) == Fraction(sum(given_scores), len(given_scores))


def test_index_is_unknown_while_an_element_has_no_score() -> None:
    counts = {key: (0, 0, 0, 10) for key in KEYS[:8]}

    result = result_of(SKM, answers=10, counts=counts)

    assert result.index is None
    assert result.grade is None
    assert result.elements[8].mean is None


@pytest.mark.parametrize(
    ("day", "span"),
    [
        (date(2026, 11, 22), (date(2025, 11, 1), date(2026, 11, 1))),
        (date(2026, 1, 31), (date(2025, 1, 1), date(2026, 1, 1))),
    ],
)
def test_result_covers_ended_months_alone(day: date, span: tuple[date, date]) -> None:
    assert months_before(day, months=12) == span


def content() -> Any:
    return YAML(typ="safe").load(FILE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("elements", 0, "weight"), "0.111", "the weights add up to"),
        (("elements", 0, "weight"), 0.111, "not an exact number in quotes"),
        (("elements", 1, "key"), "u1", "a key is there twice"),
        (("elements", 2, "answers"), [{"id": "ya", "en": "yes"}], "Field required"),
        (("elements", 3, "name"), {"id": "Biaya"}, "Field required"),
        (("grades", 1, "lower"), "76.62", "C ends"),
        (("grades", 0, "upper"), "99.99", "nothing from 100.00 to 100"),
        (("grades", 3, "lower"), "26.00", "D begins at 26.00, not at 25"),
        (("legal_basis",), None, "valid string"),
    ],
)
def test_survey_file_with_a_hole_is_refused_with_its_place(path: Any, value: Any, said: str) -> None:
    broken = content()
    part = broken
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value

    with pytest.raises(ValidationError) as caught:
        reference.survey_parse(broken)

    found = str(caught.value)
    assert said in found or (said == "C ends" and "begins at 76.62, not at 76.61" in found)


def test_survey_before_the_first_regulation_is_not_there() -> None:
    with pytest.raises(LookupError, match="nothing is in force"):
        reference.questionnaire_on(date(2016, 1, 1))


@pytest.fixture
def decided(sent_case: UUID, world: World) -> UUID:
    """A case of Siti's that Budi rejected."""
    casework.case_act(sent_case, "reject", by=world.budi, message="Anak sudah memiliki kartu yang berlaku.")
    return sent_case


def test_survey_is_asked_once_and_only_of_a_case_that_was_decided(sent_case: UUID, world: World) -> None:
    assert casework.survey_get(sent_case, by=world.siti) is None
    with pytest.raises(SurveyNotOpen):
        casework.survey_answer(sent_case, scores={"u1": 4}, by=world.siti)

    casework.case_act(sent_case, "reject", by=world.budi, message="Anak sudah memiliki kartu yang berlaku.")
    assert casework.survey_get(sent_case, by=world.siti) == SKM

    casework.survey_answer(sent_case, scores={"u1": 4}, by=world.siti)
    assert casework.survey_get(sent_case, by=world.siti) is None
    with pytest.raises(SurveyNotOpen):
        casework.survey_answer(sent_case, scores={"u1": 1}, by=world.siti)


@pytest.mark.parametrize("state", ["cancelled", "lapsed"])
def test_survey_does_not_ask_about_a_case_that_the_agency_did_not_decide(
    sent_case: UUID, world: World, state: str
) -> None:
    Case.objects.filter(pk=sent_case).update(state=state)

    assert casework.survey_get(sent_case, by=world.siti) is None


def test_survey_answer_leaves_only_sums_and_a_receipt_without_time_or_score(
    decided: UUID, world: World
) -> None:
    audited = AuditEvent.objects.count()

    casework.survey_answer(decided, scores={"u1": 4, "u3": 2}, by=world.siti)

    tally, receipt = SurveyTally.objects.get(), SurveyReceipt.objects.get()
    assert (tally.answers, tally.counts) == (1, {"u1": [0, 0, 0, 1], "u3": [0, 1, 0, 0]})
    assert {field.name for field in tally._meta.fields}.isdisjoint({"case", "person_id", "at"})
    assert (receipt.case_id, receipt.answered_on) == (decided, date(2026, 11, 23))
    assert receipt.id.version == 4
    assert AuditEvent.objects.count() == audited


@pytest.mark.parametrize("scores", [{}, {"u1": 5}, {"u1": 0}, {"u10": 3}])
def test_survey_answer_that_says_nothing_known_is_refused_and_can_be_given_again(
    decided: UUID, world: World, scores: dict[str, int]
) -> None:
    with pytest.raises(SurveyEmpty):
        casework.survey_answer(decided, scores=scores, by=world.siti)

    assert casework.survey_get(decided, by=world.siti) is not None


def test_survey_of_somebody_else_is_not_theirs_to_answer(decided: UUID, world: World) -> None:
    with pytest.raises(NotAllowed):
        casework.survey_answer(decided, scores={"u1": 4}, by=world.wulan)


def say(people: int, *, month: date, score: int = 3, service: str = KIA) -> None:
    for _ in range(people):
        survey_count(service, agency_code="disdukcapil.36.71", day=month, scores=dict.fromkeys(KEYS, score))


@pytest.mark.django_db
def test_result_is_shown_from_the_least_number_of_answers_and_of_ended_months_alone() -> None:
    say(9, month=date(2026, 10, 5))
    say(5, month=date(2026, 11, 5))
    say(30, month=date(2025, 10, 31))

    few = casework.survey_of_service(KIA, on=date(2026, 11, 23))
    say(1, month=date(2026, 9, 1), score=4)
    enough = casework.survey_of_service(KIA, on=date(2026, 11, 23))

    assert (few.answers, few.least, few.result) == (9, 10, None)
    assert enough.result is not None
    assert str(enough.result.index) == "77.50"
    assert (enough.since, enough.until) == (date(2025, 11, 1), date(2026, 10, 31))


@pytest.mark.django_db
def test_result_of_an_agency_joins_its_services_and_lists_each() -> None:
    say(10, month=date(2026, 10, 1), score=4)
    say(10, month=date(2026, 10, 1), score=2, service="dukcapil.kk.kelahiran")

    both = casework.survey_of_agencies(["disdukcapil.36.71"], on=date(2026, 11, 23))
    each = surveys_by_service("disdukcapil.36.71", on=date(2026, 11, 23))

    assert both.result is not None
    assert str(both.result.index) == "75.00"
    assert [key for key, _ in each] == ["dukcapil.kia.baru", "dukcapil.kk.kelahiran"]


@pytest.mark.django_db
def test_result_of_an_agency_leaves_out_services_whose_answers_the_difference_would_tell() -> None:
    say(10, month=date(2026, 10, 1), score=4)
    say(1, month=date(2026, 10, 1), score=1, service="dukcapil.kk.kelahiran")

    office = casework.survey_of_agencies(["disdukcapil.36.71"], on=date(2026, 11, 23))

    assert office.result is not None
    assert (office.answers, str(office.result.index)) == (10, "100.00")
