"""The procedures of clearance in force: `data/clearance.yaml`, read once."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML

from terpadu.portfolio.enums import Desk
from terpadu.portfolio.rules.clearance.procedure import Days, Office, Path, Procedure, Regulation

FILE = FilePath(__file__).resolve().parent / "data" / "clearance.yaml"


@cache
def regulation() -> Regulation:
    """Return the rates, limits and procedures in force."""
    document = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    return Regulation(
        version=document["version"],
        in_force_from=document["in_force_from"],
        basis=dict(document["basis"]),
        rupiah_per_hour=document["cost"]["rupiah_per_hour"],
        most_percent=document["cost"]["most_percent"],
        strong_score=document["strong_score"]["value"],
        exception_most_months=document["exception_months"]["most"],
        usual_months=document["exception_months"]["usual"],
        objection_basis=dict(document["objection"]["basis"]),
        end_notice_days=document["end_notice_days"]["value"],
        procedures=tuple(_procedure(one) for one in document["procedures"]),
    )


def _procedure(one: Mapping[str, Any]) -> Procedure:
    return Procedure(
        key=one["key"],
        name=dict(one["name"]),
        agency_kinds=tuple(one["agency_kinds"]),
        basis=dict(one["basis"]),
        days=Days(**one["days"]),
        days_assumed=tuple(one["days_assumed"]),
        offices={part: Office(**office) for part, office in one["offices"].items()},
        paths=tuple(_path(path) for path in one["paths"]),
    )


def _path(one: Mapping[str, Any]) -> Path:
    return Path(
        key=one["key"],
        hours={part: Fraction(str(hours)) for part, hours in one["hours"].items()},
        desks={kind: tuple(Desk(desk) for desk in desks) for kind, desks in one["desks"].items()},
        documents={kind: tuple(documents) for kind, documents in one["documents"].items()},
        checked_by_people=one["checked_by_people"],
    )
