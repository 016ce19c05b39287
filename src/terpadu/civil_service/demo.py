"""The officers of the demo country as employees, made through the services."""

from __future__ import annotations

from demo.population.personas import personas
from terpadu.civil_service.selectors import employee_find
from terpadu.civil_service.services import employee_register
from terpadu.identity.public import assignments_of, person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today


def seed() -> None:
    """Register every persona who holds a position and has an NIP; needs identity's demo first. Repeatable."""
    by = Actor.system("demo")
    for persona in personas().values():
        person_id = person_find_by_nik(persona.nik) if persona.nip else None
        if person_id is None or persona.nip is None or employee_find(person_id):
            continue
        for held in assignments_of(person_id, on=today())[:1]:
            employee_register(
                person_id=person_id,
                nip=persona.nip,
                agency_code=held.position.agency.code,
                title=held.position.title,
                by=by,
            )
