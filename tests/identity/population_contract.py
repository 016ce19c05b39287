"""What every population check must do; the one over the exchange is held against the same list as the fake.

Call `check_population_contract` with the check and one living person that its registry knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from terpadu.identity.public import PopulationCheck
from terpadu.kernel.actors import Actor

BY = Actor.system("tests")


@dataclass(frozen=True)
class Known:
    """A living person whom the registry knows, and a well-formed NIK that it does not know."""

    nik: str
    name: str
    birth_on: date
    sex: str
    unknown_nik: str


def check_population_contract(check: PopulationCheck, known: Known) -> None:
    """Assert the contract: it confirms the truth, and says apart what does not fit."""
    truth = check(known.nik, known.name, known.birth_on, by=BY)
    assert truth.is_confirmed
    assert truth.sex == known.sex
    assert check(known.nik, known.name.upper(), known.birth_on, by=BY).name_matches

    other_name = check(known.nik, "Nama Orang Lain", known.birth_on, by=BY)
    assert (other_name.found, other_name.name_matches, other_name.birth_matches) == (True, False, True)

    other_day = check(known.nik, known.name, known.birth_on + timedelta(days=1), by=BY)
    assert (other_day.found, other_day.name_matches, other_day.birth_matches) == (True, True, False)

    nobody = check(known.unknown_nik, known.name, known.birth_on, by=BY)
    assert not nobody.found
    assert not nobody.is_confirmed
