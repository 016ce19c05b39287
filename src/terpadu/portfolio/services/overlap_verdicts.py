"""People judge pairs. What they said stays on record; which verdict counts, `VerdictQuerySet.counting` tells."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import OverlapKind
from terpadu.portfolio.errors import VerdictInvalid, VerdictMeanwhile, VerdictUnknown
from terpadu.portfolio.models import Verdict
from terpadu.portfolio.policies import Access, access_of
from terpadu.portfolio.selectors.applications import application_by_code
from terpadu.portfolio.selectors.overlap import verdict_on

LONGEST_REASON = 2_000
LOCK = 0x50414952  # one person at a time judges a pair


@transaction.atomic
def overlap_verdict_record(
    left: str, right: str, *, kind: OverlapKind, reason: str, seen: str | None = None, by: Actor
) -> Verdict:
    """Keep what a person says of two applications (codes, in either order); an earlier verdict stays on record.

    seen: id of the verdict that counted when the person looked, "" for none, None to judge whatever stands there.
    Raises VerdictInvalid, VerdictMeanwhile, ApplicationUnknown, NotAllowed for somebody who manages neither.
    """
    low, high = sorted((left, right))
    if low == high or not reason.strip() or len(reason) > LONGEST_REASON:
        raise VerdictInvalid()
    access = _check_may_judge(low, high, by=by)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, f"{low} {high}"])
    counts = verdict_on(low, high)
    if seen is not None and seen != (str(counts.id) if counts else ""):
        raise VerdictMeanwhile()
    verdict = Verdict.objects.create(
        left=low,
        right=high,
        kind=kind,
        reason=reason.strip(),
        said_by=said_by(by),
        by_national=access.is_national,
    )
    _record("portfolio.overlap_judged", verdict, by=by)
    return verdict


@transaction.atomic
def overlap_verdict_withdraw(verdict_id: UUID, *, by: Actor) -> None:
    """Take a verdict back: one's own, or anybody's for the national team. One that was taken back stays as it is.

    Raises VerdictUnknown, NotAllowed.
    """
    verdict = Verdict.objects.select_for_update().filter(pk=verdict_id).first()
    if verdict is None:
        raise VerdictUnknown()
    if not may_withdraw(verdict, by=by, access=access_of(by)):
        raise NotAllowed()
    if verdict.withdrawn_at is None:
        verdict.withdrawn_at = now()
        verdict.save(update_fields=["withdrawn_at"])
        _record("portfolio.overlap_verdict_withdrawn", verdict, by=by)


def may_withdraw(verdict: Verdict, *, by: Actor | None, access: Access) -> bool:
    """Tell whether somebody may take a verdict back."""
    return access.is_national or (by is not None and verdict.said_by == said_by(by))


def said_by(by: Actor) -> str:
    """Return how a verdict names who gave it."""
    return str(by.person_id or by.position)


def _record(event: str, verdict: Verdict, *, by: Actor) -> None:
    audit.record(
        event,
        by=by,
        about_kind="overlap_pair",
        about_id=f"{verdict.left} {verdict.right}",
        facts={"kind": str(verdict.kind)},
    )


def _check_may_judge(left: str, right: str, *, by: Actor) -> Access:
    access = access_of(by)
    if not any(access.writes(application_by_code(code).agency_code) for code in (left, right)):
        raise NotAllowed()
    return access
