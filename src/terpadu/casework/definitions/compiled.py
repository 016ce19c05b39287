"""A definition made ready to run: its rules parsed once, its values in the order in which they become known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from terpadu.casework.definitions.evaluation import Value, evaluate
from terpadu.casework.definitions.form import Eligibility, Evidence
from terpadu.casework.definitions.language import Rule, Type, parse_rule
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.scope import OUTPUT, full_scope, graph_of, names_in, order_of, origins
from terpadu.casework.enums import FieldType

OTHERWISE = "_otherwise"
"""The answer of a list that says: what I need is not in it."""


@dataclass(frozen=True)
class Route:
    """The way of one applicant through a service, as far as the answers tell.

    pages: in order. evidence: what must be uploaded. stopped: the first condition known to be false.
    unknown: conditions that nobody could check, for the officer.
    """

    pages: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    stopped: Eligibility | None
    unknown: tuple[Eligibility, ...]


class Compiled:
    """A checked definition with its rules. Made from a definition that passed the publishing checks."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.scope = full_scope(definition)
        self._rules: dict[tuple[str, str], Rule] = {}

    def rule(self, source: str, *, extra: Mapping[str, Type] | None = None) -> Rule:
        """Return the parsed rule. extra: names known only here, such as `row` or `output`."""
        key = (source, ",".join(sorted(extra or {})))
        if key not in self._rules:
            self._rules[key] = parse_rule(source, scope={**self.scope, **(extra or {})})
        return self._rules[key]

    @cached_property
    def graph(self) -> dict[str, set[str]]:
        """What each value depends on, by node."""
        found = {o.key: names_in(self.rule(text) for text in o.rules) for o in origins(self.definition)}
        return graph_of(self.definition, found)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes, each after what it depends on."""
        return order_of(self.graph)

    @cached_property
    def _origins(self) -> dict[str, tuple[str, ...]]:
        return {origin.key: origin.rules for origin in origins(self.definition)}

    def environment(
        self,
        *,
        applicant: Mapping[str, Value],
        sources: Mapping[str, Mapping[str, Value] | None],
        answers: Mapping[str, Value],
        today: date,
    ) -> dict[str, Value]:
        """Return all values that rules can see.

        applicant: id, nama, tgl_lahir, jenis_kelamin. sources: what was read, None for a register without an answer.
        answers: by field id, in Python types. Locked fields count as answered with their prefill; a later answer wins.
        """
        values: dict[str, Value] = {**sources, **_given(answers), "applicant": dict(applicant)}
        values["subject"] = self._subject(applicant, answers)
        for node in self.order:
            kind, _, name = node.partition(":")
            if node not in self._origins:
                continue
            if kind == "subject":
                values["subject"][name] = self._first(self._origins[node], values, today)
            elif values.get(name) is None and self._fills_itself(name):
                values[name] = self._first(self._origins[node], values, today)
        return values

    def _subject(self, applicant: Mapping[str, Value], answers: Mapping[str, Value]) -> dict[str, Value]:
        subject = self.definition.subject
        if subject.type == "applicant":
            return dict(applicant)
        chosen = answers.get(subject.field or "")
        return {"id": chosen.get("id") if isinstance(chosen, Mapping) else None}

    def _fills_itself(self, field_id: str) -> bool:
        field = self.definition.fields[field_id]
        return field.locked or field.type is FieldType.COMPUTED

    def _first(self, rules: tuple[str, ...], values: Mapping[str, Value], today: date) -> Value:
        for text in rules:
            value = evaluate(self.rule(text), values, today=today)
            if value is not None:
                return value
        return None

    def prefill_of(self, field_id: str, values: Mapping[str, Value], *, today: date) -> tuple[Value, str]:
        """Return a field's prefilled value and the name of the source it came from, or (None, "")."""
        for text in self.definition.fields[field_id].prefill:
            rule = self.rule(text)
            value = evaluate(rule, values, today=today)
            if value is not None:
                return value, self.source_behind(rule)
        return None, ""

    def source_behind(self, rule: Rule) -> str:
        """Return the name of the first source that a rule reads, directly or through a chosen child."""
        for name in sorted(rule.names):
            first = name.partition(".")[0]
            if first in self.definition.sources:
                return first
            field = self.definition.fields.get(first)
            if field is not None and field.options_from:
                return field.options_from.partition(".")[0]
        return ""

    def value(self, rule: Rule, values: Mapping[str, Value], *, today: date) -> Value:
        """Return the value of a parsed rule, None when it is not known."""
        return evaluate(rule, values, today=today)

    def known(self, source: str, values: Mapping[str, Value], *, today: date) -> bool | None:
        """Return the value of a yes/no rule, None when it is not known."""
        found = evaluate(self.rule(source), values, today=today)
        return found if found is None else bool(found)

    def route(self, values: Mapping[str, Value], answers: Mapping[str, Any], *, today: date) -> Route:
        """Return the pages, evidence and conditions for these values. answers: raw, with OTHERWISE where chosen."""
        conditions = [
            (item, self.known(item.rule, values, today=today)) for item in self.definition.eligibility
        ]
        return Route(
            pages=tuple(self._pages(values, answers, today)),
            evidence=tuple(
                item for item in self.definition.evidence if self.known(item.when, values, today=today)
            ),
            stopped=next((item for item, known in conditions if known is False), None),
            unknown=tuple(item for item, known in conditions if known is None),
        )

    def _pages(self, values: Mapping[str, Value], answers: Mapping[str, Any], today: date) -> list[str]:
        visited: list[str] = []
        wanted = ""  # the page an `otherwise` leads to; those in between are passed over
        for page in self.definition.pages:
            if wanted:
                if page.id != wanted:
                    continue
                wanted = ""
            elif page.only_by or (page.when and not self.known(page.when, values, today=today)):
                continue
            visited.append(page.id)
            for field in page.fields:
                if field.otherwise and answers.get(field.id) == OTHERWISE:
                    wanted = field.otherwise.goto
        return visited

    def output_rule(self, source: str) -> Rule:
        """Return a rule that may also use `output` (number, issued_on, valid_until)."""
        return self.rule(source, extra={"output": OUTPUT})

    def row_rule(self, source: str, field_id: str) -> Rule:
        """Return a rule about one `row` of a child field's list."""
        return self.rule(source, extra={"row": self.scope[field_id]})


def _given(answers: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in answers.items() if value != OTHERWISE}
