"""What those whom services served say of them: results over ended months, shown only when enough have answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db import models

from terpadu.casework.models import SurveyTally
from terpadu.casework.reference import questionnaire_on
from terpadu.casework.rules.survey import Questionnaire, SurveyResult, counts_join, months_before, result_of


@dataclass(frozen=True)
class SurveyRecord:
    """Answers of a span of ended months.

    since, until: first and last day. answers: how many people answered. least: how many must have. result: None while
    fewer have, so that nobody's answer can be told.
    """

    legal_basis: str
    since: date
    until: date
    answers: int
    least: int
    result: SurveyResult | None


def survey_of_service(service_id: str, *, on: date) -> SurveyRecord:
    """Return what was said of a service, up to the month before a day. One query."""
    return _record(_rows(on).filter(service_id=service_id), on=on)


def survey_of_agencies(agency_codes: Collection[str], *, on: date) -> SurveyRecord:
    """Return what was said of the services of agencies together. One query.

    Services with too few answers for a result of their own are left out: the difference would tell them.
    """
    rows = _rows(on).filter(agency_code__in=agency_codes).order_by("service_id")
    shown = [tally for _, group in _by_service(rows, on=on) for tally in group]
    return _record(shown, on=on)


def surveys_by_service(agency_code: str, *, on: date) -> list[tuple[str, SurveyRecord]]:
    """Return what was said of each service of an agency, by service. One query."""
    rows = _rows(on).filter(agency_code=agency_code).order_by("service_id")
    return [(key, _record(group, on=on)) for key, group in groupby(rows, key=lambda row: row.service_id)]


def _by_service(rows: Iterable[SurveyTally], *, on: date) -> Iterator[tuple[str, list[SurveyTally]]]:
    """Yield the tallies of each service that has enough answers for a result."""
    for key, group in groupby(rows, key=lambda row: row.service_id):
        tallies = list(group)
        if sum(row.answers for row in tallies) >= questionnaire_on(on).least_answers:
            yield key, tallies


def _rows(on: date) -> models.QuerySet[SurveyTally]:
    questionnaire = questionnaire_on(on)
    since, until = months_before(on, months=questionnaire.months)
    return SurveyTally.objects.filter(questionnaire=questionnaire.code, month__gte=since, month__lt=until)


def _record(rows: Iterable[SurveyTally], *, on: date) -> SurveyRecord:
    questionnaire, tallies = questionnaire_on(on), list(rows)
    since, until = months_before(on, months=questionnaire.months)
    answers = sum(row.answers for row in tallies)
    return SurveyRecord(
        legal_basis=questionnaire.legal_basis,
        since=since,
        until=until - timedelta(days=1),
        answers=answers,
        least=questionnaire.least_answers,
        result=_result(questionnaire, tallies, answers=answers),
    )


def _result(questionnaire: Questionnaire, rows: list[SurveyTally], *, answers: int) -> SurveyResult | None:
    if answers < questionnaire.least_answers:
        return None
    counts = counts_join({key: tuple(numbers) for key, numbers in row.counts.items()} for row in rows)
    return result_of(questionnaire, answers=answers, counts=counts)
