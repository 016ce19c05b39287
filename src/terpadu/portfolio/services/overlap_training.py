"""New models learn from people's verdicts; every model that a report was made with is kept."""

from __future__ import annotations

import numpy as np

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.errors import NotAllowed
from terpadu.portfolio.errors import NoVerdicts
from terpadu.portfolio.models import ModelVersion
from terpadu.portfolio.policies import access_of
from terpadu.portfolio.rules.overlap.corpus import Corpus
from terpadu.portfolio.rules.overlap.engine import described, find_overlaps
from terpadu.portfolio.rules.overlap.model import Model, current_model, model_json
from terpadu.portfolio.rules.overlap.training import retrain
from terpadu.portfolio.selectors.overlap import verdicts_that_count


def model_train(corpus: Corpus, *, by: Actor) -> ModelVersion:
    """Make and keep a model that learned from all verdicts that count on a list's records.

    It starts from the model that comes with this version, so that the same list and verdicts always give the same model,
    however often it is trained. Raises NoVerdicts, NotAllowed.
    """
    if not access_of(by).is_national:
        raise NotAllowed()
    places = {record.id: place for place, record in enumerate(corpus.records)}
    judged = {
        tuple(sorted((places[one.left], places[one.right]))): one.kind
        for one in verdicts_that_count()
        if one.left in places and one.right in places
    }
    if not judged:
        raise NoVerdicts()
    shipped = current_model()
    pairs, kinds = np.array(list(judged), dtype=np.int64), list(judged.values())
    found = described(corpus, find_overlaps(corpus, shipped).sure, pairs)
    training = {**shipped.training, "verdicts": len(kinds), "learned_from": shipped.version}
    kept = model_kept(retrain(shipped, found, kinds, training=training), verdicts=len(kinds))
    ModelVersion.objects.filter(pk=kept.pk).update(made_at=now())  # made once more, it is the newest again
    audit.record(
        "portfolio.overlap_model_trained",
        by=by,
        about_kind="overlap_model",
        about_id=kept.version,
        facts={"verdicts": len(kinds)},
    )
    return kept


def model_kept(model: Model, *, verdicts: int) -> ModelVersion:
    """Return the stored model of this version, stored now if it was not."""
    kept, _ = ModelVersion.objects.get_or_create(
        version=model.version, defaults={"content": model_json(model), "verdicts": verdicts}
    )
    return kept
