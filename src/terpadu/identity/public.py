"""The door of identity."""

from terpadu.identity.policies.access import (
    current_actor,
    current_person,
    current_position,
    officer_required,
    signed_in_required,
)
from terpadu.identity.rules.accounts import names_match
from terpadu.identity.selectors.accounts import (
    AssignmentView,
    PersonView,
    assignments_of,
    holders_of,
    person_find_by_nik,
    person_get,
    person_many,
)
from terpadu.identity.services.assignments import assignment_create
from terpadu.identity.services.persons import nik_reveal, person_ensure, subject_pseudonym
from terpadu.identity.services.population import (
    PopulationAnswer,
    PopulationCheck,
    register_population_check,
)

__all__ = [
    "AssignmentView",
    "PersonView",
    "PopulationAnswer",
    "PopulationCheck",
    "assignment_create",
    "assignments_of",
    "current_actor",
    "current_person",
    "current_position",
    "holders_of",
    "names_match",
    "nik_reveal",
    "officer_required",
    "person_ensure",
    "person_find_by_nik",
    "person_get",
    "person_many",
    "register_population_check",
    "signed_in_required",
    "subject_pseudonym",
]
