"""The inventory as the overlap rules read it; reports, findings, verdicts and models as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from terpadu.portfolio.errors import OverlapsUnknown
from terpadu.portfolio.models import Application, ModelVersion, OverlapFinding, OverlapReport, Verdict
from terpadu.portfolio.rules.overlap.model import Model, current_model, model_of_json
from terpadu.portfolio.rules.overlap.records import OverlapRecord, function_text

CHUNK = 5_000


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
    """Return the newest trained model, or the one that comes with this version."""
    newest = ModelVersion.objects.filter(verdicts__gt=0).order_by("-made_at").first()
    return model_of_json(newest.content) if newest else current_model()


def verdicts_that_count() -> list[Verdict]:
    """Return the newest verdict of each pair that was not taken back."""
    return list(
        Verdict.objects.filter(withdrawn_at=None)
        .order_by("left", "right", "-said_at", "-id")
        .distinct("left", "right")
    )


def verdict_on(left: str, right: str) -> Verdict | None:
    """Return the verdict that counts for a pair (left before right), if there is one."""
    found = Verdict.objects.filter(left=left, right=right, withdrawn_at=None)
    return found.order_by("-said_at", "-id").first()


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
