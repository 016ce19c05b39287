"""The dated reference data that comes along: the national architecture, weights of completeness, words of columns."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from ruamel.yaml import YAML

from terpadu.portfolio.enums import CHOICES
from terpadu.portfolio.rules.cells import Vocabulary, plain
from terpadu.portfolio.rules.completeness import Part
from terpadu.portfolio.rules.headings import Synonyms
from terpadu.portfolio.rules.reference import ReferenceArchitecture, ReferenceList

HERE = Path(__file__).resolve().parent / "data"


@cache
def reference_architecture() -> ReferenceArchitecture:
    """Return the reference architecture in force (Perpres 132/2022). Read once for each process."""
    document = _read("reference-architecture.yaml")
    return ReferenceArchitecture(
        version=document["version"],
        title=document["title"],
        legal_basis=document["legal_basis"],
        in_force_from=document["in_force_from"],
        in_force_until=document["in_force_until"],
        lists={
            key: ReferenceList(key, one["name"]["id"], one["name"]["en"], one["trust"], dict(one["codes"]))
            for key, one in document["lists"].items()
        },
    )


@cache
def completeness_parts() -> tuple[Part, ...]:
    """Return the weighted parts of completeness."""
    return tuple(
        Part(one["key"], one["weight"], tuple(one["fields"]), tuple(one.get("states", ())))
        for one in _read("completeness.yaml")["parts"]
    )


@cache
def vocabulary() -> Vocabulary:
    """Return what the words of choices and the codes of the architecture mean."""
    choices = {
        field: {
            **_labels(field),
            **{plain(form): key for key, forms in keys.items() for form in (key, *forms)},
        }
        for field, keys in _read("columns.yaml")["choices"].items()
    }
    return Vocabulary(choices=choices, codes=reference_architecture().codes)


def _labels(field: str) -> dict[str, str]:
    """Return the key of each label that pages show, in every language: who copies it into a list is understood."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {plain(str(one.label)): str(one.value) for one in CHOICES[field]}
    return found


@cache
def synonyms() -> Synonyms:
    """Return how columns are called."""
    document = _read("columns.yaml")
    targets = {plain(form): field for field, forms in document["columns"].items() for form in (field, *forms)}
    return Synonyms(targets=targets, cost_words=document["cost_words"])


def _read(name: str) -> Any:
    return YAML(typ="safe").load((HERE / name).read_text(encoding="utf-8"))
