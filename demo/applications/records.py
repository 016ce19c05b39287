"""What the made-up country knows about its applications: the record, its costs, its owner and the hidden truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

AgencyGroup = Literal["ministry", "body", "province", "regency", "city"]
CostKind = Literal["development", "maintenance", "hosting", "licence", "personnel"]
State = Literal["planned", "building", "active", "ended"]
OverlapKind = Literal["duplicate", "product", "function"]

FIRST_YEAR = 2017
LAST_YEAR = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOwner:
    """A made-up agency that owns applications. region_code: Kemendagri form; below a real province the number is made up."""

    code: str
    name: str
    group: AgencyGroup
    region_code: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """What one application cost in one year. amount: whole rupiah."""

    year: int
    kind: CostKind
    amount: int
    funding: Literal["APBN", "APBD", "Hibah"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoApplication:
    """One inventory record of the made-up country: first the 17 national attributes, then what this platform adds.

    Texts are Indonesian, as an agency would register them, with the faults of real lists: gaps, typing errors, place names.
    raa, rab, ral, rad together are "Kode Model Referensi SPBE" (Perpres 132/2022). user_count and transactions are a year's.
    """

    id: str
    name: str
    description: str
    function: str
    raa: tuple[str, ...]
    rab: tuple[str, ...]
    ral: tuple[str, ...]
    rad: tuple[str, ...]
    supported_service: str
    data_used: tuple[str, ...]
    output: str
    platform: Literal["web", "mobile", "desktop", "cloud"]
    server: str
    licence: Literal["open_source", "proprietary"]
    language: str
    framework: str
    database: str
    developer_unit: str
    operator_unit: str
    related_ids: tuple[str, ...]

    agency_code: str
    region_code: str | None
    klass: Literal["umum", "khusus"]
    users: tuple[str, ...]
    user_count: int | None
    transactions: int | None
    host: str | None
    store_id: str | None
    hosting: Literal["own_data_centre", "national_data_centre", "cloud", "vendor"]
    security_category: Literal["low", "high", "strategic"] | None
    last_audit_on: date | None
    criticality: Literal["low", "medium", "high"] | None
    state: State
    planned_on: date | None
    live_on: date | None
    ended_on: date | None
    successor_id: str | None
    contract_number: str
    contractor: str
    costs: tuple[CostRow, ...]
    interfaces: tuple[str, ...]

    def as_row(self) -> dict[str, Any]:
        """Return the record as a plain dict with this class's field names; dates are `date`, costs are dicts."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a record really is, which no importer and no detector is told.

    Records of one `application` are the same application registered twice; of one `product`, the same product in several
    places; of one `function`, different products that do the same thing.
    """

    function: str
    product: str
    application: str
    is_silent: bool = False


def truth_kind(one: Truth, other: Truth) -> OverlapKind | None:
    """Return the closest kind of overlap between two records by what they really are, None when there is none."""
    if one.application == other.application:
        return "duplicate"
    if one.product == other.product:
        return "product"
    return "function" if one.function == other.function else None
