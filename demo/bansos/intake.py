"""How the social-aid registry takes in the made-up population: families with a welfare decile, and what they receive."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from demo.population.records import Household, Person, age_on

_POOREST = {"3671050409230002": 2, "3671120311090001": 1}
"""Deciles of the story: Dewi, who raises twins alone, and Suparno, who is old and alone."""
_YEAR = 2026


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the registry's storage."""
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TABLE anggota (nik TEXT PRIMARY KEY, nama TEXT, id_keluarga TEXT, desil INTEGER)"
        )
        file.execute(
            "CREATE TABLE bantuan (id_keluarga TEXT, kode TEXT, tahap INTEGER, nominal INTEGER, status TEXT, salur TEXT)"
        )
        file.execute("CREATE INDEX bantuan_keluarga ON bantuan (id_keluarga)")
        for household in households:
            _add(file, household)
    file.close()


def _add(file: sqlite3.Connection, household: Household) -> None:
    if not household.members:
        return
    chance = crc32(household.kk.encode())
    decile = _POOREST.get(household.kk, chance % 10 + 1)
    family = f"DTSEN{chance:010}"
    rows = [(person.nik, person.name.upper(), family, decile) for person in household.members]
    file.executemany("INSERT OR IGNORE INTO anggota VALUES (?, ?, ?, ?)", rows)
    if decile <= 4:
        file.executemany(
            "INSERT INTO bantuan VALUES (?, ?, ?, ?, ?, ?)", _aid(family, household.members, decile)
        )


def _aid(family: str, members: tuple[Person, ...], decile: int) -> list[tuple[object, ...]]:
    """Return what a family receives; amounts as reported for 2025, per payment."""
    ages = [age_on(person.birth_on) for person in members]
    found: list[tuple[object, ...]] = []
    if decile <= 3:
        found.append((family, "SEMBAKO", 4, 600_000, "SALUR", f"{_YEAR}-10-12"))
    if any(age <= 6 for age in ages):
        found.append((family, "PKH-ANAK-USIA-DINI", 4, 750_000, "SALUR", f"{_YEAR}-10-20"))
    if any(age >= 60 for age in ages):
        found.append((family, "PKH-LANJUT-USIA", 4, 600_000, "PROSES", None))
    return found
