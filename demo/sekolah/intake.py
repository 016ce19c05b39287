"""How the school registry takes in the made-up population: everybody of school age, each in a school of the district."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from demo.population.records import Household, Person, age_on
from demo.population.regions import names_of

_LEVELS = ((6, 12, "SD", 1), (13, 15, "SMP", 7), (16, 18, "SMA", 10))


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the registry's storage."""
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE sekolah (npsn TEXT PRIMARY KEY, nama TEXT, jenjang TEXT, kecamatan TEXT)")
        file.execute(
            "CREATE TABLE siswa (nik TEXT PRIMARY KEY, nisn TEXT UNIQUE, nama TEXT, npsn TEXT, tingkat INTEGER,"
            " layak_pip INTEGER, rekening_pip TEXT)"
        )
        for household in households:
            for person in household.members:
                _add(file, person, household)
    file.close()


def _add(file: sqlite3.Connection, person: Person, household: Household) -> None:
    age = age_on(person.birth_on)
    level = next((one for one in _LEVELS if one[0] <= age <= one[1]), None)
    if level is None:
        return
    first, _, kind, grade = level
    region = names_of(household.address.village_code)
    chance = crc32(person.nik.encode())
    npsn = f"206{crc32(f'{kind}{household.address.village_code}'.encode()) % 100_000:05}"
    number = crc32(household.address.village_code.encode()) % 12 + 1
    file.execute(
        "INSERT OR IGNORE INTO sekolah VALUES (?, ?, ?, ?)",
        (npsn, f"{kind} Negeri {number} {region.village}", kind, region.district),
    )
    is_poor = crc32(household.kk.encode()) % 10 < 3 or person.guardian_nik is not None
    file.execute(
        "INSERT OR IGNORE INTO siswa VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            person.nik,
            f"{person.birth_on.year % 1000:03}{chance % 10_000_000:07}",
            person.name,
            npsn,
            grade + age - first if kind != "SD" else max(1, age - 6),
            int(is_poor),
            f"0{chance % 10**14:014}" if is_poor and chance % 3 else None,
        ),
    )
