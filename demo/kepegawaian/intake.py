"""How the registry came to be: every civil servant of the made-up population, with a number and a rank."""

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from zlib import crc32

from demo.population.records import Household, Person, age_on

_RANKS = (("III/a", "Penata Muda"), ("III/b", "Penata Muda Tingkat I"), ("III/c", "Penata"), ("III/d", "Penata Tingkat I"), ("IV/a", "Pembina"))  # fmt: skip
_POSTS = {
    "198805172012031001": ("Operator SIAK", "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang"),
    "199509032020122001": ("Operator SIAK", "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang"),
    "197202281998031001": ("Kepala Dinas", "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang"),
    "198508062010011001": ("Petugas Pelayanan", "Kecamatan Tangerang"),
}


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the registry's storage."""
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TABLE pegawai (nik TEXT PRIMARY KEY, nip TEXT UNIQUE, nama TEXT, golongan TEXT, pangkat TEXT,"
            " jabatan TEXT, unit_kerja TEXT, tmt_cpns TEXT)"
        )
        for household in households:
            for person in household.members:
                if person.occupation == "Pegawai Negeri Sipil":
                    file.execute(
                        "INSERT OR IGNORE INTO pegawai VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(person)
                    )
    file.close()


def _row(person: Person) -> tuple[str, ...]:
    chance = crc32(person.nik.encode())
    entered = date(person.birth_on.year + min(24, age_on(person.birth_on)), chance % 12 + 1, 1)
    sex = "1" if person.sex == "L" else "2"
    nip = person.nip or f"{person.birth_on:%Y%m%d}{entered:%Y%m}{sex}{chance % 999 + 1:03}"
    grade, rank = _RANKS[min(max(age_on(person.birth_on) - 22, 0) // 6, len(_RANKS) - 1)]
    post, unit = _POSTS.get(nip, ("Pelaksana", "Pemerintah Kota Tangerang"))
    return person.nik, nip, person.name, grade, rank, post, unit, f"{nip[8:12]}-{nip[12:14]}-01"
