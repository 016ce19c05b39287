"""What the made-up country knows about its people: persons, households and where they live."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Sex = Literal["L", "P"]
"""`L` (laki-laki, man) or `P` (perempuan, woman), as on the identity card."""

AS_OF = date(2026, 11, 21)
"""The day the made-up country stands at; everything in it happened on or before this day."""


@dataclass(frozen=True, slots=True)
class Address:
    """A place to live, with the region as code only (Kepmendagri 300.2.2-2138/2025)."""

    street: str
    rt: str
    rw: str
    village_code: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a whole household between two districts (kecamatan codes)."""

    on: date
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class UnregisteredChild:
    """A child that was born but that no registry knows yet: no NIK, no deed."""

    name: str
    sex: Sex
    birth_on: date
    mother_nik: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One registered person; words such as `religion` hold the Indonesian term of the family card.

    Numbers of parents and guardian are given when they are persons of this country, names always, but
    for the father in the deed of a child of a mother alone. `nip` is known of the story's officers.
    """

    nik: str
    name: str
    sex: Sex
    birth_on: date
    birth_place: str
    kk: str
    relation: str
    religion: str
    education: str
    occupation: str
    blood_type: str
    marital_status: str
    father_name: str | None
    mother_name: str
    married_on: date | None = None
    father_nik: str | None = None
    mother_nik: str | None = None
    guardian_nik: str | None = None
    birth_order: int = 1
    birth_deed: str | None = None
    birth_deed_on: date | None = None
    kia_number: str | None = None
    kia_valid_until: date | None = None
    phone: str | None = None
    nip: str | None = None
    died_on: date | None = None
    death_deed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """One family card: its living members, and those who were on it until they died."""

    kk: str
    issued_on: date
    address: Address
    members: tuple[Person, ...]
    deceased: tuple[Person, ...] = ()
    unregistered: tuple[UnregisteredChild, ...] = ()
    move: Move | None = None

    def everyone(self) -> tuple[Person, ...]:
        """Return all persons on record, the living before the dead."""
        return self.members + self.deceased


def anniversary(day: date, years: int) -> date:
    """Return the same day `years` later, or earlier when negative.

    In a common year 29 February becomes the day after it on the way on, the day before it on the way back, so that as
    many whole years lie between.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1) if years > 0 else date(day.year + years, 2, 28)


def age_on(birth_on: date, on: date = AS_OF) -> int:
    """Return the age in completed years on the given day."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def kia_expiry(birth_on: date, on: date) -> date:
    """Return the last day of a child identity card issued on `on`.

    A child under five gets a card up to the fifth birthday, an older child one up to the day before
    the seventeenth (Permendagri 2/2016).
    """
    fifth = anniversary(birth_on, 5)
    return fifth if on < fifth else anniversary(birth_on, 17) - timedelta(days=1)
