"""Technology, hosting, life cycle and costs of a made-up application, with the gaps that real lists have.

The shares are assumed, not measured, but for the gaps: in the one real list at hand most records have no year and nine in
ten no contract value, and the values known lie mostly between 20 and 80 million rupiah.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from demo.applications.records import FIRST_YEAR, LAST_YEAR, CostKind, CostRow, DemoOwner, State
from demo.population.dice import Dice, Weighted
from demo.population.records import AS_OF

STACKS = Weighted(
    [
        (("PHP", "Laravel", "MySQL"), 34), (("PHP", "CodeIgniter", "MySQL"), 26), (("PHP", "", "MariaDB"), 9),
        (("Java", "Spring Boot", "PostgreSQL"), 8), (("Java", "", "Oracle"), 3), (("C#", "ASP.NET", "SQL Server"), 5),
        (("Python", "Django", "PostgreSQL"), 4), (("JavaScript", "Express", "MongoDB"), 4), (("Dart", "Flutter", "Firebase"), 4),
        (("Delphi", "", "Firebird"), 2), (("Visual Basic", "", "Access"), 1),
    ]
)  # fmt: skip
PLATFORMS: Weighted[Literal["web", "mobile", "desktop", "cloud"]] = Weighted(
    [("web", 78), ("mobile", 11), ("desktop", 8), ("cloud", 3)]
)
HOSTINGS: Weighted[Literal["own_data_centre", "national_data_centre", "cloud", "vendor"]] = Weighted(
    [("own_data_centre", 66), ("national_data_centre", 9), ("cloud", 9), ("vendor", 16)]
)
SECURITY: Weighted[Literal["low", "high", "strategic"] | None] = Weighted(
    [("low", 35), ("high", 18), ("strategic", 3), (None, 44)]
)
CRITICALITY: Weighted[Literal["low", "medium", "high"] | None] = Weighted(
    [("low", 30), ("medium", 22), ("high", 8), (None, 40)]
)
CONTRACTORS = ("CV Karya", "PT Solusi", "CV Media", "PT Inti", "CV Graha", "PT Data", "CV Cipta", "PT Sinar")
CONTRACTOR_TAILS = (
    "Contoh Utama",
    "Contoh Mandiri",
    "Contoh Teknologi",
    "Contoh Bersama",
    "Contoh Nusantara",
)
MILLION = 1_000_000


def technology(*, dice: Dice) -> dict[str, Any]:
    """Return the technical attributes of one application."""
    language, framework, database = dice.draw(STACKS)
    known = dice.chance(0.6)
    return {
        "platform": dice.draw(PLATFORMS),
        "server": dice.pick(["Ubuntu", "CentOS", "Windows Server", "Debian", ""]) if known else "",
        "licence": "proprietary" if dice.chance(0.35) else "open_source",
        "language": language if known else "",
        "framework": framework if known else "",
        "database": database if known else "",
        "hosting": dice.draw(HOSTINGS),
        "security_category": dice.draw(SECURITY),
        "criticality": dice.draw(CRITICALITY),
        "user_count": dice.between(5, 400) ** 2 // 4 if dice.chance(0.4) else None,
        "transactions": dice.between(1, 900) ** 2 if dice.chance(0.25) else None,
    }


def life(*, owner: DemoOwner, dice: Dice) -> dict[str, Any]:
    """Return the life cycle with its dates, the contract, and the costs of the years it was built and used."""
    born = dice.between(2009, LAST_YEAR)
    live = date(born, dice.between(1, 12), 1)
    ends = date(dice.between(born + 1, born + 9), 12, 31) if dice.chance(0.22) else None
    ended = ends if ends and ends < AS_OF else None
    state: State = "ended" if ended else "active" if live <= AS_OF else "building"
    dated = dice.chance(0.45)
    made_by_contractor = dice.chance(0.3)
    return {
        "state": state,
        "planned_on": date(born - 1, dice.between(1, 12), 1) if dated and dice.chance(0.4) else None,
        "live_on": live if dated and state != "building" else None,
        "ended_on": ended,
        "last_audit_on": dice.day(live, AS_OF) if state == "active" and dice.chance(0.12) else None,
        "contract_number": f"027/{dice.between(1, 999):03}/SPK/{born}" if made_by_contractor else "",
        "contractor": f"{dice.pick(CONTRACTORS)} {dice.pick(CONTRACTOR_TAILS)}" if made_by_contractor else "",
        "costs": _costs(owner, born=born, last=ended.year if ended else LAST_YEAR, dice=dice),
    }


def _costs(owner: DemoOwner, *, born: int, last: int, dice: Dice) -> tuple[CostRow, ...]:
    if dice.chance(0.3):
        return ()
    funding: Literal["APBN", "APBD", "Hibah"] = "APBN" if owner.group in ("ministry", "body") else "APBD"
    size = (20 + dice.between(0, 60)) * (12 if funding == "APBN" else 1) * (9 if dice.chance(0.06) else 1)
    rows = [_row(born, "development", size, funding="Hibah" if dice.chance(0.03) else funding)]
    for year in range(born + 1, last + 1):
        if dice.chance(0.7):
            rows.append(
                _row(year, "maintenance", max(size * dice.between(10, 25) // 100, 1), funding=funding)
            )
        if dice.chance(0.25):
            kind: CostKind = dice.pick(("hosting", "licence", "personnel"))
            rows.append(_row(year, kind, dice.between(3, 24), funding=funding))
    return tuple(row for row in rows if row.year >= FIRST_YEAR)


def _row(year: int, kind: CostKind, millions: int, *, funding: Literal["APBN", "APBD", "Hibah"]) -> CostRow:
    return CostRow(year=year, kind=kind, amount=millions * MILLION, funding=funding)
