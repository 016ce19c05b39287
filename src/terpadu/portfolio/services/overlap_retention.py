"""Old overlap reports go, but for those that something frozen refers to."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.portfolio.models import (
    OverlapFamily,
    OverlapFinding,
    OverlapReport,
    RequestReport,
    Verdict,
)

KEPT = 3
"""The newest reports always stay: the one that is shown, and those that somebody may still be reading."""


@transaction.atomic
def overlap_reports_prune(*, by: Actor) -> int:
    """Delete the reports that nothing refers to, but for the newest; return how many went."""
    every = list(OverlapReport.objects.order_by("-made_at").values_list("id", flat=True))
    gone = set(every[KEPT:]) - _of_clearance() - _of_verdicts()
    if not gone:
        return 0
    for model in (OverlapFinding, OverlapFamily):
        model.objects.filter(report__in=gone).delete()
    OverlapReport.objects.filter(id__in=gone).delete()
    audit.record(
        "portfolio.overlap_reports_pruned",
        by=by,
        about_kind="overlap_report",
        about_id=every[0],
        facts={"reports": len(gone)},
    )
    return len(gone)


def _of_clearance() -> set[UUID]:
    """Return the reports of the same records as a frozen report of a clearance request."""
    digests = RequestReport.objects.values_list("versions__records_sha256", flat=True)
    known = {digest for digest in digests.distinct() if digest}
    return set(OverlapReport.objects.filter(records_sha256__in=known).values_list("id", flat=True))


def _of_verdicts() -> set[UUID]:
    """Return the report that was the newest with the pair when each verdict was given."""
    judged = (
        OverlapFinding.objects.filter(
            left=OuterRef("left"), right=OuterRef("right"), report__made_at__lte=OuterRef("said_at")
        )
        .order_by("-report__made_at")
        .values("report")[:1]
    )
    found = Verdict.objects.annotate(judged_on=Subquery(judged)).values_list("judged_on", flat=True)
    return {one for one in found if one}
