"""Publishing of service definitions: checked as a whole, then kept for ever as one version."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from django.db import IntegrityError, transaction

from terpadu.casework.definitions.checking import Checked, check_definition
from terpadu.casework.definitions.model import Definition
from terpadu.casework.errors import DefinitionRefused, Problem, VersionTaken
from terpadu.casework.models import ServiceDefinition
from terpadu.kernel import audit
from terpadu.kernel.actors import Actor

CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "services"
LARGEST_BYTES = 1_000_000


def definition_paths() -> list[Path]:
    """Return the definition files that come with the platform, by agency and slug."""
    return sorted(CATALOGUE.glob("*/*/service.yaml"))


def definition_check(path: Path) -> Definition:
    """Run every publishing check on a file and return the definition. Raises DefinitionRefused. No queries."""
    return check_definition(_read(path)).definition


def definition_publish(path: Path, *, by: Actor) -> ServiceDefinition:
    """Publish the version of a service that a file describes; publishing the same content again changes nothing.

    Returns the version's row. Raises DefinitionRefused, and VersionTaken when this version has other content.
    """
    text = _read(path)
    checked = check_definition(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        with transaction.atomic():
            return _insert(checked, text, digest, by=by)
    except IntegrityError:
        return _same(checked.definition, digest)


def _insert(checked: Checked, text: str, digest: str, *, by: Actor) -> ServiceDefinition:
    definition = checked.definition
    row = ServiceDefinition.objects.create(
        service_id=definition.id,
        version=definition.version,
        agency_code=definition.agency.code,
        life_events=[event.value for event in definition.life_events],
        search_text=" ".join(
            (definition.name.id, definition.name.en, definition.summary.id, definition.summary.en)
        ),
        source=text,
        content=json.dumps(checked.document.value, ensure_ascii=False),
        content_hash=digest,
        published_by=by.label,
    )
    facts: dict[str, audit.Fact] = {
        "service": definition.id,
        "version": definition.version,
        "hash": digest[:16],
    }
    audit.record(
        "casework.definition_published", by=by, about_kind="definition", about_id=row.id, facts=facts
    )
    return row


def _same(definition: Definition, digest: str) -> ServiceDefinition:
    row = ServiceDefinition.objects.get(service_id=definition.id, version=definition.version)
    if row.content_hash != digest:
        raise VersionTaken(service=definition.id, version=definition.version)
    return row


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _unreadable("the file is too large", "Keep it under 200000 characters.")
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise _unreadable("the file is not UTF-8 text", "Save it as UTF-8.") from None
    except OSError as error:
        raise _unreadable(f"the file cannot be read: {error.strerror}", "Check the path.") from None


def _unreadable(message: str, remedy: str) -> DefinitionRefused:
    return DefinitionRefused((Problem(line=0, where="file", message=message, remedy=remedy),))
