"""The demo country's inventory: 27,000 made-up applications of 600 made-up agencies, taken in as a list like any other.

The list is written as CSV and goes through the import that agencies use: the same columns, the same checks, one transaction.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import IO

from django.conf import settings

from demo.applications import owners, portfolio
from demo.applications.records import DemoApplication, DemoOwner
from demo.population.personas import personas
from terpadu.directory.enums import AgencyKind
from terpadu.directory.public import agency_create, agency_list, position_create
from terpadu.identity.public import assignment_create, assignments_of, person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.portfolio import demo_clearance
from terpadu.portfolio.models import Application
from terpadu.portfolio.reference import vocabulary
from terpadu.portfolio.services.imports import import_reading, import_start, import_take
from terpadu.portfolio.services.summaries import summaries_refresh

BY = Actor.system("demo")
IN_OFFICE_SINCE = date(2024, 1, 2)
TITLES = {"nadia": "Anggota Tim Koordinasi SPBE Nasional", "yoga": "Pengelola Aplikasi"}
COST_KINDS = {
    "development": "build",
    "maintenance": "operation",
    "hosting": "infrastructure",
    "licence": "licence",
    "personnel": "other",
}
YEARS = range(2017, 2027)
COSTS = [f"cost:{year}:{kind}" for year in YEARS for kind in COST_KINDS.values()]
FILLED = [
    "local_id", "name", "description", "function", "rab_codes", "ral_codes", "rad_codes", "raa_code", "services",
    "data_used", "outputs", "platforms", "server", "licence", "languages", "frameworks", "databases", "developer_unit",
    "operator_unit", "application_class", "user_groups", "users_actual", "state", "planned_on", "live_on", "ended_on",
    "successor", "url", "store_ids", "hosting", "security_category", "audited_on", "criticality", "funding",
    "contract_number", "contract_vendor", "interfaces",
]  # fmt: skip
HOSTING = {"own_data_centre": "own", "national_data_centre": "national", "cloud": "cloud", "vendor": "vendor"}
STATES = {"active": "live"}


def seed() -> None:
    """Make the agencies and their inventory, unless they are there already."""
    made_agencies()
    made_people()
    if not Application.objects.exists():
        made_inventory()
    demo_clearance.seed()


def made_agencies() -> None:
    """Add the owners that the directory does not have yet."""
    known = {one.code for one in agency_list()}
    for number, one in enumerate(owners(), start=1):
        if one.code not in known:
            _agency(one, peer_id=f"{90_000_000 + number}")


def made_people() -> None:
    """Give the people of the story their positions: one in the national team, one who manages a city's applications."""
    for key, title in TITLES.items():
        found = personas()[key]
        person_id = person_find_by_nik(found.nik)
        if person_id is None or assignments_of(person_id, on=today()):
            continue
        position = position_create(
            agency_code=found.agency or "", kind=found.position or "", title=title, by=BY
        )
        assignment_create(person_id=person_id, position_id=position.id, valid_from=IN_OFFICE_SINCE, by=BY)


def made_inventory() -> None:
    """Take the whole list in, as the national team would. Raises whatever the import refuses."""
    with io.BytesIO() as file:
        write_list(file, portfolio(size=settings.DEMO_PORTFOLIO).applications)
        file.seek(0)
        run = import_start(file, name="daftar-aplikasi-contoh.csv", by=BY)
    import_take(run.id, columns=import_reading(run).columns, by=BY)
    summaries_refresh()


def write_list(file: IO[bytes], applications: tuple[DemoApplication, ...]) -> None:
    """Write applications as a CSV list with the field names as headings."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(["agency", *FILLED, *COSTS])
    for one in applications:
        writer.writerow(list(_cells(one)))
    text.flush()
    text.detach()


def _cells(one: DemoApplication) -> Iterator[str]:
    yield one.agency_code
    said = _said(one)
    yield from (said[name] for name in FILLED)
    costs = {f"cost:{row.year}:{COST_KINDS[row.kind]}": str(row.amount) for row in one.costs}
    yield from (costs.get(name, "") for name in COSTS)


def _said(one: DemoApplication) -> dict[str, str]:
    days = (one.planned_on, one.live_on, one.ended_on, one.last_audit_on)
    planned, live, ended, audited = (day.isoformat() if day else "" for day in days)
    return {
        "local_id": one.id,
        "name": one.name,
        "description": one.description,
        "function": one.function,
        "rab_codes": "; ".join(code for code in one.rab if code in vocabulary().codes),
        "ral_codes": "; ".join(one.ral),
        "rad_codes": "; ".join(one.rad),
        "raa_code": "; ".join(one.raa),
        "services": one.supported_service,
        "data_used": "; ".join(one.data_used),
        "outputs": one.output,
        "platforms": one.platform,
        "server": one.server,
        "licence": one.licence,
        "languages": one.language,
        "frameworks": one.framework,
        "databases": one.database,
        "developer_unit": one.developer_unit,
        "operator_unit": one.operator_unit,
        "application_class": one.klass,
        "user_groups": "; ".join(one.users),
        "users_actual": "" if one.user_count is None else str(one.user_count),
        "state": STATES.get(one.state, one.state),
        "planned_on": planned,
        "live_on": live,
        "ended_on": ended,
        "successor": one.successor_id or "",
        "url": f"https://{one.host}" if one.host else "",
        "store_ids": one.store_id or "",
        "hosting": HOSTING[one.hosting],
        "security_category": one.security_category or "",
        "audited_on": audited,
        "criticality": one.criticality or "",
        "funding": one.costs[0].funding if one.costs else "",
        "contract_number": one.contract_number,
        "contract_vendor": one.contractor,
        "interfaces": "; ".join(one.interfaces),
    }


def _agency(one: DemoOwner, *, peer_id: str) -> None:
    is_national = one.group in ("ministry", "body")
    agency_create(
        one.code,
        peer_id=peer_id,
        name=one.name,
        short_name=one.name[:60],
        kind=AgencyKind.MINISTRY if is_national else AgencyKind.REGIONAL_OFFICE,
        region_code=one.region_code if one.group == "province" else "",
        by=BY,
    )
