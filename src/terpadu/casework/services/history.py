"""The history of a case: events that nobody can change, each with the hash of the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import rfc8785

from terpadu.casework.models import Case, CaseEvent
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now


def event_add(case: Case, kind: str, *, by: Actor, facts: Mapping[str, Any] | None = None) -> CaseEvent:
    """Add an event to a case whose row is held (or was just made) by this transaction."""
    last = case.events.order_by("-seq").first()
    event = CaseEvent(
        person_id=case.person_id,
        case=case,
        seq=last.seq + 1 if last else 1,
        at=now(),
        kind=kind,
        step_id=case.step_id,
        actor_kind=by.kind,
        actor_person_id=by.person_id,
        actor_position=by.position,
        facts=dict(facts or {}),
        previous_hash=last.hash if last else "",
    )
    event.hash = hash_of(event)
    event.save(force_insert=True)
    return event


def hash_of(event: CaseEvent) -> str:
    """Return the sha-256 of an event's canonical JSON (RFC 8785), which includes the hash of the one before."""
    content = {
        "case": str(event.case_id),
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(),
        "kind": event.kind,
        "step": event.step_id,
        "actor": [event.actor_kind, str(event.actor_person_id or ""), event.actor_position],
        "facts": event.facts,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def first_broken(case: Case) -> int | None:
    """Return the number of the first event whose chain does not hold, None when all do."""
    previous = ""
    for event in case.events.order_by("seq"):
        if event.previous_hash != previous or event.hash != hash_of(event):
            return event.seq
        previous = event.hash
    return None
