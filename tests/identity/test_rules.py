"""What a NIK, a name, a password and a network are."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.identity.enums import NikFault, PasswordFault, Sex
from terpadu.identity.rules.accounts import (
    TITLES,
    clean_nik,
    device_of,
    find_nik_fault,
    find_password_fault,
    is_password_enough_alone,
    name_words,
    names_match,
    network_of,
    read_nik,
    tidy_name,
)

TODAY = date(2026, 11, 21)
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9).filter(
    lambda w: w not in TITLES
)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("3671011508950001", None),
        ("3671015508950002", None),
        ("3671012902000003", None),
        ("3671 0115.0895-0001", None),
        ("３６７１０１１５０８９５０００１", None),
        ("3671012902010003", NikFault.BIRTH_DATE),
        ("3671013208950001", NikFault.BIRTH_DATE),
        ("3671010008950001", NikFault.BIRTH_DATE),
        ("9971011508950001", NikFault.PROVINCE),
        ("3600011508950001", NikFault.REGION),
        ("3671001508950001", NikFault.REGION),
        ("3671011508950000", NikFault.SERIAL),
        ("367101150895000", NikFault.FORMAT),
        ("36710115089500011", NikFault.FORMAT),
        ("367101150895000a", NikFault.FORMAT),
        ("", NikFault.FORMAT),
    ],
)
def test_find_nik_fault_names_the_part(typed: str, fault: NikFault | None) -> None:
    assert find_nik_fault(typed, today=TODAY) == fault


@pytest.mark.parametrize(
    ("number", "sex", "birth_on"),
    [
        ("3671011508950001", Sex.MALE, date(1995, 8, 15)),
        ("3671015508950002", Sex.FEMALE, date(1995, 8, 15)),
        ("3671012902000003", Sex.MALE, date(2000, 2, 29)),
    ],
)
def test_read_nik_gives_sex_and_birth(number: str, sex: Sex, birth_on: date) -> None:
    facts = read_nik(number, today=TODAY)

    assert (facts.number, facts.sex, facts.birth_on) == (number, sex, birth_on)


def test_read_nik_malformed_does_not_repeat_the_number() -> None:
    with pytest.raises(ValueError, match="not a NIK") as caught:
        read_nik("9971011508950001", today=TODAY)

    assert "9971" not in str(caught.value)


@given(st.text(max_size=40))
def test_find_nik_fault_takes_any_text(typed: str) -> None:
    fault = find_nik_fault(typed, today=TODAY)

    assert fault is not None or re.fullmatch("[0-9]{16}", clean_nik(typed))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Siti Rahmawati", "SITI  RAHMAWATI", True),
        ("Dewi", "dewi", True),
        ("Dr. Budi Santoso, S.T., M.T.", "Budi Santoso", True),
        ("H. Ma'ruf", "Maruf", True),
        ("Ma’ruf", "Ma'ruf", True),
        ("Hj. Siti Aminah", "Siti Aminah", True),
        ("José", "Jose", True),
        ("Ir", "ir", True),
        ("Budi Santoso", "Santoso Budi", False),
        ("Budi", "Budi Santoso", False),
        ("Siti Rahma", "Siti Rahmi", False),
        ("", "", False),
        ("..", "--", False),
    ],
)
def test_names_match_by_words(one: str, other: str, same: bool) -> None:
    assert names_match(one, other) is same


@given(names)
def test_names_match_ignores_case_space_and_titles(name: str) -> None:
    assert names_match(name, f"  Dr. {name.upper().replace(' ', '   ')}, S.Kom.")


@given(names, names)
def test_names_match_is_symmetric(one: str, other: str) -> None:
    assert names_match(one, other) == names_match(other, one)


@given(st.text(max_size=60))
def test_name_words_of_tidied_name_are_the_same(name: str) -> None:
    assert name_words(tidy_name(name)) == name_words(name)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kopi7tubruk", None),
        ("empat kata acak dan murah", None),
        ("pendek1", PasswordFault.SHORT),
        ("x" * 129, PasswordFault.LONG),
        ("password123", PasswordFault.COMMON),
        ("Rahasia 123", PasswordFault.COMMON),
        ("aaaaaaaaaaaaaaaa", PasswordFault.COMMON),
        ("sitirahmawati", PasswordFault.PERSONAL),
        ("Siti Rahmawati 1992", PasswordFault.PERSONAL),
        ("14061992", PasswordFault.PERSONAL),
        ("nik3671015406920003", PasswordFault.PERSONAL),
        ("siti menanam rahmat di sawah", None),
    ],
)
def test_find_password_fault(password: str, fault: PasswordFault | None) -> None:
    found = find_password_fault(
        password, nik="3671015406920003", name="Siti Rahmawati", birth_on=date(1992, 6, 14)
    )

    assert found == fault


def test_is_password_enough_alone_from_fifteen_characters() -> None:
    assert not is_password_enough_alone("x" * 14)
    assert is_password_enough_alone("x" * 15)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_network_of(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8", ""),
    ],
)
def test_device_of(agent: str, device: str) -> None:
    assert device_of(agent) == device
