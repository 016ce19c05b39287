"""How the billing system came to be: it begins with a few bills that people of the made-up population have paid."""

import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from zlib import crc32

from demo.population.records import AS_OF, Household, age_on


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the system's storage."""
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TABLE tagihan (kode_billing TEXT PRIMARY KEY, nik TEXT, nama TEXT, kode_akun TEXT, satker TEXT,"
            " jumlah INTEGER, dibuat TEXT, kedaluwarsa TEXT, ntpn TEXT, kunci TEXT UNIQUE)"
        )
        file.execute("CREATE INDEX tagihan_nik ON tagihan (nik)")
        number = 0
        for household in households:
            for person in household.members:
                chance = crc32(person.nik.encode())
                if age_on(person.birth_on) < 17 or chance % 9:
                    continue
                number += 1
                day = AS_OF - timedelta(days=chance % 200 + 10)
                file.execute(
                    "INSERT INTO tagihan VALUES (?, ?, ?, '425411', '660001', 75000, ?, ?, ?, NULL)",
                    (
                        f"8{day:%Y%m%d}{number:06}",
                        person.nik,
                        person.name,
                        f"{day}T09:00:00+07:00",
                        f"{day + timedelta(days=7)}T09:00:00+07:00",
                        f"{chance:016X}",
                    ),
                )
    file.close()
