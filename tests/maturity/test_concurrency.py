"""Two assessors who really save at the same moment, each on a connection of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier

import pytest
from django.db import connection

from terpadu.kernel.actors import Actor
from terpadu.maturity.errors import ChangedMeanwhile
from terpadu.maturity.models import Assessment
from terpadu.maturity.services.assessments import assessment_save
from tests.maturity.conftest import Scene


@pytest.mark.django_db(transaction=True)
def test_two_assessors_at_once_one_is_saved_and_the_other_is_told(scene: Scene) -> None:
    scene.submit()
    start = Barrier(2)

    def save(by: Actor, level: str) -> str:
        start.wait(timeout=60)
        try:
            assessment_save(
                scene.locus.id, indicator="1", stage="dokumen", level=level, explanation=level, by=by
            )
        except ChangedMeanwhile:
            return "told"
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(copy_context().run, save, scene.assessor, "2")
        second = pool.submit(copy_context().run, save, scene.second, "4")
        outcomes = sorted([first.result(timeout=60), second.result(timeout=60)])

    assert outcomes == ["saved", "told"]
    row = Assessment.objects.get(stage="dokumen")
    assert (row.version, row.explanation) == (1, str(int(row.level)))
