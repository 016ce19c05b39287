"""How the licence application's database came to be: holders of the made-up population, in tables of another time."""

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from zlib import crc32

from demo.population.records import AS_OF, Household, Person, age_on, anniversary

SCHEMA = """
CREATE TABLE TBL_SATPAS (KD_SATPAS CHAR(4) NOT NULL PRIMARY KEY, NM_SATPAS VARCHAR(60));
CREATE TABLE TBL_SIM_MST (
    NO_SIM CHAR(14) NOT NULL PRIMARY KEY, NIK_PMLK CHAR(16), NM_PMLK VARCHAR(100), GOL_SIM VARCHAR(4),
    TGL_TRBT DATE, TGL_HBS_LAKU DATE, KD_SATPAS CHAR(4), STS_REC CHAR(1), JML_PLGRN INTEGER,
    FOTO BLOB, PIN_PTGS VARCHAR(12), USR_INPUT VARCHAR(20), TGL_INPUT DATETIME
);
CREATE INDEX IDX_SIM_NIK ON TBL_SIM_MST (NIK_PMLK);
CREATE TABLE TBL_USER (USR VARCHAR(20) PRIMARY KEY, PWD VARCHAR(40));
CREATE VIEW V_SIM_SATPAS AS
    SELECT M.*, S.NM_SATPAS FROM TBL_SIM_MST M LEFT JOIN TBL_SATPAS S ON S.KD_SATPAS = M.KD_SATPAS;
"""
_INSERT = "INSERT INTO TBL_SIM_MST VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_OFFICES = (("3671", "SATPAS POLRES METRO TANGERANG KOTA"), ("3674", "SATPAS POLRES TANGERANG SELATAN"))
_ALWAYS = {"3671015406920003": "C", "3671010211890002": "A", "3671061705880001": "A"}
"""Siti, her husband and Budi have a licence."""


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the application's database."""
    with sqlite3.connect(path) as file:
        file.executescript(SCHEMA)
        file.executemany("INSERT INTO TBL_SATPAS VALUES (?, ?)", _OFFICES)
        file.execute("INSERT INTO TBL_USER VALUES ('ADMIN', '5f4dcc3b5aa765d61d8327deb882cf99')")
        for household in households:
            for person in household.members:
                file.executemany(_INSERT, _licences(person))
    file.close()


def _licences(person: Person) -> list[tuple[object, ...]]:
    chance = crc32(person.nik.encode())
    if age_on(person.birth_on) < 17:
        return []
    kind = _ALWAYS.get(person.nik) or ("A", "C", "C", "B1")[chance % 4] if _holds(person, chance) else None
    if kind is None or (kind == "B1" and age_on(person.birth_on) < 20):
        return []
    issued = max(AS_OF - timedelta(days=chance % 1900), anniversary(person.birth_on, 17))
    found = [_row(person, kind, issued, "A", chance)]
    if chance % 7 == 0 and anniversary(issued, -5) > anniversary(person.birth_on, 17):
        found.append(_row(person, kind, anniversary(issued, -5), "D", chance + 1))
    return found


def _holds(person: Person, chance: int) -> bool:
    return person.nik in _ALWAYS or chance % 3 != 0


def _row(person: Person, kind: str, issued: date, status: str, chance: int) -> tuple[object, ...]:
    """Return one licence; one that was replaced stays with status D (deleted)."""
    return (
        f"{issued:%y%m}{chance % 10**10:010}",
        person.nik,
        person.name.upper(),
        kind,
        str(issued),
        str(anniversary(issued, 5)),
        ("3671", "3674")[chance % 2],
        status,
        chance % 3 if chance % 5 == 0 else 0,
        b"\xff\xd8\xff\xe0",
        f"{chance % 1_000_000:06}",
        "OPR01",
        f"{issued} 09:00:00",
    )
