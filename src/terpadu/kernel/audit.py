"""The audit trail: one call in each service that changes something."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from terpadu.kernel.actors import Actor
from terpadu.kernel.models import AuditEvent

Fact = str | int | bool | None


def record(
    event: str, *, by: Actor, about_kind: str, about_id: UUID | str, facts: Mapping[str, Fact] | None = None
) -> None:
    """Write one audit event in the current transaction.

    event: past-tense name with its domain, such as "casework.case_submitted". facts: values without personal data.
    """
    AuditEvent.objects.create(
        event=event,
        actor_kind=by.kind,
        actor_person_id=by.person_id,
        actor_agency=by.agency,
        actor_position=by.position,
        represented_person_id=by.represented_id,
        about_kind=about_kind,
        about_id=str(about_id),
        facts=dict(facts or {}),
    )
