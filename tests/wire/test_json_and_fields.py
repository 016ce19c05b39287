"""Strict JSON, canonical JSON, field rules and subjects."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.canonical import HashKind, b64url_decode, b64url_encode, canonical_bytes, tagged_hash
from terpadu_wire.errors import JsonError
from terpadu_wire.fields import select_fields, split_pointer, values_at
from terpadu_wire.strict_json import MAX_DEPTH, parse_json
from terpadu_wire.subjects import pseudonym
from terpadu_wire.transactions import is_transaction_id, new_transaction_id

keys = st.sampled_from(["a", "b", "c", "*", "x/y", "~"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)
pointers = st.lists(keys, max_size=4).map(
    lambda steps: "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
)


def test_canonical_bytes_known_answer() -> None:
    """RFC 8785, section 3.2.3: keys sorted by UTF-16 code units."""
    value: JsonValue = {
        "€": "Euro",
        "\r": "CR",
        "\ufb33": "Dalet",
        "1": "One",
        "😀": "Smile",
        "\x80": "Ctrl",
        "ö": "o",
    }
    found = json.loads(canonical_bytes(value), object_pairs_hook=lambda pairs: [value for _, value in pairs])
    assert found == ["CR", "One", "Ctrl", "o", "Euro", "Smile", "Dalet"]
    assert canonical_bytes({"numbers": [1e30, 4.5, 2e-3, 1e-27]}) == b'{"numbers":[1e+30,4.5,0.002,1e-27]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, "\ud800"])
def test_canonical_bytes_of_a_value_without_canonical_form_fails(value: JsonValue) -> None:
    with pytest.raises(JsonError):
        canonical_bytes(value)


def test_tagged_hash_known_answer() -> None:
    """SHA3-512 of nothing (FIPS 202), in FSC's writing."""
    expected = "$1$1$pp9zzKI6msXItWfcGFp1bpfJghZP4lhZ4NHcwUdcgKYVshI68fX5TBHj6UAsOsVY9QAZnZW20-MBdYWGKB3NJg"
    assert tagged_hash(HashKind.CONTRACT, b"") == expected


@given(st.binary())
def test_base64url_round_trip(raw: bytes) -> None:
    assert b64url_decode(b64url_encode(raw)) == raw


@given(values, st.sampled_from([None, 2]))
def test_parse_json_reads_what_was_written_in_any_layout(value: JsonValue, indent: int | None) -> None:
    assert parse_json(json.dumps(value, indent=indent).encode()) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json.invalid"),
        (b"{", "json.invalid"),
        (b"[1,]", "json.invalid"),
        (b"NaN", "json.invalid"),
        (b"[Infinity]", "json.invalid"),
        (b'{"a":1e999}', "json.invalid"),
        (b'"\xff"', "json.invalid"),
        (b'"\\ud800"', "json.invalid"),
        (b"{'a':1}", "json.invalid"),
        (b'{"a":1,"a":2}', "json.duplicate_key"),
        (b'[{"a": {"b": 1, "c": 2, "b": 1}}]', "json.duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "json.duplicate_key"),
        (b'{"n": 99999999999999999999}', "json.number"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "json.too_deep"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "json.too_deep"),
    ],
)
def test_parse_json_hostile_text_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(JsonError) as caught:
        parse_json(raw)
    assert caught.value.code == code


def test_parse_json_many_brackets_that_do_not_nest_pass() -> None:
    assert parse_json(b"[" + b"[]," * 500 + b"[]]") == [[]] * 501


@given(st.binary(max_size=60))
def test_parse_json_of_any_bytes_gives_a_value_or_a_json_error(raw: bytes) -> None:
    try:
        parse_json(raw)
    except JsonError as error:
        assert error.code.startswith("json.")


def leaves(value: JsonValue, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], JsonValue]]:
    """Return every scalar with the steps to it; array positions as ``#``."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, (*path, "#"))]
    return [(path, value)]


def allowed(path: tuple[str, ...], allow: list[str]) -> bool:
    """Say, in the plainest way, whether a rule names a place or something above it."""
    for pointer in allow:
        steps = split_pointer(pointer)
        start = path[: len(steps)]
        if len(start) == len(steps) and all(
            step == place or (step == "*" and place == "#") for step, place in zip(steps, start, strict=True)
        ):
            return True
    return False


@given(values, st.lists(pointers, max_size=5))
def test_select_fields_returns_exactly_the_leaves_that_a_pointer_allows(
    value: JsonValue, allow: list[str]
) -> None:
    kept, used = select_fields(value, allow)

    expected = [leaf for leaf in leaves(value) if allowed(leaf[0], allow)]
    found = leaves(kept) if kept is not None or expected else []
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert set(used) <= set(allow)


@given(values)
def test_select_fields_without_rules_lets_no_leaf_pass(value: JsonValue) -> None:
    kept, used = select_fields(value, [])
    assert leaves(kept) in ([], [((), None)])
    assert used == ()


@given(values, st.lists(pointers, min_size=1, max_size=5))
def test_select_fields_twice_is_the_same_as_once(value: JsonValue, allow: list[str]) -> None:
    once, _ = select_fields(value, allow)
    assert select_fields(once, allow)[0] == once


def test_values_at_walks_objects_and_every_array_element() -> None:
    value: JsonValue = {"a": [{"b": 1}, {"b": 2}, {"c": 3}], "~": {"x/y": 4}}
    assert list(values_at(value, "/a/*/b")) == [1, 2]
    assert list(values_at(value, "/~0/x~1y")) == [4]
    assert list(values_at(value, "/a/0/b")) == []
    assert list(values_at(value, "")) == [value]


def test_pseudonym_known_answer() -> None:
    """HMAC-SHA-256 test case 2 of RFC 4231."""
    found = b64url_decode(pseudonym(b"Jefe", "what do ya want for nothing?"))
    assert found.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_pseudonym_differs_by_key_and_person_and_ignores_space_around() -> None:
    assert pseudonym(b"k" * 32, "1") != pseudonym(b"l" * 32, "1")
    assert pseudonym(b"k" * 32, "1") != pseudonym(b"k" * 32, "2")
    assert pseudonym(b"k" * 32, " 1 ") == pseudonym(b"k" * 32, "1")


@given(st.lists(st.floats(1.6e9, 4e9), min_size=2, max_size=5))
def test_new_transaction_id_is_version_7_and_sorts_by_time(moments: list[float]) -> None:
    made = [new_transaction_id(now=moment) for moment in sorted(moments)]
    assert all(is_transaction_id(one) for one in made)
    for before, after in pairwise(made):
        assert before[:13] <= after[:13]


@pytest.mark.parametrize(
    "text", ["", "1", "01A1FFE6-AE32-7819-A387-3A7095712CB8", "01a1ffe6-ae32-4819-a387-3a7095712cb8"]
)
def test_is_transaction_id_of_another_spelling_is_false(text: str) -> None:
    assert not is_transaction_id(text)
