"""Answers to the satisfaction survey: counted, never kept one by one.

No audit entry and no event is written here: either would say when somebody answered, and a sum that grew at that moment
would say what.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from terpadu.casework import policies
from terpadu.casework.dossier import Dossier
from terpadu.casework.enums import DECIDED_STATES
from terpadu.casework.errors import SurveyEmpty, SurveyNotOpen
from terpadu.casework.models import SurveyReceipt, SurveyTally
from terpadu.casework.reference import questionnaire_on
from terpadu.casework.rules.survey import HIGHEST, LOWEST, Questionnaire, counts_add
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today


def survey_get(case_id: UUID, *, by: Actor) -> Questionnaire | None:
    """Return the survey that a case asks its applicant now, None when it does not. Raises NotFound, NotAllowed.

    It asks once, after the agency has decided the case, and holds up nothing.
    """
    dossier = Dossier.open(case_id)
    policies.check_applicant(dossier.case, by=by)
    return questionnaire_on(today()) if _is_open(dossier) else None


@transaction.atomic
def survey_answer(case_id: UUID, *, scores: Mapping[str, int], by: Actor) -> None:
    """Count an applicant's scores, and keep only that the case was answered for.

    scores: element to 1..4; elements may be left out, but not all. Raises NotFound, NotAllowed, SurveyNotOpen,
    SurveyEmpty.
    """
    dossier = Dossier.lock(case_id)
    case = dossier.case
    policies.check_applicant(case, by=by)
    if not _is_open(dossier):
        raise SurveyNotOpen(state=case.state)
    day = today()
    SurveyReceipt.objects.create(person_id=case.person_id, case=case, answered_on=day)
    survey_count(case.service_id, agency_code=case.agency_code, day=day, scores=scores)


def _is_open(dossier: Dossier) -> bool:
    """Tell whether a case asks. One query for one that was decided."""
    case = dossier.case
    asks = dossier.definition.survey.ask == "on_end" and case.state in DECIDED_STATES
    return asks and not SurveyReceipt.objects.filter(case=case).exists()


@transaction.atomic
def survey_count(service_id: str, *, agency_code: str, day: date, scores: Mapping[str, int]) -> None:
    """Add one person's scores to the sums of a service in the month of a day. Raises SurveyEmpty. Three queries."""
    questionnaire = questionnaire_on(day)
    known = {element.key for element in questionnaire.elements}
    if not scores or set(scores) - known or any(not LOWEST <= one <= HIGHEST for one in scores.values()):
        raise SurveyEmpty(given=len(scores))
    place = {"service_id": service_id, "questionnaire": questionnaire.code, "month": day.replace(day=1)}
    SurveyTally.objects.get_or_create(**place, defaults={"agency_code": agency_code})
    tally = SurveyTally.objects.select_for_update().get(**place)
    before = {key: tuple(numbers) for key, numbers in tally.counts.items()}
    tally.counts = counts_add(before, scores=scores)
    tally.answers += 1
    tally.save(update_fields=["counts", "answers"])
