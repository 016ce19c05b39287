"""One person at a time: schooling, work, papers and telephone that fit the age."""

from dataclasses import dataclass
from datetime import date, timedelta

from demo.population.dice import Dice, Weighted
from demo.population.names import CLANS, clan_of, new_name
from demo.population.numbers import NumberBook
from demo.population.records import AS_OF, Person, Sex, age_on, anniversary, kia_expiry
from demo.population.regions import CITY, birth_place, city_districts, origin_districts

_ORIGINS = Weighted(origin_districts())
_BLOOD = Weighted((("O", 0.32), ("A", 0.21), ("B", 0.25), ("AB", 0.07), ("Tidak Tahu", 0.15)))
_RELIGION = Weighted(
    (
        ("Islam", 0.88),
        ("Kristen", 0.05),
        ("Katolik", 0.025),
        ("Buddha", 0.035),
        ("Hindu", 0.006),
        ("Khonghucu", 0.004),
    )
)
_SCHOOLING = Weighted(
    (
        ("Tamat SD/Sederajat", 0.20),
        ("SLTP/Sederajat", 0.18),
        ("SLTA/Sederajat", 0.42),
        ("Akademi/Diploma III/Sarjana Muda", 0.06),
        ("Diploma IV/Strata I", 0.12),
        ("Strata II", 0.02),
    )
)
_WORK: dict[Sex, Weighted[str]] = {
    "L": Weighted(
        (
            ("Karyawan Swasta", 0.48),
            ("Wiraswasta", 0.20),
            ("Buruh Harian Lepas", 0.17),
            ("Pedagang", 0.07),
            ("Pegawai Negeri Sipil", 0.04),
            ("Guru", 0.02),
            ("Belum/Tidak Bekerja", 0.02),
        )
    ),
    "P": Weighted(
        (
            ("Mengurus Rumah Tangga", 0.52),
            ("Karyawan Swasta", 0.27),
            ("Wiraswasta", 0.08),
            ("Pedagang", 0.06),
            ("Guru", 0.04),
            ("Pegawai Negeri Sipil", 0.03),
        )
    ),
}
_DEEDS_SINCE = 1986
_KIA_FIRST, _KIA_LAST = date(2016, 2, 1), date(2026, 10, 31)
"""Days between which child cards were issued; the days after belong to the story."""


@dataclass(frozen=True, slots=True)
class Parents:
    """Who a child was born to; the father is missing from the deed of a child of a mother alone."""

    mother: Person
    father: Person | None


def adult(
    dice: Dice,
    book: NumberBook,
    *,
    sex: Sex,
    birth_on: date,
    kk: str,
    relation: str,
    religion: str,
    district: str | None = None,
) -> Person:
    """Return a grown-up whose parents are known by name alone.

    Args:
        dice: chance.
        book: where the new NIK, deed and telephone number are noted.
        sex: `L` or `P`.
        birth_on: day of birth.
        kk: number of the family card.
        relation: place in the family as the card words it.
        religion: as the card words it.
        district: kecamatan code of the NIK; drawn among the city and the places people come from when None.
    """
    home = district or drawn_district(dice)
    clan = dice.pick(CLANS) if religion == "Kristen" and dice.chance(0.5) else None
    name = new_name(dice, sex=sex, birth_on=birth_on, clan=clan)
    age = age_on(birth_on)
    deed, deed_on = _old_deed(dice, book, home, birth_on)
    return Person(
        nik=book.nik(home, birth_on=birth_on, sex=sex),
        name=name,
        sex=sex,
        birth_on=birth_on,
        birth_place=birth_place(home),
        kk=kk,
        relation=relation,
        religion=religion,
        education=dice.draw(_SCHOOLING),
        occupation="Pensiunan" if age >= 65 and dice.chance(0.5) else dice.draw(_WORK[sex]),
        blood_type=dice.draw(_BLOOD),
        marital_status="Belum Kawin",
        father_name=new_name(dice, sex="L", birth_on=date(1950, 1, 1), clan=clan),
        mother_name=new_name(dice, sex="P", birth_on=date(1950, 1, 1)),
        birth_order=dice.between(1, 5),
        birth_deed=deed,
        birth_deed_on=deed_on,
        phone=book.phone() if dice.chance(0.93 if age < 60 else 0.55) else None,
    )


def child(
    dice: Dice,
    book: NumberBook,
    parents: Parents,
    *,
    sex: Sex,
    birth_on: date,
    order: int,
    district: str,
    relation: str = "Anak",
) -> Person:
    """Return a child of `parents` on the mother's family card, registered in `district`."""
    mother, father = parents.mother, parents.father
    age = age_on(birth_on)
    deed, deed_on = _birth_deed(dice, book, district, birth_on)
    kia = _kia(dice, book, birth_on, deed_on)
    return Person(
        nik=book.nik(district, birth_on=birth_on, sex=sex),
        name=new_name(dice, sex=sex, birth_on=birth_on, clan=clan_of(father.name) if father else None),
        sex=sex,
        birth_on=birth_on,
        birth_place=birth_place(district),
        kk=mother.kk,
        relation=relation,
        religion=mother.religion,
        education=_child_schooling(dice, age),
        occupation=_child_work(dice, sex, age),
        blood_type=dice.draw(_BLOOD),
        marital_status="Belum Kawin",
        father_name=father.name if father else None,
        mother_name=mother.name,
        father_nik=father.nik if father else None,
        mother_nik=mother.nik,
        birth_order=order,
        birth_deed=deed,
        birth_deed_on=deed_on,
        kia_number=kia[0],
        kia_valid_until=kia[1],
        phone=book.phone() if age >= 13 and dice.chance(0.8) else None,
    )


def drawn_district(dice: Dice) -> str:
    """Return the kecamatan of somebody's birth: three in five were born in the city (assumed)."""
    return dice.pick(city_districts()) if dice.chance(0.6) else dice.draw(_ORIGINS)


def drawn_religion(dice: Dice) -> str:
    """Return a religion by its share in the city (assumed)."""
    return dice.draw(_RELIGION)


def _old_deed(dice: Dice, book: NumberBook, district: str, birth_on: date) -> tuple[str | None, date | None]:
    if birth_on.year < _DEEDS_SINCE and dice.chance(0.7):
        return None, None
    return _birth_deed(dice, book, district, birth_on)


def _birth_deed(
    dice: Dice, book: NumberBook, district: str, birth_on: date
) -> tuple[str | None, date | None]:
    """Return number and day of a birth deed: in time within 60 days, else late; a few have none."""
    if dice.chance(0.03):
        return None, None
    late = dice.chance(0.12)
    on = birth_on + timedelta(days=dice.between(61, 900) if late else dice.between(2, 60))
    if on > AS_OF:
        return None, None
    return book.deed("LT" if late else "LU", district[:5], on=on), on


def _kia(
    dice: Dice, book: NumberBook, birth_on: date, deed_on: date | None
) -> tuple[str | None, date | None]:
    if deed_on is None or deed_on > _KIA_LAST or age_on(birth_on) >= 17 or dice.chance(0.45):
        return None, None
    issued_on = dice.day(max(deed_on, _KIA_FIRST), _KIA_LAST)
    if issued_on < anniversary(birth_on, 5) <= _KIA_LAST and dice.chance(0.6):
        issued_on = dice.day(anniversary(birth_on, 5), _KIA_LAST)
    return book.deed("KIA", CITY, on=issued_on), kia_expiry(birth_on, issued_on)


def _child_schooling(dice: Dice, age: int) -> str:
    if age < 7:
        return "Tidak/Belum Sekolah"
    if age < 13:
        return "Belum Tamat SD/Sederajat"
    if age < 16:
        return "Tamat SD/Sederajat"
    return "SLTP/Sederajat" if age < 19 else dice.draw(_SCHOOLING)


def _child_work(dice: Dice, sex: Sex, age: int) -> str:
    if age < 6:
        return "Belum/Tidak Bekerja"
    return "Pelajar/Mahasiswa" if age < 20 else dice.draw(_WORK[sex])
