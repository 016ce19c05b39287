"""How the registry takes in the made-up population: capitals, DD-MM-YYYY, region codes without dots."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from demo.dukcapil.storage import Card, day_text
from demo.population.records import Household, Person
from demo.population.regions import names_of
from demo.serving import progress

_SEX = {"L": "LAKI-LAKI", "P": "PEREMPUAN"}


def cards(households: Iterable[Household], *, total: int) -> Iterator[Card]:
    """Yield the registry's rows for every household, printing progress towards `total` persons."""
    done = 0
    for household in households:
        people = household.everyone()
        children = [_kia_row(person) for person in people if person.kia_number is not None]
        yield (
            _card_row(household),
            [_person_row(*numbered) for numbered in enumerate(people, start=1)],
            children,
        )
        for _ in people:
            done += 1
            progress("dukcapil", done, total)


def _card_row(household: Household) -> tuple[Any, ...]:
    address = household.address
    region = names_of(address.village_code)
    return (
        household.kk,
        day_text(household.issued_on),
        address.street.upper(),
        address.rt,
        address.rw,
        address.village_code.replace(".", ""),
        region.village.upper(),
        region.district.upper(),
        region.regency.upper(),
        region.province.upper(),
        address.postal_code,
    )


def _person_row(order: int, person: Person) -> tuple[Any, ...]:
    return (
        person.nik,
        person.kk,
        order,
        person.name.upper(),
        _SEX[person.sex],
        person.birth_place.upper(),
        day_text(person.birth_on),
        person.religion.upper(),
        person.education.upper(),
        person.occupation.upper(),
        person.blood_type.upper(),
        person.marital_status.upper(),
        _day_or_none(person.married_on),
        person.relation.upper(),
        "WNI",
        person.father_nik,
        person.father_name.upper() if person.father_name else None,
        person.mother_nik,
        person.mother_name.upper(),
        person.guardian_nik,
        f"0{person.phone[3:]}" if person.phone else None,
        person.birth_deed,
        "MENINGGAL" if person.died_on else "HIDUP",
        _day_or_none(person.died_on),
    )


def _kia_row(person: Person) -> tuple[Any, ...]:
    recorded = (person.kia_number or "").split("-")[2]
    return (
        person.kia_number,
        person.nik,
        _day_or_none(person.kia_valid_until),
        f"{recorded[:2]}-{recorded[2:4]}-{recorded[4:]} 08:00:00",
        0,
    )


def _day_or_none(day: date | None) -> str | None:
    return day_text(day) if day else None
