"""The templates of this installation: `notices/<key>.v<version>.yaml`, read once and checked before use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from terpadu.messaging.errors import TemplateInvalid, TemplateUnknown
from terpadu.messaging.rules import PlaceholderType, Template, template_faults

NOTICES = Path(__file__).parent / "notices"


class NoticeFile(BaseModel):
    """The shape of a template file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,39}$")]
    version: Annotated[int, Field(ge=1)]
    subject: dict[str, str]
    body: dict[str, str]
    action: dict[str, str]
    placeholders: dict[str, PlaceholderType] = {}


def load_template(path: Path) -> Template:
    """Read one template file. Raises TemplateInvalid with the file's name and its faults."""
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
        notice = NoticeFile.model_validate(content)
    except (YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise TemplateInvalid(file=path.name, fault=str(error)[:300]) from error
    template = Template(**notice.model_dump())
    faults = template_faults(template)
    if path.name != f"{template.key}.v{template.version}.yaml":
        faults.append("file name, key and version differ")
    if faults:
        raise TemplateInvalid(file=path.name, fault="; ".join(faults))
    return template


@cache
def templates(folder: Path = NOTICES) -> dict[tuple[str, int], Template]:
    """Return all templates of a folder by key and version. Raises TemplateInvalid at the first faulty file."""
    found = [load_template(path) for path in sorted(folder.glob("*.yaml"))]
    return {(template.key, template.version): template for template in found}


def latest(key: str) -> Template:
    """Return the newest version of a template. Raises TemplateUnknown."""
    versions = [version for name, version in templates() if name == key]
    if not versions:
        raise TemplateUnknown(template=key)
    return templates()[key, max(versions)]


def exactly(key: str, version: int) -> Template:
    """Return one version of a template, the one that a stored message was sent with. Raises TemplateUnknown."""
    try:
        return templates()[key, version]
    except KeyError as error:
        raise TemplateUnknown(template=key, version=version) from error
