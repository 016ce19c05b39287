"""The names that a definition's rules may use, with their types, and the order in which values become known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from terpadu.casework.definitions.form import FieldSpec, Read, Source
from terpadu.casework.definitions.language import (
    DATE,
    FILE,
    NUMBER,
    PERSON,
    TEXT,
    YES_NO,
    Rule,
    RuleRefused,
    Type,
    parse_rule,
)
from terpadu.casework.definitions.model import Definition
from terpadu.casework.enums import FieldType

APPLICANT = Type("record", members={"id": PERSON, "nama": TEXT, "tgl_lahir": DATE, "jenis_kelamin": TEXT})
OUTPUT = Type("record", members={"number": TEXT, "issued_on": DATE, "valid_until": DATE})
NIK_NAMES = {"applicant.nik", "subject.nik"}
READ_TYPES: Mapping[str, Type] = {
    "text": TEXT,
    "number": NUMBER,
    "date": DATE,
    "yes_no": YES_NO,
    "person": PERSON,
}
FIELD_TYPES: Mapping[FieldType, Type] = {
    FieldType.TEXT: TEXT,
    FieldType.LONG_TEXT: TEXT,
    FieldType.CHOICE: TEXT,
    FieldType.REGION: TEXT,
    FieldType.NUMBER: NUMBER,
    FieldType.DATE: DATE,
    FieldType.YES_NO: YES_NO,
    FieldType.STATEMENT: YES_NO,
    FieldType.CHOICES: Type("list", item=TEXT),
    FieldType.PERSON: PERSON,
    FieldType.FILE: FILE,
    FieldType.PHOTO: FILE,
}


@dataclass(frozen=True)
class Origin:
    """A value that is made by rules: a computed or prefilled field, or a fact of the subject.

    path: where the rules stand in the file. key: "field:<id>" or "subject:<fact>". rules: tried in order.
    """

    path: tuple[str | int, ...]
    key: str
    rules: tuple[str, ...]


def read_type(read: Read) -> Type:
    """Return the type of what is read out of a register's answer."""
    if read.type == "list":
        members = {name: read_type(member) for name, member in (read.of or {}).items()}
        return Type("list", item=Type("record", members=members))
    return READ_TYPES[read.type]


def source_type(source: Source) -> Type:
    """Return the record of everything a source reads."""
    return Type("record", members={name: read_type(read) for name, read in source.reads.items()})


def plain_scope(definition: Definition) -> dict[str, Type]:
    """Return the names that need no rule: the applicant, the sources, the fields that are answered, the evidence."""
    scope: dict[str, Type] = {"applicant": APPLICANT}
    scope |= {name: source_type(source) for name, source in definition.sources.items()}
    scope |= {item.id: FILE for item in definition.evidence}
    for field in definition.fields.values():
        found = _child_type(field, scope) if field.type is FieldType.CHILD else FIELD_TYPES.get(field.type)
        if found:
            scope[field.id] = found
    return scope


def _child_type(field: FieldSpec, scope: Mapping[str, Type]) -> Type | None:
    parts = (field.options_from or "").split(".")
    found: Type | None = scope.get(parts[0])
    for part in parts[1:]:
        found = found.members.get(part) if found else None
    return found.item if found else None


def origins(definition: Definition) -> Iterator[Origin]:
    """Yield all values that rules make, in the order of the file."""
    for page_index, page in enumerate(definition.pages):
        for index, field in enumerate(page.fields):
            path = ("pages", page_index, "fields", index)
            if field.value:
                yield Origin((*path, "value"), f"field:{field.id}", (field.value,))
            elif field.prefill:
                yield Origin((*path, "prefill"), f"field:{field.id}", field.prefill)
    for name, rules in definition.subject.facts.items():
        yield Origin(("subject", "facts", name), f"subject:{name}", rules)


def node_of(name: str, definition: Definition) -> str | None:
    """Return the graph node that a dotted name depends on: a field, a fact, a source, or None."""
    first, _, rest = name.partition(".")
    if first == "subject":
        return f"subject:{rest.partition('.')[0]}"
    if first in definition.sources:
        return f"source:{first}"
    return f"field:{first}" if first in definition.fields else None


def graph_of(definition: Definition, names: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return what each value depends on. names: key of an origin to the dotted names in its rules."""
    graph: dict[str, set[str]] = {}
    for key, found in names.items():
        nodes = {node_of(name, definition) for name in found}
        graph[key] = {node for node in nodes if node}
    for name, source in definition.sources.items():
        needs = {f"field:{definition.subject.field}"} if "subject.nik" in source.body.values() else set()
        graph[f"source:{name}"] = needs if definition.subject.field else set()
    return graph


def order_of(graph: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the nodes so that each comes after what it depends on. Raises graphlib.CycleError."""
    return tuple(TopologicalSorter(graph).static_order())


def full_scope(definition: Definition) -> dict[str, Type]:
    """Return every name with its type, with the subject's facts and the computed fields.

    Raises RuleRefused when a rule is wrong and CycleError when values depend on each other.
    """
    scope = plain_scope(definition)
    scope["subject"] = APPLICANT
    if definition.subject.type == "child":
        scope["subject"] = Type("record", members={"id": PERSON})
    pending = {o.key: o for o in origins(definition) if o.key not in _known(scope)}
    while pending:
        solved = {key for key, origin in pending.items() if _solve(origin, scope)}
        if not solved:
            raise CycleError("values depend on each other", sorted(pending))
        pending = {key: origin for key, origin in pending.items() if key not in solved}
    return scope


def _known(scope: Mapping[str, Type]) -> set[str]:
    return {f"field:{name}" for name in scope}


def _solve(origin: Origin, scope: dict[str, Type]) -> bool:
    kind, _, name = origin.key.partition(":")
    try:
        rule = parse_rule(origin.rules[0], scope=scope)
    except RuleRefused:
        return False
    if kind == "field":
        scope[name] = rule.type
    else:
        members = {**scope["subject"].members, name: rule.type}
        scope["subject"] = Type("record", members=members)
    return True


def names_in(rules: Iterable[Rule]) -> set[str]:
    """Return all dotted names in some rules."""
    return {name for rule in rules for name in rule.names}
