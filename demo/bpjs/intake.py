"""How the membership system takes in the made-up population: every adult with work is a member (assumed)."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from demo.population.records import Household, age_on

TABLES = """
CREATE TABLE peserta (nik TEXT PRIMARY KEY, nama TEXT, segmen TEXT, penanggung TEXT);
CREATE TABLE antrean (peristiwa TEXT PRIMARY KEY, keadaan TEXT)
"""


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the system's storage."""
    with sqlite3.connect(path) as file:
        file.executescript(TABLES)
        for household in households:
            for person in household.members:
                if age_on(person.birth_on) >= 18:
                    file.execute(
                        "INSERT OR IGNORE INTO peserta VALUES (?, ?, 'PBPU', NULL)", (person.nik, person.name)
                    )
    file.close()
