"""Applications as frozen views: everything for those with rights, the public part for everyone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.errors import ApplicationUnknown
from terpadu.portfolio.models import Application, Change, Cost
from terpadu.portfolio.rules.fields import FIELDS, Value
from terpadu.portfolio.rules.records import as_value

PUBLIC_FIELDS = tuple(name for name in FIELDS if Application.PRIVACY[name] is Privacy.PUBLIC)
INTERNAL_FIELDS = tuple(name for name in FIELDS if Application.PRIVACY[name] is not Privacy.PUBLIC)


@dataclass(frozen=True)
class CostView:
    """What an application cost in a year for one kind of thing, in rupiah."""

    year: int
    kind: str
    rupiah: int


@dataclass(frozen=True)
class ApplicationView:
    """An application with all its fields by name. successor in `values`: its code. costs: by year, latest first."""

    id: UUID
    code: str
    agency_code: str
    agency_name: str
    values: Mapping[str, Value]
    hosts: tuple[str, ...]
    completeness: int
    version: int
    changed_at: datetime
    costs: tuple[CostView, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.values["name"])

    @property
    def state(self) -> str:
        """Its life state."""
        return str(self.values["state"])


def application_get(application_id: UUID) -> ApplicationView:
    """Return an application with its costs. Raises ApplicationUnknown. Two queries."""
    return _one(Application.objects.filter(pk=application_id))


def application_by_code(code: str) -> ApplicationView:
    """Return the application of a code such as "APL-000123". Raises ApplicationUnknown. Two queries."""
    return _one(Application.objects.filter(code=code))


def application_many(ids: Iterable[UUID]) -> dict[UUID, ApplicationView]:
    """Return applications by id, without costs; unknown ids are left out. One query."""
    rows = Application.objects.filter(pk__in=list(ids)).select_related("agency", "successor").defer("search")
    return {row.id: application_view(row) for row in rows}


def application_find_by_interface(service: str) -> ApplicationView | None:
    """Return the application that offers an interface "<peer>/<name>", None when no record says so. One query."""
    rows = Application.objects.filter(interfaces__contains=[service]).select_related("agency", "successor")
    row = rows.order_by("created_at").first()
    return application_view(row) if row else None


def changes_of(application_id: UUID, *, limit: int = 100) -> list[Change]:
    """Return the history of an application, newest first. One query."""
    return list(Change.objects.filter(application=application_id).order_by("-id")[:limit])


def application_view(row: Application, costs: Iterable[Cost] = ()) -> ApplicationView:
    """Return the view of a row that was read with its agency and successor."""
    values: dict[str, Any] = {name: as_value(getattr(row, name)) for name in FIELDS if name != "successor"}
    values["successor"] = row.successor.code if row.successor else ""
    return ApplicationView(
        id=row.id,
        code=row.code,
        agency_code=row.agency.code,
        agency_name=row.agency.name,
        values={name: values[name] for name in FIELDS},
        hosts=tuple(row.hosts),
        completeness=row.completeness,
        version=row.version,
        changed_at=row.changed_at,
        costs=tuple(CostView(one.year, one.kind, one.rupiah) for one in costs),
    )


def _one(rows: Any) -> ApplicationView:
    row = rows.select_related("agency", "successor").defer("search").first()
    if row is None:
        raise ApplicationUnknown()
    return application_view(row, Cost.objects.filter(application=row.id).order_by("-year", "kind"))
