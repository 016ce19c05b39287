"""Casework's part of the demo country: the services that come with the platform, and what people said of them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from terpadu.casework.demo_complaints import complaints_seed
from terpadu.casework.models import SurveyTally
from terpadu.casework.public import definition_paths, definition_publish, service_list
from terpadu.casework.reference import questionnaire_on
from terpadu.casework.services.survey import survey_count
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today

BY = Actor.system("demo")
ANSWERS = {"dukcapil.kia.baru": 24, "kecamatan.domisili.surat": 14, "dukcapil.kk.kelahiran": 6}
"""How many people answered the survey; the last are too few for a result."""
LOW = "u3"


def seed() -> None:
    """Publish every service that comes along; what is published already stays. Then let people have their say."""
    for path in definition_paths():
        definition_publish(path, by=BY)
    _answers_seed()
    complaints_seed()


def _answers_seed() -> None:
    """Count made-up answers of the three months before this one, once."""
    if SurveyTally.objects.exists():
        return
    agencies = {service.service_id: service.agency_code for service in service_list()}
    chance = Random(14)  # noqa: S311  # made-up answers, the same in every demo
    keys = [element.key for element in questionnaire_on(today()).elements]
    for service_id, people in ANSWERS.items():
        for number in range(people):
            day = today().replace(day=1) - timedelta(days=1 + 30 * (number % 3))
            scores = {key: chance.choice((2, 3, 3, 4) if key == LOW else (3, 3, 4, 4)) for key in keys}
            survey_count(service_id, agency_code=agencies[service_id], day=day, scores=scores)
