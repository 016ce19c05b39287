"""The door of identity."""

from terpadu.identity.policies.access import (
    current_actor,
    current_person,
    current_position,
    current_principal,
    officer_required,
    own_session_required,
    signed_in_required,
)
from terpadu.identity.policies.acting import Representation, acting_allowed, representation_of
from terpadu.identity.policies.agency_login import check_own_account
from terpadu.identity.policies.authentication import authentication_of, step_up, step_up_required
from terpadu.identity.policies.sharing import check_sharing, is_sharing_limited
from terpadu.identity.rules.accounts import names_match
from terpadu.identity.rules.assurance import Authentication
from terpadu.identity.rules.mandates import FamilyMember
from terpadu.identity.rules.rights import DataSection
from terpadu.identity.selectors.accounts import (
    AssignmentView,
    PersonView,
    assignments_of,
    holders_of,
    person_find_by_nik,
    person_get,
    person_many,
)
from terpadu.identity.selectors.mandates import MandateView, acting_names, acting_options
from terpadu.identity.selectors.proofing import ProofingView, proofing_of
from terpadu.identity.selectors.provider.launcher import LaunchView, applications_to_launch
from terpadu.identity.selectors.provider.sign_ins import SignInCount, sign_ins_by_client
from terpadu.identity.selectors.rights import restrictions_of
from terpadu.identity.services.acting import acting_start, acting_stop
from terpadu.identity.services.assignments import account_holder_find, assignment_create
from terpadu.identity.services.catalogue import register_service_names
from terpadu.identity.services.faces import FaceAnswer, FaceMatcher, register_face_matcher
from terpadu.identity.services.mandates import use_record
from terpadu.identity.services.persons import (
    nik_reveal,
    person_ensure,
    pseudonym_of_nik,
    subject_pseudonym,
)
from terpadu.identity.services.population import (
    FamilyCheck,
    PopulationAnswer,
    PopulationCheck,
    register_family_check,
    register_population_check,
)
from terpadu.identity.services.provider.guards import Once, take_once
from terpadu.identity.services.relying_parties import (
    RelyingPartyView,
    relying_parties_for,
)
from terpadu.identity.services.rights import explanation_ask, register_data_section
from terpadu.identity.services.tries import Limit, try_take

__all__ = [
    "AssignmentView",
    "Authentication",
    "DataSection",
    "FaceAnswer",
    "FaceMatcher",
    "FamilyCheck",
    "FamilyMember",
    "LaunchView",
    "Limit",
    "MandateView",
    "Once",
    "PersonView",
    "PopulationAnswer",
    "PopulationCheck",
    "ProofingView",
    "RelyingPartyView",
    "Representation",
    "SignInCount",
    "account_holder_find",
    "acting_allowed",
    "acting_names",
    "acting_options",
    "acting_start",
    "acting_stop",
    "applications_to_launch",
    "assignment_create",
    "assignments_of",
    "authentication_of",
    "check_own_account",
    "check_sharing",
    "current_actor",
    "current_person",
    "current_position",
    "current_principal",
    "explanation_ask",
    "holders_of",
    "is_sharing_limited",
    "names_match",
    "nik_reveal",
    "officer_required",
    "own_session_required",
    "person_ensure",
    "person_find_by_nik",
    "person_get",
    "person_many",
    "proofing_of",
    "pseudonym_of_nik",
    "register_data_section",
    "register_face_matcher",
    "register_family_check",
    "register_population_check",
    "register_service_names",
    "relying_parties_for",
    "representation_of",
    "restrictions_of",
    "sign_ins_by_client",
    "signed_in_required",
    "step_up",
    "step_up_required",
    "subject_pseudonym",
    "take_once",
    "try_take",
    "use_record",
]
