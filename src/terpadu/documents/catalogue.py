"""The kinds of documents of this installation: `kinds/<kind>/kind.yaml`, read once and checked before use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from terpadu.documents.errors import KindInvalid, KindUnknown
from terpadu.documents.rules import FactRule, FactType, Kind

KINDS = Path(__file__).parent / "kinds"
Words = Annotated[str, Field(min_length=1)]


class Texts(BaseModel):
    """A text in both languages; neither may be missing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Words
    en: Words


class FactFile(BaseModel):
    """The shape of one fact in a kind's file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: FactType = "text"
    label: Texts
    required: bool = True
    choices: dict[str, Texts] = {}


class KindFile(BaseModel):
    """The shape of a kind's file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    version: Annotated[int, Field(ge=1)]
    title: Texts
    basis: Words
    template: Annotated[str, Field(pattern=r"^[a-z_]+/[a-z_]+\.typ$")]
    name_fact: str
    facts: dict[str, FactFile]

    @model_validator(mode="after")
    def _name_fact_exists(self) -> KindFile:
        if self.name_fact not in self.facts or not self.facts[self.name_fact].required:
            raise ValueError("name_fact must be a required fact")
        return self


def load_kind(path: Path) -> Kind:
    """Read one kind's file. Raises KindInvalid with the folder's name and the fault."""
    try:
        file = KindFile.model_validate(YAML(typ="safe").load(path.read_text("utf-8")))
    except (YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise KindInvalid(folder=path.parent.name, fault=str(error)[:300]) from error
    if file.kind != path.parent.name or not (path.parent.parent / file.template).is_file():
        raise KindInvalid(
            folder=path.parent.name, fault="kind is not the folder's name, or its template is missing"
        )
    rules = {name: FactRule(**fact.model_dump()) for name, fact in file.facts.items()}
    return Kind(**{**file.model_dump(exclude={"facts"}), "facts": rules})


@cache
def kinds(folder: Path = KINDS) -> dict[str, Kind]:
    """Return all kinds of a folder by name. Raises KindInvalid at the first faulty one."""
    return {kind.kind: kind for kind in map(load_kind, sorted(folder.glob("*/kind.yaml")))}


def kind_get(name: str) -> Kind:
    """Return a kind by name. Raises KindUnknown."""
    try:
        return kinds()[name]
    except KeyError as error:
        raise KindUnknown(kind=name) from error
