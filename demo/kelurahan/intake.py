"""How the kelurahan's register came to be: letters that it wrote for people of the made-up population."""

import csv
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from zlib import crc32

from demo.population.records import AS_OF, Household, age_on

DISTRICT = "36.71.01"
HEADINGS = (
    "No. Urut",
    "N I K",
    "Nama Lengkap",
    "Alamat",
    "RT/RW",
    "Tgl. Surat",
    "Jenis Surat",
    "Nomor Surat",
    "Ket.",
)
_KINDS = ("Keterangan Domisili", "Keterangan Tidak Mampu", "Pengantar Nikah", "Keterangan Usaha")


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the register."""
    rows: list[tuple[str, ...]] = []
    for household in households:
        if household.address.village_code.startswith(DISTRICT):
            rows += _letters(household)
    with path.open("w", encoding="cp1252", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADINGS)
        writer.writerows(
            [number, *row] for number, row in enumerate(sorted(rows, key=lambda row: row[6]), start=1)
        )


def _letters(household: Household) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    address = household.address
    for person in household.members:
        chance = crc32(person.nik.encode())
        if age_on(person.birth_on) < 17 or (chance % 3 and person.relation != "Kepala Keluarga"):
            continue
        day = AS_OF - timedelta(days=chance % 300 + 1)
        found.append(
            (
                person.nik,
                person.name,
                f"{address.street} – {address.postal_code}",
                f"{address.rt}/{address.rw}",
                f"{day:%d/%m/%Y}",
                _KINDS[chance % len(_KINDS)],
                f"470/{chance % 9000 + 1000}/Kel/{day:%Y}",
                "" if chance % 4 else "sudah diambil",
            )
        )
    return found
