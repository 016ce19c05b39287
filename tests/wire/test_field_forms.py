"""Fields that pass as they are, masked, hashed or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.fields import apply_fields, field_hash_key, hashed, masked
from terpadu_wire.properties import FieldRules


@pytest.mark.parametrize(
    ("value", "keep", "expected"),
    [
        ("3671014506900001", 4, "************0001"),
        ("0001", 4, "****"),
        ("00011", 2, "***11"),
        ("", 4, ""),
        (5, 4, None),
        ({"a": "b"}, 0, None),
        (["a"], 1, None),
        ("rahasia", 0, "*******"),
    ],
)
def test_masked_table(value: JsonValue, keep: int, expected: JsonValue) -> None:
    assert masked(value, keep=keep) == expected


def test_apply_fields_forms_and_strictness() -> None:
    key = field_hash_key(b"s" * 32, consumer="1", provider="2")
    value: JsonValue = {
        "nik": "3671014506900001",
        "nama": "SITI",
        "data": {"a": 1, "b": 2, "c": {"d": 3, "e": 4}},
        "anggota": [{"nik": "1" * 16, "nama": "X", "agama": "Y"}, {"nik": "2" * 16}],
    }
    rules = FieldRules(
        ("/nama", "/data", "/anggota"),
        {"/nik": 4, "/nama": 0, "/anggota/*/nama": 0},
        ("/anggota/*/nik", "/nama"),
        ("/data/b", "/data/c/d", "/anggota/*/agama"),
    )
    kept, used = apply_fields(value, rules, hash_key=key)
    assert kept == {
        "nik": "************0001",
        "nama": hashed("SITI", key=key),
        "data": {"a": 1, "c": {"e": 4}},
        "anggota": [
            {"nik": hashed("1" * 16, key=key), "nama": "*"},
            {"nik": hashed("2" * 16, key=key)},
        ],
    }
    assert used == ("/anggota/*/nama", "/anggota/*/nik", "/data", "/nama", "/nik")
    assert field_hash_key(b"s" * 32, consumer="3", provider="2") != key


leaf_values = st.recursive(
    st.text(max_size=6) | st.integers(0, 9) | st.none(),
    lambda inner: st.dictionaries(st.sampled_from("ab"), inner) | st.lists(inner, max_size=3),
    max_leaves=12,
)
some_pointers = st.lists(
    st.lists(st.sampled_from(["a", "b", "*"]), max_size=3).map(lambda steps: "".join(f"/{s}" for s in steps)),
    max_size=3,
)


@given(leaf_values, some_pointers, some_pointers, some_pointers)
def test_apply_fields_of_what_is_dropped_or_hashed_nothing_is_left_readable(
    value: JsonValue, allow: list[str], hashes: list[str], drop: list[str]
) -> None:
    marked = _mark(value, "")
    kept, _ = apply_fields(marked, FieldRules(tuple(allow), {}, tuple(hashes), tuple(drop)), hash_key=b"k")
    for text in _texts(kept):
        if text.startswith("@"):
            place = text[1:].split("/")[1:]
            for pointer in (*hashes, *drop):
                steps = pointer.split("/")[1:]
                reaches = len(steps) <= len(place) and all(
                    step == there or (step == "*" and there == "#")
                    for step, there in zip(steps, place, strict=False)
                )
                assert not reaches, (text, pointer)


def _mark(value: JsonValue, place: str) -> JsonValue:
    if isinstance(value, dict):
        return {name: _mark(one, f"{place}/{name}") for name, one in value.items()}
    if isinstance(value, list):
        return [_mark(one, f"{place}/#") for one in value]
    return f"@{place}"


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []
