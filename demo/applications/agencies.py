"""600 made-up agencies: central ones, and local governments in real provinces under coined names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lokal import wilayah

from demo.applications.records import AgencyGroup, DemoOwner
from demo.population.dice import Dice


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SEED = 600
COUNTS: dict[AgencyGroup, int] = {"ministry": 34, "body": 28, "province": 38, "regency": 402, "city": 98}
TITLES: dict[AgencyGroup, str] = {
    "ministry": "Kementerian",
    "body": "Badan Nasional",
    "province": "Pemerintah Provinsi",
    "regency": "Pemerintah Kabupaten",
    "city": "Pemerintah Kota",
}
PLACES: dict[AgencyGroup, str] = {"province": "Provinsi", "regency": "Kabupaten", "city": "Kota"}
ONSETS = _words(
    "Arum Balang Cendra Durang Embara Galuh Hulang Irman Jarum Kelang Lontar Mandar Ngara Oleng Pandur Rantang "
    "Selang Tumbar Ulang Wonder Yuda Ambal Bering Curah Dalung Gending"
)
ENDINGS = _words(
    "asri bena danu gara hulu ijen kanda lawa mitra nala onda purwa rinda soka tala unda wira yasa "
    "bahu cemar dinra gompa"
)
FIRST_MADE_UP_REGION = 81


@cache
def owners() -> tuple[DemoOwner, ...]:
    """Return the 600 agencies, always the same, central ones first."""
    provinces = [one.code for one in wilayah.list_wilayah(None)]
    names = _names()
    return tuple(
        _owner(group, number, name=next(names), provinces=provinces)
        for group, count in COUNTS.items()
        for number in range(1, count + 1)
    )


def _owner(group: AgencyGroup, number: int, *, name: str, provinces: list[str]) -> DemoOwner:
    province = provinces[(number - 1) % len(provinces)]
    made_up = FIRST_MADE_UP_REGION + (number - 1) // len(provinces) + (9 if group == "city" else 0)
    region = {"ministry": "", "body": "", "province": province}.get(group, f"{province}.{made_up}")
    kind = PLACES.get(group, "")
    return DemoOwner(
        code=f"{group}.demo.{number:03}",
        name=f"{TITLES[group]} {name}",
        group=group,
        region_code=region,
        place=f"{kind} {name}".strip(),
    )


def _names() -> Iterator[str]:
    dice = Dice(SEED)
    names = [f"{onset}{ending}" for onset in ONSETS for ending in ENDINGS]
    while names:
        yield names.pop(dice.between(0, len(names) - 1))
    yield from (f"{onset}{ending} Raya" for onset in ONSETS for ending in ENDINGS)
