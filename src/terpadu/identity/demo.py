"""The named people of the demo country: their records, accounts and positions, made through the services."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings

from demo.population.personas import Persona, personas
from terpadu.directory.public import position_create, position_list
from terpadu.identity.enums import ProofingMethod
from terpadu.identity.selectors.accounts import account_of, assignments_of
from terpadu.identity.services.accounts import account_create
from terpadu.identity.services.assignments import assignment_create
from terpadu.identity.services.demo_accounts import DEMO_PASSWORD, has_account
from terpadu.identity.services.demo_applications import seed_applications
from terpadu.identity.services.persons import person_ensure
from terpadu.identity.services.proofing import proofing_record
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today

IN_OFFICE_SINCE = date(2024, 1, 2)
ADMINISTRATORS = {"yoga": ("administrator_instansi", "Administrator Instansi")}
"""Who administers an agency's people beside their other position: kind and title."""


def seed() -> None:
    """Make the personas that are not there yet: everybody a record, adults an account, officers their position."""
    by = Actor.system("demo")
    for persona in personas().values():
        person_id = person_ensure(
            nik=persona.nik, name=persona.name, birth_on=persona.birth_on, sex=persona.sex, by=by
        )
        if has_account(persona) and account_of(person_id) is None:
            account_create(person_id, password=DEMO_PASSWORD, by=by)
            proofing_record(person_id, method=ProofingMethod.REGISTRY, by=by)
        _appoint(persona, person_id, by=by)
        _make_administrator(persona, person_id, by=by)
    seed_applications(settings.DEMO_APPLICATIONS)


def _appoint(persona: Persona, person_id: UUID, *, by: Actor) -> None:
    if persona.position is None or persona.agency is None or assignments_of(person_id, on=today()):
        return
    for position in position_list(persona.agency):
        if position.kind == persona.position:
            assignment_create(person_id=person_id, position_id=position.id, valid_from=IN_OFFICE_SINCE, by=by)
            return


def _make_administrator(persona: Persona, person_id: UUID, *, by: Actor) -> None:
    if persona.key not in ADMINISTRATORS or persona.agency is None:
        return
    kind, title = ADMINISTRATORS[persona.key]
    held = {view.position.kind for view in assignments_of(person_id, on=today())}
    if held and kind not in held:  # nobody holds anything while the agency is not there
        made = position_create(agency_code=persona.agency, kind=kind, title=title, by=by)
        assignment_create(person_id=person_id, position_id=made.id, valid_from=IN_OFFICE_SINCE, by=by)
