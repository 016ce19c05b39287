"""The people who judge, ask for and operate applications of government, each living alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from demo.population.records import Address, Household, Person, Sex

NIKS = {
    "laras": "3671024407890001", "arif": "3671011905830001", "mega": "3671035510870001", "surya": "3671080310740001",
    "tari": "3671016812710001", "dian": "3671035703900001",
}  # fmt: skip
"""NIK of everybody here whom the story calls by name."""


def household_laras() -> Household:
    """Laras Kusumawardani (37), manager of a made-up ministry's applications, asks for clearance; lives alone."""
    home = Address("Jl. Cemara No. 21", "003", "004", "36.71.01.1002", "15111")
    person = official(NIKS["laras"], "Laras Kusumawardani", "P", date(1989, 7, 4), "3671010809150004")
    return alone(person, home, issued_on=date(2015, 9, 8), nip="198907042012122003", phone="+6281200900016")


def household_arif() -> Household:
    """Arif Setiawan (43), reviews requests for clearance at the architecture desk; lives alone."""
    home = Address("Jl. Flamboyan No. 9", "005", "002", "36.71.01.1003", "15119")
    person = official(NIKS["arif"], "Arif Setiawan", "L", date(1983, 5, 19), "3671011203140005")
    return alone(person, home, issued_on=date(2014, 3, 12), nip="198305192008011002", phone="+6281200900017")


def household_mega() -> Household:
    """Mega Puspita (39), reviews requests at the technical, planning, budget and security desks; lives alone."""
    home = Address("Jl. Dahlia No. 33", "001", "006", "36.71.03.1001", "15122")
    person = official(NIKS["mega"], "Mega Puspita", "P", date(1987, 10, 15), "3671030107160006")
    return alone(person, home, issued_on=date(2016, 7, 1), nip="198710152011012004", phone="+6281200900018")


def household_surya() -> Household:
    """Surya Pranoto (52), decides on requests for clearance; lives alone."""
    home = Address("Jl. Bougenville No. 2", "002", "001", "36.71.08.1001", "15131")
    person = official(NIKS["surya"], "Surya Pranoto", "L", date(1974, 10, 3), "3671081711020007")
    return alone(person, home, issued_on=date(2002, 11, 17), nip="197410031999031001", phone="+6281200900019")


def household_tari() -> Household:
    """Tari Widyastuti (54), decides on appeals against refused clearance; lives alone."""
    home = Address("Jl. Sedap Malam No. 7", "006", "003", "36.71.01.1002", "15111")
    person = official(NIKS["tari"], "Tari Widyastuti", "P", date(1971, 12, 28), "3671012502010008")
    return alone(person, home, issued_on=date(2001, 2, 25), nip="197112281996032001", phone="+6281200900020")


def household_dian() -> Household:
    """Dian Anggraini (36), operates the one account of everybody, beside the national team; lives alone."""
    home = Address("Jl. Kenanga No. 18", "002", "005", "36.71.03.1001", "15122")
    person = official(NIKS["dian"], "Dian Anggraini", "P", date(1990, 3, 17), "3671030204180009")
    return alone(person, home, issued_on=date(2018, 4, 2), nip="199003172015032001", phone="+6281200900026")


CAST: tuple[Callable[[], Household], ...] = (
    household_laras, household_arif, household_mega, household_surya, household_tari,
    household_dian,
)  # fmt: skip


def official(nik: str, name: str, sex: Sex, birth_on: date, kk: str) -> Person:
    """Return a civil servant who heads a household; the particulars that no story needs are alike."""
    return Person(
        nik=nik,
        name=name,
        sex=sex,
        birth_on=birth_on,
        birth_place="Tangerang",
        kk=kk,
        relation="Kepala Keluarga",
        religion="Islam",
        education="Diploma IV/Strata I",
        occupation="Pegawai Negeri Sipil",
        blood_type="O",
        marital_status="Belum Kawin",
        father_name="Sukirno",
        mother_name="Romlah",
    )


def alone(person: Person, home: Address, *, issued_on: date, nip: str, phone: str) -> Household:
    """Return the household of a civil servant who lives alone."""
    head = replace(person, nip=nip, phone=phone)
    return Household(kk=person.kk, issued_on=issued_on, address=home, members=(head,))
