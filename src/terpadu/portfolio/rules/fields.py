"""The fields of an inventory record: what kind of value each holds, and which national attribute it answers.

Import, export, the page, completeness and the API all read this one list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = str | int | date | tuple[str, ...] | None


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG = "long"
    LIST = "list"
    CODES = "codes"
    CODE = "code"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    COUNT = "count"
    MONEY = "money"
    ADDRESS = "address"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Field:
    """One field. attribute: 1..17 of the national metadata, 0 for what that lacks. longest: of a text or list item."""

    name: str
    kind: Kind
    attribute: int = 0
    longest: int = 200
    prefix: str = ""

    @property
    def blank(self) -> Value:
        """What the field holds when it says nothing."""
        if self.kind in (Kind.LIST, Kind.CODES, Kind.CHOICES):
            return ()
        return None if self.kind in (Kind.DATE, Kind.COUNT, Kind.MONEY) else ""


FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("local_id", Kind.TEXT, 1, 80),
        Field("name", Kind.TEXT, 2, 200),
        Field("short_name", Kind.TEXT, 0, 60),
        Field("description", Kind.LONG, 3, 10_000),
        Field("function", Kind.LONG, 4, 10_000),
        Field("rab_codes", Kind.CODES, 5, 20, "RAB"),
        Field("ral_codes", Kind.CODES, 5, 20, "RAL"),
        Field("rad_codes", Kind.CODES, 5, 20, "RAD"),
        Field("raa_code", Kind.CODE, 5, 20, "RAA"),
        Field("services", Kind.LIST, 6, 200),
        Field("data_used", Kind.LIST, 7, 200),
        Field("outputs", Kind.LIST, 8, 200),
        Field("platforms", Kind.CHOICES, 9, 20),
        Field("server", Kind.TEXT, 10, 200),
        Field("licence", Kind.CHOICE, 11),
        Field("languages", Kind.LIST, 12, 60),
        Field("frameworks", Kind.LIST, 13, 60),
        Field("databases", Kind.LIST, 14, 60),
        Field("developer_unit", Kind.TEXT, 15, 200),
        Field("operator_unit", Kind.TEXT, 16, 200),
        Field("related", Kind.LIST, 17, 80),
        Field("application_class", Kind.CHOICE),
        Field("user_groups", Kind.LIST, 0, 60),
        Field("users_target", Kind.COUNT),
        Field("users_actual", Kind.COUNT),
        Field("state", Kind.CHOICE),
        Field("planned_on", Kind.DATE),
        Field("building_on", Kind.DATE),
        Field("live_on", Kind.DATE),
        Field("ending_on", Kind.DATE),
        Field("ended_on", Kind.DATE),
        Field("successor", Kind.REFERENCE, 0, 200),
        Field("url", Kind.ADDRESS, 0, 500),
        Field("store_ids", Kind.LIST, 0, 200),
        Field("repository", Kind.ADDRESS, 0, 500),
        Field("hosting", Kind.CHOICE),
        Field("security_category", Kind.CHOICE),
        Field("audited_on", Kind.DATE),
        Field("criticality", Kind.CHOICE),
        Field("funding", Kind.CHOICE),
        Field("contract_number", Kind.TEXT, 0, 120),
        Field("contract_vendor", Kind.TEXT, 0, 200),
        Field("contract_value", Kind.MONEY),
        Field("contract_until", Kind.DATE),
        Field("interfaces", Kind.LIST, 0, 200),
        Field("dependents", Kind.LIST, 0, 80),
        Field("clients", Kind.LIST, 0, 80),
    )
}
"""Every field a person or a list can give, in the order of pages and exports."""

AGENCY = "agency"
CODE = "code"
COST = re.compile(r"cost:(?P<year>19[89]\d|20\d\d):(?P<kind>[a-z_]+)")


def is_target(name: str, *, kinds: frozenset[str]) -> bool:
    """Tell whether a column can be read into `name`: a field, the owner, the platform's code, or "cost:2024:build"."""
    if name in FIELDS or name in (AGENCY, CODE):
        return True
    found = COST.fullmatch(name)
    return bool(found) and found["kind"] in kinds if found else False


def cost_of(target: str) -> tuple[int, str] | None:
    """Return year and kind of a cost column such as "cost:2024:build"; None for any other column."""
    found = COST.fullmatch(target)
    return (int(found["year"]), found["kind"]) if found else None


def written(value: Value) -> str:
    """Write a value as one line of text: lists with "; ", days as 2024-12-31, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
