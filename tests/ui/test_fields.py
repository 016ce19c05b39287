"""What people write: unseen marks go, and a name to be registered is letters only."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from terpadu.kernel.ui.fields import NewNameField, WordsField


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Jalan\u202e 71 oN\u202c", "Jalan 71 oN"),
        ("\u200eMelati 3\ufeff ", "Melati 3"),
        ("Me\u00adla\u2060ti", "Melati"),
        ("baris satu\nbaris dua 😀", "baris satu\nbaris dua 😀"),
        ("", ""),
    ],
)
def test_words_field_marks_that_turn_or_hide_letters_are_dropped(typed: str, read: str) -> None:
    assert WordsField(required=False).clean(typed) == read


def test_words_field_unseen_marks_alone_are_no_answer() -> None:
    with pytest.raises(ValidationError):
        WordsField().clean("\u200b\u202e")


@pytest.mark.parametrize("typed", ["Bintang  Maulana", " Kirana ", "Bintang\u200e Maulana"])
def test_new_name_of_letters_is_taken_with_single_spaces(typed: str) -> None:
    assert NewNameField().clean(typed) in ("Bintang Maulana", "Kirana")


@pytest.mark.parametrize(
    "typed", ["😀", "M. Ali", "Ali 2", "Nur-Aini", "Dr Ali,", "Аli", "<b>Ali</b>", "Ali/Budi"]
)
def test_new_name_with_other_signs_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NewNameField().clean(typed)

    assert refused.value.code == "letters"
