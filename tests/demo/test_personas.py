"""The people of the story are who the story says they are."""

from datetime import date

import pytest

from demo.population import persona, personas
from demo.population.cast import household_wulan, story_households
from demo.population.records import AS_OF, age_on


def test_persona_siti_has_a_complete_family_for_the_smooth_story() -> None:
    siti, raka, alya = persona("siti"), persona("raka"), persona("alya")
    assert (siti.name, age_on(siti.birth_on), siti.sex) == ("Siti Rahmawati", 34, "P")
    assert (raka.name, raka.birth_on, raka.birth_deed) == (
        "Raka Pratama",
        date(2022, 3, 4),
        "3671-LU-11032022-0015",
    )
    assert age_on(alya.birth_on) == 9
    assert {raka.mother_nik, alya.mother_nik} == {siti.nik}
    assert raka.father_nik == persona("ahmad").nik
    assert len({siti.kk, raka.kk, alya.kk}) == 1


def test_persona_dewi_has_one_word_and_twins_without_father() -> None:
    bima, bayu = persona("bima"), persona("bayu")
    assert persona("dewi").name == "Dewi"
    assert (bima.birth_on, bima.mother_nik) == (bayu.birth_on, bayu.mother_nik)
    assert bima.father_nik is None


def test_persona_bambang_is_guardian_on_his_card_and_on_another() -> None:
    bambang, putri, galih = persona("bambang"), persona("putri"), persona("galih")
    assert {putri.guardian_nik, galih.guardian_nik} == {bambang.nik}
    assert putri.kk == bambang.kk
    assert galih.kk == persona("sumarni").kk != bambang.kk


def test_persona_lestari_has_her_child_on_another_card() -> None:
    assert persona("kirana").mother_nik == persona("lestari").nik
    assert persona("kirana").kk != persona("lestari").kk


def test_persona_wulan_has_a_baby_that_no_registry_knows() -> None:
    (baby,) = household_wulan().unregistered
    assert baby.mother_nik == persona("wulan").nik
    assert age_on(baby.birth_on) == 0


def test_persona_suparno_has_no_telephone() -> None:
    assert persona("suparno").phone is None


@pytest.mark.parametrize("key", ["budi", "rina", "hendra", "agus", "ratna", "yusuf"])
def test_persona_officer_has_a_position_and_a_number_that_fits(key: str) -> None:
    officer = persona(key)
    assert officer.nip is not None
    assert officer.position
    assert officer.agency
    assert len(officer.nip) == 18
    assert officer.nip[:8] == f"{officer.birth_on:%Y%m%d}"
    start = date(int(officer.nip[8:12]), int(officer.nip[12:14]), 1)
    assert 17 <= age_on(officer.birth_on, start) <= 60
    assert start < AS_OF
    assert officer.nip[14] == {"L": "1", "P": "2"}[officer.sex]
    assert officer.nip[15:] != "000"


def test_persona_unknown_key_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match="siti"):
        persona("nobody")


def test_personas_are_members_of_the_households_of_the_story() -> None:
    members = {person.nik: person for household in story_households() for person in household.members}
    for key, found in personas().items():
        person = members[found.nik]
        assert (key, person.name, person.kk) == (found.key, found.name, found.kk)
        assert found.story.endswith(".")
