"""How the service takes in the made-up population: the deeds that its own office issued."""

from collections.abc import Iterable, Iterator
from zlib import crc32

from demo.akta.storage import Deed
from demo.population.records import Household, Person
from demo.serving import progress

OFFICE = "3671-"
_SEX = {"L": "laki-laki", "P": "perempuan"}
_HELPERS = ("bidan", "dokter", "bidan", "lainnya")


def deeds(households: Iterable[Household], *, total: int) -> Iterator[Deed]:
    """Yield the deeds of everybody born under this office, printing progress towards `total` persons."""
    done = 0
    for household in households:
        for person in household.everyone():
            if person.birth_deed is not None and person.birth_deed.startswith(OFFICE):
                yield _deed(person)
            done += 1
            progress("akta", done, total)


def _deed(person: Person) -> Deed:
    """Return a deed; what no other system knows of the birth follows from the NIK."""
    chance = crc32(person.nik.encode())
    late = "-LT-" in (person.birth_deed or "")
    return {
        "nomor_akta": person.birth_deed,
        "tanggal_terbit": str(person.birth_deed_on),
        "nik_anak": person.nik,
        "nama_anak": person.name,
        "jenis_kelamin": _SEX[person.sex],
        "tempat_lahir": person.birth_place,
        "tanggal_lahir": str(person.birth_on),
        "pukul_lahir": f"{chance % 24:02}:{chance // 24 % 60:02}",
        "anak_ke": person.birth_order,
        "berat_gram": 2500 + chance % 150 * 10,
        "panjang_cm": 46 + chance // 150 % 8,
        "penolong_kelahiran": _HELPERS[chance % len(_HELPERS)],
        "nik_ibu": person.mother_nik,
        "nama_ibu": person.mother_name,
        "nik_ayah": person.father_nik,
        "nama_ayah": person.father_name,
        "catatan_pinggir": "dicatat terlambat" if late else None,
    }
