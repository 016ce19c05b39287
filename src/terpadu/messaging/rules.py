"""Rules of templates and contexts: what may stand in a message and how it is written in a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PlaceholderType = Literal["text", "texts", "date", "moment", "number", "rupiah"]
LANGUAGES = ("id", "en")

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# Content rule: no identity number and no health finding in any message (it may be read aloud on a shared phone).
_FORBIDDEN_NAME = re.compile(r"(^|_)(nik|kk|ktp|npwp|nip|passport|diagnosis|disease)(_|$)")
_IDENTITY_NUMBER = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")


@dataclass(frozen=True)
class Template:
    """One version of a notice.

    subject, body, action: text by language ("id", "en") with `{placeholders}`; action is the words of the link.
    placeholders: name -> type of the value.
    """

    key: str
    version: int
    subject: Mapping[str, str]
    body: Mapping[str, str]
    action: Mapping[str, str]
    placeholders: Mapping[str, PlaceholderType]


def placeholders_in(text: str) -> set[str]:
    """Return the names of the placeholders in a text."""
    return set(_PLACEHOLDER.findall(text))


def template_faults(template: Template) -> list[str]:
    """Return every reason why a template may not be used, in the order of its fields; empty when it is sound."""
    faults: list[str] = []
    for field in ("subject", "body", "action"):
        faults += _language_faults(field, getattr(template, field))
    used = {lang: _used_in(template, lang) for lang in LANGUAGES}
    for lang in LANGUAGES:
        faults += [
            f"{lang} uses unknown placeholder {name}"
            for name in sorted(used[lang] - set(template.placeholders))
        ]
    declared = set(template.placeholders)
    faults += [f"placeholder {name} is never used" for name in sorted(declared - used["id"] - used["en"])]
    faults += [
        f"placeholder {name} may not be in a message"
        for name in sorted(declared)
        if _FORBIDDEN_NAME.search(name)
    ]
    return faults


def _used_in(template: Template, lang: str) -> set[str]:
    texts = (template.subject, template.body, template.action)
    return set().union(*(placeholders_in(text.get(lang, "")) for text in texts))


def _language_faults(field: str, texts: Mapping[str, str]) -> list[str]:
    faults = [f"{field} lacks language {lang}" for lang in LANGUAGES if not texts.get(lang, "").strip()]
    for lang, text in texts.items():
        if lang not in LANGUAGES:
            faults.append(f"{field} has unknown language {lang}")
        if "{" in (rest := _PLACEHOLDER.sub("", text)) or "}" in rest:
            faults.append(f"{field} in {lang} has a stray brace")
    return faults


def context_faults(template: Template, context: Mapping[str, object]) -> list[str]:
    """Return why a context does not fit a template; never quotes a value, because it may be personal."""
    faults = [f"{name} is missing" for name in sorted(set(template.placeholders) - set(context))]
    faults += [f"{name} is unknown" for name in sorted(set(context) - set(template.placeholders))]
    for name, kind in template.placeholders.items():
        if name in context and not _fits(kind, context[name]):
            faults.append(f"{name} is not of type {kind}")
        elif any(_IDENTITY_NUMBER.search(text) for text in _texts_of(context.get(name))):
            faults.append(f"{name} carries an identity number")
    return faults


def _fits(kind: PlaceholderType, value: object) -> bool:
    if kind == "texts":
        return (
            isinstance(value, dict)
            and set(value) == set(LANGUAGES)
            and all(isinstance(v, str) for v in value.values())
        )
    if kind in ("number", "rupiah"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and bool(value)


def _texts_of(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for text in value.values() if isinstance(text, str)]
    return [value] if isinstance(value, str) else []


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put written values into a text; a value is never read as a template itself."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)
