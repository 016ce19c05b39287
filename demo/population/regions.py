"""Real regions of the made-up country: Kota Tangerang and the places its people came from."""

from dataclasses import dataclass
from functools import cache

from lokal import wilayah

CITY = "36.71"
"""Kota Tangerang, Banten."""

ORIGINS = (
    ("36.03", 30), ("36.74", 12), ("36.04", 10), ("36.02", 10), ("31.73", 14), ("31.74", 10), ("32.01", 10),
    ("32.73", 6), ("32.09", 6), ("33.74", 7), ("33.02", 8), ("33.72", 5), ("34.71", 4), ("35.78", 5),
    ("35.10", 3), ("18.71", 6), ("16.71", 5), ("12.71", 5), ("13.71", 4), ("73.71", 3),
)  # fmt: skip
"""Cities and regencies that people moved from, with a weight (assumed, not measured)."""


@dataclass(frozen=True, slots=True)
class Village:
    """A kelurahan or desa with its postal code."""

    code: str
    name: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class RegionNames:
    """Names of a village and of everything above it."""

    village: str
    district: str
    regency: str
    province: str


@cache
def city_districts() -> tuple[str, ...]:
    """Return the codes of the city's thirteen districts (kecamatan)."""
    return tuple(district.code for district in wilayah.list_wilayah(CITY))


@cache
def origin_districts() -> tuple[tuple[str, float], ...]:
    """Return district codes outside the city with their weight, the first three of each origin."""
    return tuple(
        (district.code, weight / 3)
        for regency, weight in ORIGINS
        for district in wilayah.list_wilayah(regency)[:3]
    )


@cache
def villages(district_code: str) -> tuple[Village, ...]:
    """Return the villages of a district that have a postal code."""
    return tuple(
        Village(found.code, found.name, found.postal_code)
        for found in wilayah.list_wilayah(district_code)
        if found.postal_code
    )


@cache
def birth_place(district_code: str) -> str:
    """Return the name of the city or regency of a district as written on an identity card."""
    return _name(district_code[:5]).removeprefix("Kota ").removeprefix("Kabupaten ")


@cache
def names_of(village_code: str) -> RegionNames:
    """Return the names of a village, its district, regency and province."""
    return RegionNames(
        village=_name(village_code),
        district=_name(village_code[:8]),
        regency=_name(village_code[:5]),
        province=_name(village_code[:2]),
    )


def _name(code: str) -> str:
    name: str | None = wilayah.wilayah_name(code)
    if name is None:
        raise LookupError(f"region {code} is not in the list of Kepmendagri 300.2.2-2138/2025")
    return name
