"""Results: computed from the assessments when an agency is final, or taken over from an official table of past years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from terpadu.kernel import audit
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.numbers import exact_text, round_half_up
from terpadu.kernel.outbox import emit
from terpadu.maturity.enums import Consent, LocusState, RoundState
from terpadu.maturity.errors import AnswersMissing, ObjectionsOpen, WrongState
from terpadu.maturity.events import LocusFinalised
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Locus, Result, Round
from terpadu.maturity.policies import check_can_assess, check_national_team, check_state
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.score import Incomplete, score_indicators
from terpadu.maturity.rules.stages import final_value
from terpadu.maturity.selectors.work import kind_of
from terpadu.maturity.services.assessments import locus_lock
from terpadu.maturity.services.submission import objections_ended


@dataclass(frozen=True)
class PastResult:
    """One agency's levels of a past year, from an official source. levels: by indicator number."""

    agency_code: str
    agency_name: str
    group: str
    region_code: str
    kind: str
    has_consent: bool
    levels: Mapping[str, int]


@transaction.atomic
def locus_finalise(locus_id: UUID, *, by: Actor) -> Result:
    """Make the levels of an agency final and compute its index.

    Every objection must be answered, and their time over unless none can come any more. Raises ObjectionsOpen,
    AnswersMissing, WrongState, NotAllowed, OwnAgency.
    """
    locus = locus_lock(locus_id)
    check_can_assess(by, locus=locus)
    check_state(locus, LocusState.ANNOUNCED)
    waiting = locus.objections.filter(answered_at__isnull=True).count()
    if waiting or not objections_ended(locus, at=now()):
        raise ObjectionsOpen(count=waiting)
    form = instrument_get(locus.round.instrument_code)
    row = result_of(locus, values=final_values(locus, form=form), form=form)
    row.save()
    locus.state, locus.finalised_at = LocusState.FINAL, now()
    locus.save(update_fields=["state", "finalised_at"])
    audit.record("maturity.locus_finalised", by=by, about_kind="locus", about_id=locus.id)
    emit(LocusFinalised(locus.id, locus.agency_code, locus.round.year, str(row.index)))
    return row


@transaction.atomic
def results_take_over(
    measured: Round, *, results: Sequence[PastResult], source_sha256: str, by: Actor
) -> int:
    """Add agencies with final levels of a past year to a round in preparation; return how many.

    source_sha256: digest of the official table, kept in the place of each agency's minutes. Raises AnswersMissing,
    WrongState, NotAllowed. A fixed number of queries.
    """
    check_national_team(by, measured=measured)
    if measured.state != RoundState.PREPARATION:
        raise WrongState(round_state=measured.state)
    form = instrument_get(measured.instrument_code)
    pairs = [(_past_locus(one, measured=measured, source_sha256=source_sha256), one) for one in results]
    rows = [
        result_of(locus, values={number: Fraction(level) for number, level in one.levels.items()}, form=form)
        for locus, one in pairs
    ]
    Locus.objects.bulk_create([locus for locus, _ in pairs])
    Result.objects.bulk_create(rows, batch_size=500)
    facts: dict[str, audit.Fact] = {"count": len(rows), "source": source_sha256}
    audit.record("maturity.results_taken_over", by=by, about_kind="round", about_id=measured.id, facts=facts)
    return len(rows)


def final_values(locus: Locus, *, form: Instrument) -> dict[str, Fraction]:
    """Return what counts for each indicator that any stage has assessed. One query."""
    given: dict[str, dict[str, Fraction]] = {}
    for number, stage, level in locus.assessments.values_list("indicator", "stage", "level"):
        given.setdefault(number, {})[stage] = Fraction(level)
    finals = {number: final_value(form, stages, kind=kind_of(locus)) for number, stages in given.items()}
    return {number: Fraction(value) for number, value in finals.items() if value is not None}


def result_of(locus: Locus, *, values: Mapping[str, Fraction], form: Instrument) -> Result:
    """Compute the result of a locus, unsaved. Raises AnswersMissing."""
    try:
        score = score_indicators(form, values)
    except Incomplete as error:
        raise AnswersMissing(missing=error.missing or error.unknown) from None
    return Result(
        locus=locus,
        index=score.index.published,
        index_exact=exact_text(score.index.exact),
        band=score.band.key,
        levels={
            number: str(round_half_up(values[number], places=2).normalize()) for number in form.indicators
        },
        aspects={number: str(value.published) for number, value in score.aspects.items()},
        domains={number: str(value.published) for number, value in score.domains.items()},
        computed_at=now(),
    )


def _past_locus(one: PastResult, *, measured: Round, source_sha256: str) -> Locus:
    return Locus(
        round=measured,
        agency_code=one.agency_code,
        agency_name=one.agency_name,
        group=one.group,
        region_code=one.region_code,
        kind=one.kind,
        state=LocusState.FINAL,
        consent=Consent.GRANTED if one.has_consent else Consent.REFUSED,
        minutes_sha256=source_sha256,
        submitted_at=now(),
        finalised_at=now(),
    )
