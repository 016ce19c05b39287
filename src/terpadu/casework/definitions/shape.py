"""From a loaded file to the model: every fault of shape becomes a problem with its line and a remedy."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from terpadu.casework.definitions.loading import Document, Path
from terpadu.casework.definitions.model import Definition
from terpadu.casework.definitions.unsupported import not_yet
from terpadu.casework.errors import DefinitionRefused, Problem

MISSING: dict[str, tuple[str, str]] = {
    "id": ("a text lacks its Indonesian", 'Write {id: "…", en: "…"}.'),
    "en": ("a text lacks its English", 'Write {id: "…", en: "…"}.'),
    "calendar": ("the time limit has no calendar", "Write: calendar: national."),
    "verify": ("the output has no way to verify it", "Write: verify: qr."),
    "retain_years": ("it is not said how long data is kept", "Write retain_years and its basis."),
    "privacy": ("it is not said how long data is kept", "Write privacy with retain_years and drafts_days."),
    "basis": ("the article is missing", "Name the law and the article."),
    "declaration": (
        "the applicant's declaration is missing",
        "Write what the applicant declares when sending.",
    ),
}


def shape(document: Document) -> Definition:
    """Return the definition of a loaded file. Raises DefinitionRefused with all faults of shape."""
    planned = tuple(not_yet(document))
    taken = {problem.where for problem in planned}
    try:
        definition = Definition.model_validate(document.value)
    except ValidationError as error:
        faults = (_problem(document, fault) for fault in error.errors(include_url=False))
        raise DefinitionRefused((*planned, *(f for f in faults if f.where not in taken))) from None
    if planned:
        raise DefinitionRefused(planned)
    return definition


def _problem(document: Document, fault: Any) -> Problem:
    path = tuple(part for part in fault["loc"] if part != "[key]")
    where = ".".join(str(part) for part in path) or "file"
    message, remedy = _words(document, path, fault)
    return Problem(line=document.line_of(path), where=where, message=message, remedy=remedy)


def _words(document: Document, path: Path, fault: Any) -> tuple[str, str]:
    last = str(path[-1]) if path else "file"
    if fault["type"] == "missing":
        is_text = last in ("id", "en") and _is_text(document, path)
        if last in MISSING and (is_text or last not in ("id", "en")):
            return MISSING[last]
        return f"'{last}' is missing", f"Add {last} here."
    if fault["type"] == "extra_forbidden":
        known = _known_words(path)
        close = get_close_matches(last, known, n=1)
        remedy = f"Did you mean {close[0]}?" if close else f"Known words: {', '.join(known)}."
        return f"'{last}' is not a word of the language", remedy
    return str(fault["msg"]), "Correct the value."


def _is_text(document: Document, path: Path) -> bool:
    value: Any = document.value
    for part in path[:-1]:
        value = value[part]
    return isinstance(value, dict) and set(value) <= {"id", "en"}


def _known_words(path: Path) -> list[str]:
    """Walk the model along a path and return the words of the part that it ends in."""
    current: Any = Definition
    for part in path[:-1]:
        current = _step(current, part)
        if current is None:
            return []
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return sorted(current.model_fields) if is_model else []


def _step(current: Any, part: str | int) -> Any:
    """Enter a word of a model; an index or a free key stays in the model that its container holds."""
    if isinstance(current, type) and issubclass(current, BaseModel):
        field = current.model_fields.get(str(part))
        return _model_in(field.annotation) if field else current
    return current


def _model_in(annotation: Any) -> Any:
    """Return the model that an annotation such as tuple[Page, ...] or dict[str, Source] | None holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model_in(part) for part in getattr(annotation, "__args__", ())]
    return next((model for model in found if model is not None), None)
