"""People judge pairs, and new models learn from what they said."""

from __future__ import annotations

import numpy as np
from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.enums import OverlapKind
from terpadu.portfolio.errors import NoVerdicts, VerdictInvalid
from terpadu.portfolio.models import ModelVersion, Verdict
from terpadu.portfolio.policies import access_of
from terpadu.portfolio.rules.overlap.corpus import corpus_of
from terpadu.portfolio.rules.overlap.engine import described, find_overlaps
from terpadu.portfolio.rules.overlap.training import retrain
from terpadu.portfolio.rules.overlap.vocabulary import vocabulary
from terpadu.portfolio.selectors.applications import application_by_code
from terpadu.portfolio.selectors.overlap import model_in_use, overlap_inputs, verdicts_that_count
from terpadu.portfolio.services.overlap_reports import model_kept

LONGEST_REASON = 2_000


@transaction.atomic
def overlap_verdict_record(left: str, right: str, *, kind: OverlapKind, reason: str, by: Actor) -> Verdict:
    """Keep what a person says of two applications (codes, in either order); an earlier verdict stays on record.

    Raises VerdictInvalid, ApplicationUnknown, NotAllowed for somebody who manages neither.
    """
    low, high = sorted((left, right))
    if low == high or not reason.strip() or len(reason) > LONGEST_REASON:
        raise VerdictInvalid()
    _check_may_judge(low, high, by=by)
    verdict = Verdict.objects.create(
        left=low, right=high, kind=kind, reason=reason.strip(), said_by=str(by.person_id or by.position)
    )
    audit.record(
        "portfolio.overlap_judged",
        by=by,
        about_kind="overlap_pair",
        about_id=f"{low} {high}",
        facts={"kind": kind.value},
    )
    return verdict


@transaction.atomic
def overlap_verdict_withdraw(left: str, right: str, *, by: Actor) -> None:
    """Take back the newest verdict on a pair; the one before it counts again. Does nothing without one. Raises NotAllowed."""
    low, high = sorted((left, right))
    _check_may_judge(low, high, by=by)
    newest = (
        Verdict.objects.filter(left=low, right=high, withdrawn_at=None).order_by("-said_at", "-id").first()
    )
    if newest is None:
        return
    newest.withdrawn_at = now()
    newest.save(update_fields=["withdrawn_at"])
    audit.record(
        "portfolio.overlap_verdict_withdrawn", by=by, about_kind="overlap_pair", about_id=f"{low} {high}"
    )


@transaction.atomic
def model_train(*, by: Actor) -> ModelVersion:
    """Make and keep a model that learned from all verdicts that count. Raises NoVerdicts, NotAllowed."""
    _check_national(by)
    model = model_in_use()
    corpus = corpus_of(overlap_inputs(), vocabulary())
    places = {record.id: place for place, record in enumerate(corpus.records)}
    judged = {
        tuple(sorted((places[one.left], places[one.right]))): one.kind
        for one in verdicts_that_count()
        if one.left in places and one.right in places
    }
    if not judged:
        raise NoVerdicts()
    pairs, kinds = np.array(list(judged), dtype=np.int64), list(judged.values())
    found = described(corpus, find_overlaps(corpus, model).sure, pairs)
    training = {**model.training, "verdicts": len(kinds), "learned_from": model.version}
    kept = model_kept(retrain(model, found, kinds, training=training), verdicts=len(kinds))
    audit.record(
        "portfolio.overlap_model_trained",
        by=by,
        about_kind="overlap_model",
        about_id=kept.version,
        facts={"verdicts": len(kinds)},
    )
    return kept


def _check_national(by: Actor) -> None:
    if not access_of(by).is_national:
        raise NotAllowed()


def _check_may_judge(left: str, right: str, *, by: Actor) -> None:
    access = access_of(by)
    if not any(access.writes(application_by_code(code).agency_code) for code in (left, right)):
        raise NotAllowed()
