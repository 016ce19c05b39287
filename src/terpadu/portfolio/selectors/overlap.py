"""The inventory as the overlap rules read it; reports, findings, verdicts and models as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Max, Q

from terpadu.portfolio.errors import OverlapsUnknown
from terpadu.portfolio.models import Application, ModelVersion, OverlapFinding, OverlapReport, Verdict
from terpadu.portfolio.rules.overlap.records import OverlapRecord, function_text

if TYPE_CHECKING:
    from terpadu.portfolio.rules.overlap.model import Model

CHUNK = 5_000
COMPARED = frozenset(
    [
        "name",
        "short_name",
        "function",
        "description",
        "services",
        "data_used",
        "raa_code",
        "rab_codes",
        "ral_codes",
        "url",
        "store_ids",
        "user_groups",
        "rad_codes",
        "application_class",
        "state",
    ]
)
"""Fields of a record that `overlap_input` reads, and whether it has ended."""


def overlap_inputs() -> Iterator[OverlapRecord]:
    """Yield every application that has not ended, by its code."""
    rows = Application.objects.alive().select_related("agency").order_by("code")
    for one in rows.iterator(chunk_size=CHUNK):
        yield overlap_input(one)


def overlap_input(one: Application) -> OverlapRecord:
    """Return one application as the overlap rules read it; needs its agency at hand."""
    return OverlapRecord(
        id=one.code,
        name=f"{one.short_name} ({one.name})"
        if one.short_name and one.short_name not in one.name
        else one.name,
        function=function_text(
            one.function, description=one.description, services=one.services, data_used=one.data_used
        ),
        agency_code=one.agency.code,
        region_code=one.agency.region_code or None,
        raa=(one.raa_code,) if one.raa_code else (),
        rab=tuple(one.rab_codes),
        ral=tuple(one.ral_codes),
        host=one.hosts[0] if one.hosts else None,
        store_id=one.store_ids[0] if one.store_ids else None,
        users=tuple(one.user_groups),
        data_topics=tuple(one.rad_codes),
        klass=one.application_class,
    )


def model_in_use() -> Model:
    """Return the newest model that learned from verdicts, or the one that comes with this version where none grew from that."""
    from terpadu.portfolio.rules.overlap.model import (  # here: it needs numpy and scipy
        current_model,
        model_of_json,
    )

    newest = ModelVersion.objects.filter(verdicts__gt=0).order_by("-made_at").first()
    shipped = current_model()
    if newest is None or json.loads(newest.content)["training"].get("learned_from") != shipped.version:
        return shipped
    return model_of_json(newest.content)


def verdicts_that_count() -> list[Verdict]:
    """Return the verdict that counts of each pair that has one."""
    return list(Verdict.objects.counting().distinct("left", "right"))


def verdicts_not_learned() -> int:
    """Return how many verdicts were given or taken back since the model in use learned from them. Three queries."""
    if "learned_from" not in model_in_use().training:
        return Verdict.objects.filter(withdrawn_at=None).count()
    learned_at = ModelVersion.objects.filter(verdicts__gt=0).aggregate(at=Max("made_at"))["at"]
    return Verdict.objects.filter(Q(said_at__gt=learned_at) | Q(withdrawn_at__gt=learned_at)).count()


def verdict_on(left: str, right: str) -> Verdict | None:
    """Return the verdict that counts for a pair (left before right), if there is one."""
    return Verdict.objects.filter(left=left, right=right).counting().first()


def newest_report() -> OverlapReport:
    """Return the newest frozen report. Raises OverlapsUnknown when there is none yet."""
    found = OverlapReport.objects.order_by("-made_at").first()
    if found is None:
        raise OverlapsUnknown()
    return found


def finding_of(report: OverlapReport, left: str, right: str) -> OverlapFinding:
    """Return a pair of a report, in either order of its codes. Raises OverlapsUnknown."""
    low, high = sorted((left, right))
    found = OverlapFinding.objects.filter(report=report, left=low, right=high).first()
    if found is None:
        raise OverlapsUnknown()
    return found
