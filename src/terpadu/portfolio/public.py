"""The door of the portfolio: the inventory of applications, its gates, and who may see and write what."""

from terpadu.portfolio.enums import ChangeSource, LifeState
from terpadu.portfolio.families import FamilyFigure, FamilyFigures, families_of, register_families
from terpadu.portfolio.family_members import FamilyFound, families_with_members, register_family_members
from terpadu.portfolio.measures import register_measure
from terpadu.portfolio.overlap_desk import (
    Candidate,
    Finding,
    OverlapDesk,
    overlap_desk,
    register_overlap_desk,
)
from terpadu.portfolio.policies import Access, access_of, is_national_team, managed_agencies
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.applications import (
    ApplicationView,
    CostView,
    application_by_code,
    application_get,
    application_many,
)
from terpadu.portfolio.selectors.clearance.dossiers import clearance_count
from terpadu.portfolio.selectors.search import Hits, Wanted, search
from terpadu.portfolio.services.applications import (
    Gate,
    application_end,
    application_register,
    application_update,
)
from terpadu.portfolio.services.gates import (
    application_enrich_from_client,
    application_enrich_from_exchange,
)

__all__ = [
    "Access",
    "ApplicationView",
    "Candidate",
    "ChangeSource",
    "CostView",
    "FamilyFigure",
    "FamilyFigures",
    "FamilyFound",
    "Finding",
    "Gate",
    "Hits",
    "LifeState",
    "OverlapDesk",
    "Wanted",
    "access_of",
    "application_by_code",
    "application_end",
    "application_enrich_from_client",
    "application_enrich_from_exchange",
    "application_get",
    "application_many",
    "application_register",
    "application_update",
    "clearance_count",
    "families_of",
    "families_with_members",
    "is_national_team",
    "managed_agencies",
    "overlap_desk",
    "reference_architecture",
    "register_families",
    "register_family_members",
    "register_measure",
    "register_overlap_desk",
    "search",
]
