"""What must hold in an instrument beyond its form: weights that add up, bands without holes, levels without gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from terpadu.kernel.numbers import exact_text
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.schema import (
    AspectPart,
    BandPart,
    DomainPart,
    IndicatorPart,
    InstrumentFile,
)

Node = DomainPart | AspectPart | IndicatorPart


def find_faults(file: InstrumentFile) -> list[Fault]:
    """Return everything that is wrong; `place` is a path such as "aspects[2].weight"."""
    return [
        *_numbers(file),
        *_parents(file),
        *_weights(file),
        *_bands(file),
        *_level_sets(file),
        *_criteria(file),
        *_stages(file),
        *_years(file),
    ]


def _fault(code: str, place: str, **values: object) -> Fault:
    return Fault(code=code, place=place, values={key: str(value) for key, value in values.items()})


def _numbers(file: InstrumentFile) -> Iterator[Fault]:
    groups: dict[str, Sequence[Node]] = {
        "domains": file.domains,
        "aspects": file.aspects,
        "indicators": file.indicators,
    }
    for group, nodes in groups.items():
        seen: set[str] = set()
        for at, node in enumerate(nodes):
            if node.number in seen:
                yield _fault("instrument_number_double", f"{group}[{at}].number", number=node.number)
            seen.add(node.number)
            if node.weight <= 0:
                yield _fault("instrument_weight_zero", f"{group}[{at}].weight", number=node.number)


def _parents(file: InstrumentFile) -> Iterator[Fault]:
    domains = {one.number for one in file.domains}
    aspects = {one.number for one in file.aspects}
    for at, aspect in enumerate(file.aspects):
        if aspect.domain not in (domains or {""}):
            yield _fault("instrument_parent_unknown", f"aspects[{at}]", number=aspect.domain or "-")
    for at, indicator in enumerate(file.indicators):
        if indicator.aspect not in aspects:
            yield _fault("instrument_parent_unknown", f"indicators[{at}].aspect", number=indicator.aspect)
        if indicator.level_set not in file.level_sets:
            yield _fault("instrument_level_set", f"indicators[{at}].level_set", name=indicator.level_set)


def _weights(file: InstrumentFile) -> Iterator[Fault]:
    for at, aspect in enumerate(file.aspects):
        parts = [one.weight for one in file.indicators if one.aspect == aspect.number]
        yield from _sum(parts, aspect.weight, f"aspects[{at}].weight")
    for at, domain in enumerate(file.domains):
        parts = [one.weight for one in file.aspects if one.domain == domain.number]
        yield from _sum(parts, domain.weight, f"domains[{at}].weight")
    top: Sequence[Node] = file.domains or file.aspects
    yield from _sum([one.weight for one in top], file.total_weight, "total_weight")


def _sum(parts: list[Fraction], expected: Fraction, place: str) -> Iterator[Fault]:
    total = sum(parts, Fraction())
    if total != expected:
        yield _fault("instrument_weights", place, total=exact_text(total), expected=exact_text(expected))


def _bands(file: InstrumentFile) -> Iterator[Fault]:
    ordered: list[tuple[int, BandPart]] = sorted(enumerate(file.bands), key=lambda item: item[1].lower)
    for at, band in ordered:
        if band.lower >= band.upper:
            yield _fault("instrument_band_empty", f"bands[{at}]", band=band.key)
    for (_, below), (at, above) in pairwise(ordered):
        if below.upper != above.lower:
            code = "instrument_band_hole" if below.upper < above.lower else "instrument_band_overlap"
            yield _fault(code, f"bands[{at}].lower", upper=below.upper, lower=above.lower)
    (first_at, first), (last_at, last) = ordered[0], ordered[-1]
    if first.lower != file.scale.minimum:
        yield _fault("instrument_band_end", f"bands[{first_at}].lower", limit=file.scale.minimum)
    if last.upper != file.scale.maximum:
        yield _fault("instrument_band_end", f"bands[{last_at}].upper", limit=file.scale.maximum)


def _level_sets(file: InstrumentFile) -> Iterator[Fault]:
    if file.scale.minimum >= file.scale.maximum:
        yield _fault("instrument_scale", "scale")
    expected = set(range(file.scale.minimum, file.scale.maximum + 1))
    for name, levels in file.level_sets.items():
        found = Counter(one.level for one in levels)
        yield from _gaps(found, expected, f"level_sets.{name}")


def _criteria(file: InstrumentFile) -> Iterator[Fault]:
    expected = set(range(file.scale.minimum, file.scale.maximum + 1))
    for at, indicator in enumerate(file.indicators):
        if file.criteria.state == "complete" or indicator.criteria:
            found = Counter(one.level for one in indicator.criteria)
            yield from _gaps(found, expected, f"indicators[{at}].criteria")


def _gaps(found: Counter[int], expected: set[int], place: str) -> Iterator[Fault]:
    for level in sorted(expected - set(found)):
        yield _fault("instrument_level_missing", place, level=level)
    for level in sorted(level for level in found if level not in expected or found[level] > 1):
        yield _fault("instrument_level_extra", place, level=level)


def _stages(file: InstrumentFile) -> Iterator[Fault]:
    keys = Counter(stage.key for stage in file.stages.items)
    for at, stage in enumerate(file.stages.items):
        if keys[stage.key] > 1:
            yield _fault("instrument_number_double", f"stages.items[{at}].key", number=stage.key)
    if file.stages.items[0].by != "agency":
        yield _fault("instrument_first_stage", "stages.items[0].by")
    if file.stages.combination == "weighted":
        total = [stage.weight or Fraction() for stage in file.stages.items]
        yield from _sum(total, Fraction(100), "stages.items")


def _years(file: InstrumentFile) -> Iterator[Fault]:
    if file.years.last is not None and file.years.last < file.years.first:
        yield _fault("instrument_years", "years.last")
    if not file.scale.minimum <= file.target.index <= file.scale.maximum:
        yield _fault("instrument_target", "target.index")
