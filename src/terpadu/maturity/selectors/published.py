"""Published results: what everyone may see. A published round never changes, so each process reads it once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from uuid import UUID

from terpadu.kernel.numbers import round_half_up
from terpadu.maturity.enums import Consent, RoundState
from terpadu.maturity.errors import NotPublished
from terpadu.maturity.instruments.loader import comparison_mappings, instrument_get
from terpadu.maturity.models import Locus, Result, Round
from terpadu.maturity.rules.comparison import may_compare_index
from terpadu.maturity.rules.instrument import Band, Instrument

ROUNDS_KEPT = 16


@dataclass(frozen=True)
class PublishedResult:
    """The published values of one agency. rank: among all published agencies, equal for equal indices."""

    agency_code: str
    agency_name: str
    group: str
    region_code: str
    kind: str
    rank: int
    index: Decimal
    index_exact: str
    band: str
    levels: Mapping[str, str]
    aspects: Mapping[str, str]
    domains: Mapping[str, str]

    @property
    def province(self) -> str:
        """Code of the province, "" for a national agency."""
        return self.region_code[:2]


@dataclass(frozen=True)
class Average:
    """Means over published agencies, rounded like every value. count: how many; the rest is empty without any."""

    count: int
    index: Decimal | None
    aspects: Mapping[str, Decimal]
    domains: Mapping[str, Decimal]


@dataclass(frozen=True)
class PublishedRound:
    """One published year. Its results are read when somebody asks for them; a page names more years than it shows."""

    id: UUID
    year: int
    name: str
    instrument_code: str
    published_at: datetime

    @cached_property
    def results(self) -> tuple[PublishedResult, ...]:
        """The results of the agencies that agreed: highest index first, then by name. One query, once."""
        rows = Result.objects.select_related("locus").filter(locus__round_id=self.id)
        ordered = rows.filter(locus__consent=Consent.GRANTED).order_by("-index", "locus__agency_name")
        found: list[PublishedResult] = []
        for at, result in enumerate(ordered, 1):
            tied = bool(found) and found[-1].index == result.index
            found.append(_result(result, rank=found[-1].rank if tied else at))
        return tuple(found)

    @cached_property
    def withheld(self) -> int:
        """How many agencies did not agree. One query, once."""
        return Locus.objects.filter(round_id=self.id).exclude(consent=Consent.GRANTED).count()

    @property
    def instrument(self) -> Instrument:
        """The instrument of this year."""
        return instrument_get(self.instrument_code)

    @cached_property
    def by_code(self) -> dict[str, PublishedResult]:
        """Results by agency."""
        return {one.agency_code: one for one in self.results}

    @cached_property
    def national(self) -> Average:
        """The means of all published agencies."""
        return average(self.results, instrument=self.instrument)

    @cached_property
    def groups(self) -> dict[str, Average]:
        """The means of each group that has an agency, by group."""
        found = {one.group for one in self.results}
        return {
            group: average((one for one in self.results if one.group == group), instrument=self.instrument)
            for group in sorted(found)
        }

    @cached_property
    def provinces(self) -> dict[str, Average]:
        """The means of the agencies of each province, by code."""
        found = {one.province for one in self.results if one.province}
        return {
            code: average((one for one in self.results if one.province == code), instrument=self.instrument)
            for code in sorted(found)
        }

    def band(self, key: str) -> Band:
        """Return a band of the instrument by its key."""
        return next(band for band in self.instrument.bands if band.key == key)


def published_rounds() -> list[PublishedRound]:
    """Return every published year, newest first; may be empty. One query."""
    rows = Round.objects.filter(state=RoundState.PUBLISHED).order_by("-year", "-published_at")
    kept = ((row.published_at, row) for row in rows)
    return [_round(row.id, at, row.year, row.name, row.instrument_code) for at, row in kept if at]


def published_round(year: int) -> PublishedRound:
    """Return a published year. Raises NotPublished."""
    for one in published_rounds():
        if one.year == year:
            return one
    raise NotPublished(year=year)


def published_result(agency_code: str, *, year: int) -> PublishedResult:
    """Return the published result of an agency. Raises NotPublished, also when the agency did not agree."""
    found = published_round(year).by_code.get(agency_code)
    if found is None:
        raise NotPublished(year=year)
    return found


def history(agency_code: str) -> list[tuple[PublishedRound, PublishedResult]]:
    """Return every published year of an agency, oldest first; may be empty."""
    rounds = reversed(published_rounds())
    return [(one, one.by_code[agency_code]) for one in rounds if agency_code in one.by_code]


def change(now: PublishedRound, before: PublishedRound | None, *, agency_code: str) -> Decimal | None:
    """Return by how much an index moved since another year; None where it cannot be compared."""
    if before is None or not are_comparable(now, before) or agency_code not in before.by_code:
        return None
    return now.by_code[agency_code].index - before.by_code[agency_code].index


def before(measured: PublishedRound) -> PublishedRound | None:
    """Return the published year before one, or None."""
    return next((one for one in published_rounds() if one.year < measured.year), None)


def are_comparable(first: PublishedRound, second: PublishedRound) -> bool:
    """Tell whether the indices of two years may stand side by side."""
    return may_compare_index(first.instrument_code, second.instrument_code, mappings=comparison_mappings())


def average(results: Iterable[PublishedResult], *, instrument: Instrument) -> Average:
    """Return the plain means of published values, rounded half up."""
    rows = list(results)
    if not rows:
        return Average(count=0, index=None, aspects={}, domains={})
    places = instrument.places
    return Average(
        count=len(rows),
        index=_mean([one.index for one in rows], places=places),
        aspects={
            one.number: _mean([Decimal(row.aspects[one.number]) for row in rows], places=places)
            for one in instrument.aspects
        },
        domains={
            one.number: _mean([Decimal(row.domains[one.number]) for row in rows], places=places)
            for one in instrument.domains
        },
    )


def _mean(values: list[Decimal], *, places: int) -> Decimal:
    return round_half_up(Fraction(sum(values, Decimal())) / len(values), places=places)


@lru_cache(maxsize=ROUNDS_KEPT)
def _round(
    round_id: UUID, published_at: datetime, year: int, name: str, instrument_code: str
) -> PublishedRound:
    """Keep a published round with what was read of it; a new publication is another one."""
    return PublishedRound(round_id, year, name, instrument_code, published_at)


def _result(row: Result, *, rank: int) -> PublishedResult:
    return PublishedResult(
        agency_code=row.locus.agency_code,
        agency_name=row.locus.agency_name,
        group=row.locus.group,
        region_code=row.locus.region_code,
        kind=row.locus.kind,
        rank=rank,
        index=row.index,
        index_exact=row.index_exact,
        band=row.band,
        levels=row.levels,
        aspects=row.aspects,
        domains=row.domains,
    )
