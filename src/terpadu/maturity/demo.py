"""The demo country's measurements: 615 made-up agencies over four years, one real report, and a round that runs.

Names and levels are made up from a fixed seed; only Kemenko Perekonomian 2021 is real, from its official report. The
made-up agencies stand in real provinces, so that the map has its places; their values say nothing about them.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from lokal import wilayah

from demo.population.personas import personas
from terpadu.identity.public import person_find_by_nik
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import JAKARTA
from terpadu.maturity.enums import AgencyGroup, MeasurementKind, Role, RoundState
from terpadu.maturity.instruments import loader
from terpadu.maturity.instruments.loader import instrument_get
from terpadu.maturity.models import Locus, Round
from terpadu.maturity.rules.instrument import Instrument
from terpadu.maturity.rules.tables import read_table
from terpadu.maturity.services.appointments import appointment_create, tasks_assign
from terpadu.maturity.services.results import PastResult, results_take_over
from terpadu.maturity.services.rounds import locus_add, round_open, round_publish, round_start

BY = Actor.system("demo")
SEED = 615
INSTRUMENT = "permenpanrb-59-2020"
RUNNING_INSTRUMENT = "permenpanrb-8-2026"
RUNNING_ROLES = (
    ("hendra", Role.COORDINATOR, ""),
    ("budi", Role.ENTRY_OPERATOR, ""),
    ("rina", Role.RESPONDENT, "Disdukcapil"),
    ("agus", Role.RESPONDENT, "Kecamatan Tangerang"),
    ("ratna", Role.ASSESSOR, ""),
    ("yusuf", Role.NATIONAL_TEAM, ""),
)
YEARS = (2022, 2023, 2024, 2025)
COUNTS = {
    AgencyGroup.MINISTRY: 34,
    AgencyGroup.BODY: 29,
    AgencyGroup.PROVINCE: 38,
    AgencyGroup.REGENCY: 416,
    AgencyGroup.CITY: 98,
}
PREFIXES = {
    AgencyGroup.MINISTRY: "Kementerian Contoh",
    AgencyGroup.BODY: "Lembaga Contoh",
    AgencyGroup.PROVINCE: "Provinsi Contoh",
    AgencyGroup.REGENCY: "Kabupaten",
    AgencyGroup.CITY: "Kota",
}
START_LEVEL = {
    AgencyGroup.MINISTRY: 2.9,
    AgencyGroup.BODY: 2.7,
    AgencyGroup.PROVINCE: 2.6,
    AgencyGroup.REGENCY: 2.1,
    AgencyGroup.CITY: 2.4,
}
GROWTH_A_YEAR = 0.27
FIRST = [
    "Anggrek",
    "Arga",
    "Banyu",
    "Bina",
    "Cakra",
    "Citra",
    "Darma",
    "Dirga",
    "Endah",
    "Giri",
    "Harapan",
    "Indra",
    "Jaya",
    "Kencana",
    "Laut",
    "Lembah",
    "Mega",
    "Nusa",
    "Padma",
    "Purna",
    "Rimba",
    "Sagara",
    "Surya",
    "Tirta",
    "Wana",
]
SECOND = [
    "asih",
    "bakti",
    "buana",
    "cipta",
    "dewa",
    "elok",
    "guna",
    "jati",
    "karsa",
    "langit",
    "lestari",
    "makmur",
    "mulya",
    "nirwana",
    "pura",
    "raya",
    "sari",
    "sejati",
    "tama",
    "wangi",
]
REFUSING_IN = 60


@dataclass(frozen=True)
class MadeUp:
    """A made-up agency. talent: how far it is ahead of its group at the start, in levels."""

    code: str
    name: str
    group: AgencyGroup
    region_code: str
    talent: float


def seed() -> None:
    """Make the rounds that are not there yet: the worked example of 2021 and four years of 615 agencies."""
    form = instrument_get(INSTRUMENT)
    agencies = made_up_agencies()
    _year(2021, [worked_example(form)], name="Contoh dari laporan resmi 2021")
    for at, year in enumerate(YEARS):
        results = [_result(one, form=form, year=year, years=at) for one in agencies]
        _year(year, results, name=f"Evaluasi SPBE {year} (data buatan)")
    running_round()


def running_round() -> None:
    """Open the Pemdi round of 2026 with Kota Tangerang, answered by the officers of the story, unless it is there."""
    if Round.objects.filter(year=2026, instrument_code=RUNNING_INSTRUMENT).exists():
        return
    due = datetime(2026, 12, 18, 23, 59, tzinfo=JAKARTA)
    measured = round_open(
        2026, name="Evaluasi Pemdi 2026 (contoh)", instrument_code=RUNNING_INSTRUMENT, self_due_at=due, by=BY
    )
    locus = locus_add(
        measured,
        agency_code="kota.36.71",
        agency_name="Pemerintah Kota Tangerang (contoh)",
        group=AgencyGroup.CITY,
        kind=MeasurementKind.EVALUATION,
        region_code="36.71",
        by=BY,
    )
    measured = round_start(measured, by=BY)
    for key, role, unit in RUNNING_ROLES:
        if person := person_find_by_nik(personas()[key].nik):
            home = personas()[key].agency or ""
            where = None if role == Role.NATIONAL_TEAM else locus
            appointment_create(
                measured, role=role, person_id=person, agency_code=home, locus=where, unit=unit, by=BY
            )
    tasks = {"Disdukcapil": ("5", "8", "16", "18"), "Kecamatan Tangerang": ("19", "20")}
    for unit, numbers in tasks.items():
        fresh = Locus.objects.select_related("round").get(pk=locus.pk)
        tasks_assign(fresh, indicators=numbers, unit=unit, due_on=date(2026, 12, 4), by=BY)


def made_up_agencies() -> list[MadeUp]:
    """Return the 615 agencies, always the same."""
    dice = random.Random(SEED)  # noqa: S311 - a made-up country, not a secret
    provinces = [one.code for one in wilayah.list_wilayah(None)]
    names = iter(_names(dice))
    found = []
    for group, count in COUNTS.items():
        for number in range(1, count + 1):
            region = "" if group in (AgencyGroup.MINISTRY, AgencyGroup.BODY) else provinces[(number - 1) % 38]
            found.append(
                MadeUp(
                    code=f"{group}.contoh.{number:03}",
                    name=f"{PREFIXES[group]} {next(names)}",
                    group=group,
                    region_code=region,
                    talent=dice.gauss(0, 0.45),
                )
            )
    return found


def worked_example(form: Instrument) -> PastResult:
    """Return Kemenko Perekonomian 2021, with the 47 levels of its official report (published index 2.95)."""
    path = Path(loader.__file__).parent / "examples" / "kemenko-perekonomian-2021.csv"
    table = read_table(path.read_text(), instrument=form)
    return PastResult(
        agency_code="kemenko-perekonomian",
        agency_name="Kementerian Koordinator Bidang Perekonomian",
        group=AgencyGroup.MINISTRY,
        region_code="",
        kind=MeasurementKind.EVALUATION,
        has_consent=True,
        levels={number: int(level) for number, level in table.values.items()},
    )


def _year(year: int, results: list[PastResult], *, name: str) -> None:
    measured = Round.objects.filter(year=year, instrument_code=INSTRUMENT).first()
    if measured is None:
        due = datetime(year, 8, 31, 23, 59, tzinfo=JAKARTA)
        measured = round_open(year, name=name, instrument_code=INSTRUMENT, self_due_at=due, by=BY)
    if measured.state == RoundState.PREPARATION:
        source = hashlib.sha256(repr(results).encode()).hexdigest()
        results_take_over(measured, results=results, source_sha256=source, by=BY)
        measured = round_start(measured, by=BY)
        round_publish(measured, by=BY)


def _result(one: MadeUp, *, form: Instrument, year: int, years: int) -> PastResult:
    dice = random.Random(f"{SEED} {one.code} {year}")  # noqa: S311 - as above
    centre = START_LEVEL[one.group] + one.talent + GROWTH_A_YEAR * years
    levels = {number: min(5, max(1, round(dice.gauss(centre, 0.8)))) for number in form.indicators}
    return PastResult(
        agency_code=one.code,
        agency_name=one.name,
        group=one.group,
        region_code=one.region_code,
        kind=MeasurementKind.EVALUATION if year % 2 else MeasurementKind.MONITORING,
        has_consent=hash_number(one.code) % REFUSING_IN != 0,
        levels=levels,
    )


def hash_number(text: str) -> int:
    """Return a number that depends on a text alone, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _names(dice: random.Random) -> Iterator[str]:
    names = [f"{first}{second}" for first in FIRST for second in SECOND]
    dice.shuffle(names)
    yield from names
    yield from (f"{name} {side}" for side in ("Utara", "Selatan") for name in names)
