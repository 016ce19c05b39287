"""The kinds of documents are data, checked before a process uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from terpadu.documents.catalogue import kind_get, kinds, load_kind
from terpadu.documents.errors import KindInvalid, KindUnknown

SOUND = """
kind: note
version: 1
title: {id: Catatan, en: Note}
basis: UU 1/2000
template: note/template.typ
name_fact: name
facts:
  name: {label: {id: Nama, en: Name}}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "note").mkdir()
    (folder / "note" / "template.typ").write_text("")
    path = folder / "note" / "kind.yaml"
    path.write_text(text)
    return path


def test_kinds_are_those_of_the_city_and_of_clearance_with_names_in_both_languages() -> None:
    city = {"kia", "domicile_letter", "family_card_change", "public_space_permit"}
    assert set(kinds()) == {*city, "clearance_decision"}
    assert kind_get("kia").title == {"id": "Kartu Identitas Anak", "en": "Child Identity Card"}


def test_kind_get_unknown_is_refused() -> None:
    with pytest.raises(KindUnknown):
        kind_get("passport")


def test_load_kind_sound_file_is_read(tmp_path: Path) -> None:
    assert load_kind(written(tmp_path, SOUND)).name_fact == "name"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("en: Note", "en: ''"),
        ("{id: Catatan, en: Note}", "{id: Catatan}"),
        ("kind: note", "kind: letter"),
        ("name_fact: name", "name_fact: nickname"),
        ("note/template.typ", "../secrets.typ"),
        ("note/template.typ", "note/missing.typ"),
        ("basis: UU 1/2000", "basis: UU 1/2000\nextra: 1"),
        ("{label: {id: Nama, en: Name}}", "{type: number, label: {id: Nama, en: Name}}"),
        ("{label: {id: Nama, en: Name}}", "{required: false, label: {id: Nama, en: Name}}"),
        ("kind: note", "kind: [note"),
        ("kind: note", "- kind"),
    ],
)
def test_load_kind_faulty_file_is_refused_with_its_folder(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(KindInvalid) as refused:
        load_kind(written(tmp_path, SOUND.replace(old, new)))

    assert refused.value.facts["folder"] == "note"
