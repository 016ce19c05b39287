"""The newest report's families for the dashboards, each with the address of its page."""

from __future__ import annotations

from django.urls import reverse

from terpadu.portfolio.families import FamilyFigures, register_families
from terpadu.portfolio.selectors.overlap_pages import family_figures


def register() -> None:
    """Answer for families from now on."""
    register_families(_figures)


def _figures(agency_code: str) -> FamilyFigures | None:
    return family_figures(agency_code, addresses=lambda key: reverse("portfolio:overlap_family", args=[key]))
