"""Answers to the short questionnaire, by the owner of an application or the national team."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.portfolio.errors import RequestIncomplete
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.models import Application, Assessment
from terpadu.portfolio.policies import check_writes
from terpadu.portfolio.questionnaires import questionnaire

LONGEST = 4000


@transaction.atomic
def assessment_give(
    application: Application, *, answers: Mapping[str, int], note: str = "", by: Actor
) -> Assessment:
    """Keep the answers; earlier ones stay on record. answers: question to points; a question may be left open.

    Raises NotAllowed, RequestIncomplete for unknown questions, points out of range, or no answer at all.
    """
    check_writes(by, agency_code=application.agency.code)
    form = questionnaire()
    known = {one.key for one in form.questions}
    bad = [key for key, points in answers.items() if key not in known or not 0 <= points <= form.most_points]
    faults = [Fault("answer_unfit", column=key) for key in bad]
    if not answers:
        faults.append(Fault("answers_missing"))
    if len(note) > LONGEST:
        values = {"length": str(len(note)), "longest": str(LONGEST)}
        faults.append(Fault("text_long", column="note", values=values))
    if faults:
        raise RequestIncomplete(faults=faults)
    row = Assessment.objects.create(
        application=application,
        questionnaire=form.version,
        answers=dict(answers),
        note=note.strip(),
        given_by=by.person_id,
        given_at=now(),
    )
    facts: dict[str, audit.Fact] = {"answers": len(answers)}
    audit.record("portfolio.assessed", by=by, about_kind="application", about_id=application.id, facts=facts)
    return row
