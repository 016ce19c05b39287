"""Publishing checks of what is asked: identifiers, words that fit the field's type, pages that can be reached, once-only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from terpadu.casework.definitions.form import FieldSpec, Page, Read
from terpadu.casework.definitions.loading import Path
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.scope import plain_scope
from terpadu.casework.enums import FieldType

Finding = tuple[Path, str, str]

RESERVED = {
    "applicant",
    "subject",
    "output",
    "row",
    "bukti",
    "periksa",
    "terkirim",
    "batal",
    "nilai",
    "pengaduan",
}
BY_TYPE: dict[str, set[FieldType]] = {
    "options": {FieldType.CHOICE, FieldType.CHOICES},
    "options_from": {FieldType.CHILD},
    "options_when": {FieldType.CHILD},
    "otherwise": {FieldType.CHILD},
    "accept": {FieldType.FILE, FieldType.PHOTO},
    "within": {FieldType.REGION},
    "value": {FieldType.COMPUTED},
    "min": {FieldType.NUMBER},
    "max": {FieldType.NUMBER},
    "longest": {FieldType.TEXT, FieldType.LONG_TEXT},
    "digits": {FieldType.TEXT},
    "is_new_name": {FieldType.TEXT},
    "earliest": {FieldType.DATE},
    "latest": {FieldType.DATE},
    "prefill": {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.NUMBER,
        FieldType.DATE,
        FieldType.CHOICE,
        FieldType.YES_NO,
        FieldType.REGION,
    },
}
NEEDED: dict[FieldType, tuple[str, ...]] = {
    FieldType.CHOICE: ("options",),
    FieldType.CHOICES: ("options",),
    FieldType.CHILD: ("options_from", "otherwise"),
    FieldType.FILE: ("accept",),
    FieldType.PHOTO: ("accept",),
    FieldType.REGION: ("within",),
    FieldType.COMPUTED: ("value",),
}
NIK_IN_TEXT = re.compile(r"\b[0-9]{16}\b|\{[a-z_.]*nik[a-z_.]*\}", re.IGNORECASE)


def fields_of(definition: Definition) -> Iterator[tuple[Path, Page, FieldSpec]]:
    """Yield every field with its path and page, in the order of the file."""
    for page_index, page in enumerate(definition.pages):
        for index, field in enumerate(page.fields):
            yield ("pages", page_index, "fields", index), page, field


def check_identifiers(definition: Definition) -> Iterator[Finding]:
    """Find identifiers that are written twice or mean something else already."""
    lists: list[tuple[str, list[tuple[Path, str]]]] = [
        ("page", [(("pages", i, "id"), page.id) for i, page in enumerate(definition.pages)]),
        ("step", [(("steps", i, "id"), step.id) for i, step in enumerate(definition.steps)]),
        ("condition", [(("eligibility", i, "id"), c.id) for i, c in enumerate(definition.eligibility)]),
        ("name", _value_names(definition)),
    ]
    for what, entries in lists:
        seen: set[str] = set()
        for path, name in entries:
            if name in seen:
                yield path, f"a second {what} is called '{name}'", "Give it a name of its own."
            if name in RESERVED:
                yield path, f"'{name}' is a word of the language", "Choose another name."
            seen.add(name)


def _value_names(definition: Definition) -> list[tuple[Path, str]]:
    sources: list[tuple[Path, str]] = [(("sources", name), name) for name in definition.sources]
    fields: list[tuple[Path, str]] = [((*path, "id"), field.id) for path, _, field in fields_of(definition)]
    evidence: list[tuple[Path, str]] = [
        (("evidence", i, "id"), item.id) for i, item in enumerate(definition.evidence)
    ]
    return [*sources, *fields, *evidence]


def check_field_words(definition: Definition) -> Iterator[Finding]:
    """Find words that a field's type does not use, and words that it needs."""
    for path, _, field in fields_of(definition):
        for word, types in BY_TYPE.items():
            if getattr(field, word) and field.type not in types:
                yield (*path, word), f"a {field.type.value} field does not use '{word}'", "Remove it."
        for word in NEEDED.get(field.type, ()):
            if not getattr(field, word):
                yield path, f"the {field.type.value} field '{field.id}' needs '{word}'", f"Add {word}."
        if field.locked and not field.prefill:
            yield (*path, "locked"), f"'{field.id}' is locked but nothing fills it", "Add prefill."
        if field.min is not None and field.max is not None and field.min > field.max:
            yield (*path, "min"), f"'{field.id}' has min above max", "Swap them."


def check_lists(definition: Definition) -> Iterator[Finding]:
    """Find lists of children that name no person and no name, and ways out that lead nowhere or back."""
    scope = plain_scope(definition)
    order = [page.id for page in definition.pages]
    for path, page, field in fields_of(definition):
        if field.type is not FieldType.CHILD:
            continue
        row = scope.get(field.id)
        if row is None or not {"id", "nama"} <= set(row.members) or row.members["id"].kind != "person":
            message = f"'{field.options_from}' is not a list of people"
            yield (*path, "options_from"), message, "Name a source's list with id (person) and nama."
        if field.otherwise and field.otherwise.goto not in order:
            yield (*path, "otherwise", "goto"), f"there is no page '{field.otherwise.goto}'", "Name a page."
        elif field.otherwise and order.index(field.otherwise.goto) <= order.index(page.id):
            yield (*path, "otherwise", "goto"), "it leads back", "Put the page after this one."


def check_reachable(definition: Definition) -> Iterator[Finding]:
    """Find pages that nothing leads to, and conditions on answers that come later."""
    targets = {f.otherwise.goto for f in definition.fields.values() if f.otherwise}
    for index, page in enumerate(definition.pages):
        if page.only_by and page.id not in targets:
            message = f"the page '{page.id}' can never be reached"
            yield (
                ("pages", index),
                message,
                "Let an `otherwise` of an earlier page lead to it, or remove only_by.",
            )
        if page.when:
            later = {f.id for other in definition.pages[index:] for f in other.fields}
            for name in sorted(later):
                if re.search(rf"\b{name}\b(?!')", page.when):
                    message = f"the page '{page.id}' depends on '{name}', which is asked later"
                    yield ("pages", index, "when"), message, "Move the page behind that question."


def check_once_only(definition: Definition) -> Iterator[Finding]:
    """Find questions whose answer a register of this service holds (once-only)."""
    held: dict[str, str] = {}
    for name, source in definition.sources.items():
        for read_name, read in source.reads.items():
            held.setdefault(read_name, name)
            held |= {row_name: held.get(row_name, name) for row_name in _row_names(read)}
    for path, page, field in fields_of(definition):
        asked = not (field.prefill or field.ask_because or page.only_by or field.type is FieldType.CHILD)
        if asked and field.id in held:
            message = f"'{field.id}' is asked although '{held[field.id]}' holds it"
            yield path, message, "Prefill it, or write ask_because for the public."


def _row_names(read: Read) -> list[str]:
    return [name for name, member in (read.of or {}).items() if member.type != "person"]


def check_reads(definition: Definition) -> Iterator[Finding]:
    """Find reads that do not say where their value stands."""
    for name, source in definition.sources.items():
        for read_name, read in source.reads.items():
            yield from _check_read(("sources", name, "reads", read_name), read)


def _check_read(path: Path, read: Read) -> Iterator[Finding]:
    if read.type == "list" and not read.of:
        yield path, "the list does not say what its rows hold", "Add of: {name: {type: …, at: …}}."
    if read.type == "person" and not read.nik:
        yield path, "the person has no pointer to the NIK", 'Add nik: "/…".'
    if read.type == "person" and len({bool(read.name), bool(read.birth_on), bool(read.sex)}) > 1:
        yield path, "name, birth_on and sex belong together", "Give all three, or none."
    if read.type not in ("person", "list") and not read.at:
        yield path, "it is not said where the value stands", 'Add at: "/…".'
    for name, member in (read.of or {}).items():
        yield from _check_read((*path, "of", name), member)


def check_subject(definition: Definition) -> Iterator[Finding]:
    """Find a subject that no field names."""
    subject = definition.subject
    if subject.type == "applicant":
        if subject.field or subject.declared_by:
            yield ("subject",), "the subject is the applicant already", "Remove field and declared_by."
        return
    for word, kind in (("field", FieldType.CHILD), ("declared_by", FieldType.PERSON)):
        field = definition.fields.get(getattr(subject, word) or "")
        if field is None or field.type is not kind:
            yield ("subject",), f"'{word}' must name a {kind.value} field", f"Add {word} and such a field."


def check_notice_texts(definition: Definition) -> Iterator[Finding]:
    """Find population numbers in texts that leave the house."""
    for moment, notice in definition.notify.items():
        for language in ("id", "en"):
            if notice.note and NIK_IN_TEXT.search(getattr(notice.note, language)):
                message = "a notice must not carry a population number"
                yield ("notify", moment, "note", language), message, "Name the case number instead."


def check_sensitive(definition: Definition) -> Iterator[Finding]:
    """Find names under privacy.sensitive that no field has."""
    known = set(definition.fields) | {item.id for item in definition.evidence}
    for index, name in enumerate(definition.privacy.sensitive):
        if name not in known:
            yield ("privacy", "sensitive", index), f"there is no field '{name}'", "Name a field or evidence."


FORM_CHECKS: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    check_identifiers,
    check_field_words,
    check_lists,
    check_reachable,
    check_once_only,
    check_reads,
    check_subject,
    check_notice_texts,
    check_sensitive,
)
