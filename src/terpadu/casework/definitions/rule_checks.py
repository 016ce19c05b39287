"""Publishing checks of every rule of a definition: names, types, cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError

from terpadu.casework.definitions.form_checks import fields_of
from terpadu.casework.definitions.language import KindName, Rule, RuleRefused, Type, parse_rule
from terpadu.casework.definitions.loading import Path
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.scope import (
    NIK_NAMES,
    OUTPUT,
    full_scope,
    graph_of,
    names_in,
    order_of,
    origins,
    plain_scope,
)
from terpadu.casework.enums import FieldType

Finding = tuple[Path, str, str]


@dataclass(frozen=True)
class Place:
    """A rule in the file. expect: the kind its value must have. extra: names known only here."""

    path: Path
    text: str
    expect: KindName | None = None
    extra: Mapping[str, Type] | None = None


def check_rules(definition: Definition) -> Iterator[Finding]:
    """Find rules that are not in the language, use unknown names or wrong types, or depend on themselves."""
    try:
        scope = full_scope(definition)
    except (CycleError, RuleRefused):
        scope = plain_scope(definition)
        yield from _origin_findings(definition, scope)
        return
    parsed: dict[str, list[Rule]] = {}
    for origin in origins(definition):
        for text in origin.rules:
            outcome = _parse(Place(origin.path, text, _kind_of(origin.key, scope)), scope)
            if isinstance(outcome, Rule):
                parsed.setdefault(origin.key, []).append(outcome)
            else:
                yield outcome
    yield from _cycle(definition, {key: names_in(rules) for key, rules in parsed.items()})
    for place in places(definition, scope):
        outcome = _parse(place, scope)
        if not isinstance(outcome, Rule):
            yield outcome


def _kind_of(key: str, scope: Mapping[str, Type]) -> KindName:
    kind, _, name = key.partition(":")
    return scope[name].kind if kind == "field" else scope["subject"].members[name].kind


def _origin_findings(definition: Definition, scope: Mapping[str, Type]) -> Iterator[Finding]:
    """Say what is wrong with rules whose types could not be found, or that they depend on each other."""
    names = {origin.key.partition(":")[2] for origin in origins(definition)}
    told = False
    for origin in origins(definition):
        for text in origin.rules:
            outcome = _parse(Place(origin.path, text), scope)
            if not isinstance(outcome, Rule) and not any(f"'{name}'" in outcome[1] for name in names):
                told = True
                yield outcome
    if not told:
        origin = next(iter(origins(definition)))
        message = f"values depend on each other: {', '.join(sorted(names))}"
        yield (
            origin.path[:-1],
            message,
            "Break the circle: one of them must come from an answer or a register.",
        )


def _cycle(definition: Definition, names: Mapping[str, set[str]]) -> Iterator[Finding]:
    try:
        order_of(graph_of(definition, names))
    except CycleError as error:
        circle = " → ".join(str(node).partition(":")[2] for node in error.args[1])
        where = next((o.path for o in origins(definition) if o.key in error.args[1]), ("pages",))
        yield where, f"values depend on each other: {circle}", "Break the circle."


def _parse(place: Place, scope: Mapping[str, Type]) -> Rule | Finding:
    try:
        return parse_rule(place.text, scope={**scope, **(place.extra or {})}, expect=place.expect)
    except RuleRefused as refused:
        return place.path, refused.message, refused.remedy


def places(definition: Definition, scope: Mapping[str, Type]) -> Iterator[Place]:
    """Yield every rule of the file that is no origin of a value."""
    for index, condition in enumerate(definition.eligibility):
        yield Place(("eligibility", index, "rule"), condition.rule, "yes_no")
    for index, page in enumerate(definition.pages):
        if page.when:
            yield Place(("pages", index, "when"), page.when, "yes_no")
    for index, item in enumerate(definition.evidence):
        yield Place(("evidence", index, "when"), item.when, "yes_no")
    for index, step in enumerate(definition.steps):
        for number, check in enumerate(step.checks):
            if check.auto:
                yield Place(("steps", index, "checks", number, "auto"), check.auto, "yes_no")
    yield from _field_places(definition, scope)
    yield from _output_places(definition)


def _field_places(definition: Definition, scope: Mapping[str, Type]) -> Iterator[Place]:
    for path, _, field in fields_of(definition):
        if field.type is FieldType.DATE:
            for word in ("earliest", "latest"):
                if getattr(field, word):
                    yield Place((*path, word), getattr(field, word), "date")
        if field.options_when and field.id in scope:
            yield Place((*path, "options_when"), field.options_when, "yes_no", {"row": scope[field.id]})


def _output_places(definition: Definition) -> Iterator[Place]:
    for name, source in definition.sources.items():
        yield from _body(("sources", name, "body"), source.body, None)
    for name, push in definition.pushes.items():
        yield from _body(("pushes", name, "body"), push.body, {"output": OUTPUT})
    for name, output in definition.outputs.items():
        yield from _body(("outputs", name, "facts"), output.facts, None)
        if output.valid_until:
            yield Place(("outputs", name, "valid_until"), output.valid_until, "date")


def _body(path: Path, body: Mapping[str, str], extra: Mapping[str, Type] | None) -> Iterator[Place]:
    for key, text in body.items():
        if text not in NIK_NAMES:
            yield Place((*path, key), text, None, extra)
