"""The door of the portfolio: the inventory of applications, its gates, and who may see and write what."""

from terpadu.portfolio.enums import ChangeSource, LifeState
from terpadu.portfolio.families import FamilyFigure, FamilyFigures, families_of, register_families
from terpadu.portfolio.policies import Access, access_of, is_national_team, managed_agencies
from terpadu.portfolio.reference import reference_architecture
from terpadu.portfolio.selectors.applications import (
    ApplicationView,
    CostView,
    application_by_code,
    application_get,
    application_many,
)
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
    "ChangeSource",
    "CostView",
    "FamilyFigure",
    "FamilyFigures",
    "Gate",
    "Hits",
    "LifeState",
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
    "families_of",
    "is_national_team",
    "managed_agencies",
    "reference_architecture",
    "register_families",
    "search",
]
