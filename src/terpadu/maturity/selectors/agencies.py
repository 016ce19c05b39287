"""Which agencies of the directory a measured agency stands for.

A government is measured as a whole, and stands in the directory as several agencies: a city stands for all its offices and
districts, a province only for its own offices.
"""

from __future__ import annotations

from collections.abc import Iterable

from terpadu.directory.public import AgencyView, agency_list
from terpadu.maturity.models import Locus

LENGTH_OF_CITY = len("36.71")


def agencies_of(agency_code: str, *, region_code: str) -> list[AgencyView]:
    """Return the agencies that a measured agency stands for, by code. region_code: "" for a national one. One query."""
    return [one for one in agency_list() if _belongs(one, agency_code, region_code)]


def own_codes(loci: Iterable[Locus]) -> dict[str, frozenset[str]]:
    """Return by measured agency the codes of itself and of all it stands for. One query."""
    known = agency_list()
    return {
        locus.agency_code: frozenset(
            {
                locus.agency_code,
                *(one.code for one in known if _belongs(one, locus.agency_code, locus.region_code)),
            }
        )
        for locus in loci
    }


def _belongs(agency: AgencyView, agency_code: str, region_code: str) -> bool:
    if agency.code == agency_code:
        return True
    if not region_code:
        return False
    is_below = len(region_code) >= LENGTH_OF_CITY and agency.region_code.startswith(f"{region_code}.")
    return agency.region_code == region_code or is_below
