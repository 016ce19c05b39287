"""The files of the exchange on disk: four lists in YAML, and the OpenAPI documents in a folder beside them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import YAMLError

from terpadu.exchange.rules.manifest import Manifest

LISTS = ("agencies", "interfaces", "purposes", "contracts")
DOCUMENTS = "openapi"


class FilesInvalid(ValueError):
    """The files cannot be read; the text names the file and the place."""


def write_manifest(folder: Path, manifest: Manifest, documents: Mapping[str, str]) -> None:
    """Write the files into a folder; the same content gives the same bytes."""
    (folder / DOCUMENTS).mkdir(parents=True, exist_ok=True)
    members = manifest.model_dump(mode="json")
    for name in LISTS:
        (folder / f"{name}.yaml").write_text(_text_of(members[name]), encoding="utf-8")
    for name, text in documents.items():
        (folder / DOCUMENTS / name).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Return the files of a folder and its OpenAPI documents by name; a list that is not there is empty.

    An interface's digest is taken from its document, so that a changed document is a change. Raises FilesInvalid.
    """
    if not folder.is_dir():
        raise FilesInvalid(f"{folder} is no folder.")
    members = {name: _list_of(folder / f"{name}.yaml") for name in LISTS}
    documents = {path.name: path.read_bytes() for path in sorted((folder / DOCUMENTS).glob("*.json"))}
    for entry in members["interfaces"]:
        document = documents.get(str(entry.get("openapi"))) if isinstance(entry, dict) else None
        if document is not None:
            entry["sha256"] = hashlib.sha256(document).hexdigest()
    try:
        return Manifest.model_validate(members), documents
    except ValidationError as error:
        first = error.errors()[0]
        name, at, *steps = first["loc"]
        place = ".".join(str(step) for step in first["loc"])
        where = line_in(folder, str(name), int(at), *steps)
        raise FilesInvalid(f"{where}: {place}: {first['msg']}") from error


def line_in(folder: Path, name: str, at: int, *steps: str | int) -> str:
    """Return file and line of an entry of a list such as "interfaces", or of the deepest of its members that is there.

    at: the entry's place. steps: members below it.
    """
    node: Any = YAML(typ="rt", pure=True).load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    line = 0
    for step in (at, *steps):
        try:
            line = (node.lc.item(step) if isinstance(node, CommentedSeq) else node.lc.key(step))[0]
            node = node[step]
        except (AttributeError, IndexError, KeyError, TypeError):
            break
    return f"{name}.yaml:{line + 1}"


def _list_of(path: Path) -> list[Any]:
    if not path.exists():
        return []
    try:
        value = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise FilesInvalid(f"{path.name}: {error}") from error
    if value is None:
        return []
    if not isinstance(value, list):
        raise FilesInvalid(f"{path.name}: a list is expected.")
    return value


def _text_of(entries: list[dict[str, Any]]) -> str:
    yaml: Any = YAML(typ="safe", pure=True)  # its options are typed by their defaults
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 120
    yaml.sort_base_mapping_type_on_output = False
    stream = io.StringIO()
    yaml.dump(entries, stream)
    return stream.getvalue()
