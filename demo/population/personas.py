"""People of the made-up country whom stories, tests and documents call by name.

Their households, with a docstring each, are in `cast`; here is the door that needs no file:

    >>> persona("siti").name
    'Siti Rahmawati'
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from demo.population.cast import CAST, NIKS
from demo.population.records import Person, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A person of the story; `position` and `agency` only for officers (kind and code of the directory)."""

    key: str
    nik: str
    name: str
    birth_on: date
    sex: Sex
    kk: str
    relation: str
    phone: str | None
    birth_deed: str | None
    father_nik: str | None
    mother_nik: str | None
    guardian_nik: str | None
    nip: str | None
    position: str | None
    agency: str | None
    story: str


_OFFICES = {
    "budi": ("operator_siak", "disdukcapil.36.71"),
    "rina": ("operator_siak", "disdukcapil.36.71"),
    "hendra": ("kepala_dinas", "disdukcapil.36.71"),
    "agus": ("petugas_kecamatan", "kecamatan.36.71.01"),
    "nadia": ("tim_koordinasi_spbe", "panrb"),
    "yoga": ("pengelola_aplikasi", "city.demo.001"),
    "ratna": ("pengelola_data", "dukcapil"),
    "yusuf": ("tim_nasional_evaluasi", "panrb"),
    "laras": ("pengelola_aplikasi", "ministry.demo.002"),
    "arif": ("penelaah_arsitektur", "panrb"),
    "mega": ("penelaah_teknis", "komdigi"),
    "surya": ("pemutus_izin", "panrb"),
    "tari": ("pemutus_banding_izin", "panrb"),
    "dian": ("operator_identitas", "portal"),
    "sekar": ("pengelola_data", "dukcapil"),
    "indra": ("operator_platform", "portal"),
    "kartika": ("pengawas_pdp", "pdp"),
}


@cache
def personas() -> Mapping[str, Persona]:
    """Return all personas by their key, in a fixed order."""
    keys = {nik: key for key, nik in NIKS.items()}
    found = {
        keys[person.nik]: _persona(keys[person.nik], person, story=(build.__doc__ or "").partition("\n")[0])
        for build in CAST
        for person in build().members
        if person.nik in keys
    }
    return MappingProxyType(found)


def persona(key: str) -> Persona:
    """Return one persona such as `siti`.

    Raises:
        LookupError: nobody goes by that key; the message lists the keys.
    """
    if key not in personas():
        raise LookupError(f"no persona {key!r}; there are {', '.join(personas())}")
    return personas()[key]


def _persona(key: str, person: Person, *, story: str) -> Persona:
    position, agency = _OFFICES.get(key, (None, None))
    return Persona(
        key=key,
        nik=person.nik,
        name=person.name,
        birth_on=person.birth_on,
        sex=person.sex,
        kk=person.kk,
        relation=person.relation,
        phone=person.phone,
        birth_deed=person.birth_deed,
        father_nik=person.father_nik,
        mother_nik=person.mother_nik,
        guardian_nik=person.guardian_nik,
        nip=person.nip,
        position=position,
        agency=agency,
        story=story,
    )
