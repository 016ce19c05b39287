"""Make the instrument that the rules work on from a checked file."""

from __future__ import annotations

from terpadu.maturity.instruments.schema import (
    CriterionPart,
    FactPart,
    IndicatorPart,
    InstrumentFile,
    MappingPart,
    StagePart,
    TextPart,
)
from terpadu.maturity.rules.comparison import InstrumentMapping
from terpadu.maturity.rules.instrument import (
    Annotation,
    Aspect,
    Band,
    Criterion,
    Domain,
    FactRule,
    Indicator,
    Instrument,
    Level,
    OutsideIndex,
    Stage,
    Text,
)


def build_instrument(file: InstrumentFile, *, sha256: str) -> Instrument:
    """Return the instrument of a file that has passed all checks."""
    aspects = _aspects(file)
    return Instrument(
        code=file.code,
        name=_text(file.name),
        regulation=file.legal_basis.regulation,
        articles=file.legal_basis.articles,
        first_year=file.years.first,
        last_year=file.years.last,
        scale_min=file.scale.minimum,
        scale_max=file.scale.maximum,
        places=file.rounding.places,
        total_weight=file.total_weight,
        target_level=file.target.level,
        target_index=file.target.index,
        bands=tuple(Band(one.key, _text(one.name), one.lower, one.upper) for one in file.bands),
        combination=file.stages.combination,
        stages=tuple(_stage(one) for one in file.stages.items),
        domains=tuple(
            Domain(
                one.number,
                _text(one.name),
                one.weight,
                tuple(aspect for aspect in aspects if aspect.domain == one.number),
            )
            for one in file.domains
        ),
        aspects=aspects,
        annotations=tuple(Annotation(one.about, _text(one.text)) for one in file.annotations),
        assumptions=_assumptions(file),
        has_criteria=file.criteria.state == "complete",
        sha256=sha256,
    )


def build_mapping(part: MappingPart) -> InstrumentMapping:
    """Return one decision of comparability."""
    return InstrumentMapping(
        older=part.older, newer=part.newer, index=part.index, aspects=part.aspects, basis=_text(part.basis)
    )


def _text(part: TextPart) -> Text:
    return Text(id=part.id, en=part.en)


def _stage(part: StagePart) -> Stage:
    return Stage(part.key, _text(part.name), part.by, tuple(part.kinds), part.optional, part.weight)


def _aspects(file: InstrumentFile) -> tuple[Aspect, ...]:
    levels = {
        name: tuple(Level(one.level, _text(one.name)) for one in sorted(parts, key=lambda part: part.level))
        for name, parts in file.level_sets.items()
    }
    return tuple(
        Aspect(
            one.number,
            _text(one.name),
            one.weight,
            one.domain,
            tuple(
                _indicator(part, levels[part.level_set])
                for part in file.indicators
                if part.aspect == one.number
            ),
        )
        for one in file.aspects
    )


def _indicator(part: IndicatorPart, levels: tuple[Level, ...]) -> Indicator:
    return Indicator(
        number=part.number,
        name=_text(part.name),
        weight=part.weight,
        aspect=part.aspect,
        levels=levels,
        criteria=tuple(_criterion(one) for one in sorted(part.criteria, key=lambda one: one.level)),
        outside=OutsideIndex(part.external.institution, part.external.index) if part.external else None,
        names_service=part.names_service,
        facts=tuple(_fact(one) for one in part.facts),
    )


def _criterion(part: CriterionPart) -> Criterion:
    annotation = _text(part.annotation) if part.annotation else None
    return Criterion(part.level, part.text, part.cumulative, annotation)


def _fact(part: FactPart) -> FactRule:
    return FactRule(part.key, part.contradicts_above, part.when_below)


def _assumptions(file: InstrumentFile) -> tuple[str, ...]:
    parts = {
        "years": file.years.source,
        "rounding": file.rounding.source,
        "bands": file.band_rule.source,
        "target": file.target.source,
        "stages": file.stages.source,
        "criteria": file.criteria.source,
    }
    return tuple(f"{name}: {source}" for name, source in parts.items())
