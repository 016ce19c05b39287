"""A contract's regular expression decides whole references, and none of any party's making holds a gateway up."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.errors import ContractError
from terpadu_wire.properties import MAX_EVIDENCE, EvidenceRule, parse_properties
from tests.wire.conftest import Group

EVIL = [
    r"(a+)+",
    r"(a*)*",
    r"([a-zA-Z]+)*",
    r"(a|aa)+",
    r"(a|a?)+",
    r"(.*a){20}",
    r"(a?){40}a{40}",
    r"a*a*a*a*a*a*a*a*a*a*a*a*b",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?:\w+\s?)+x",
    r"(\w{1,9}-?){1,20}x",
]
TOO_LARGE = [r"(.{0,100}){0,100}", r"((a{0,20}){0,20}){0,20}", r"\p{L}{200}", r"(x?.{0,99}){0,99}y"]
NOT_IN_ONE_PASS = [r"(a)\1", r"(?=a)a", r"(?!b)a", r"(?<=a)b", r"(a++)b\1"]
NONE_AT_ALL = ["(", "[a", "a)|(?:b", "a{2,1}", "*", "(?x)a#", "\\"]


@contextmanager
def ended_after(seconds: int) -> Iterator[None]:
    """End what goes on for longer, so that a match without an end fails and does not hang."""

    def stop(number: int, frame: object) -> Never:
        raise AssertionError("it goes on and on")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def rule_of(pattern: str, group: Group) -> EvidenceRule:
    """Return the evidence rule of a contract with this pattern. Raises ContractError."""
    properties = next(group.content.connection_grants()).properties
    assert properties is not None
    return parse_properties({**properties, "evidence": {"required": True, "pattern": pattern}}).evidence


@pytest.mark.parametrize("pattern", EVIL)
def test_evidence_pattern_slow_on_purpose_is_decided_all_the_same(group: Group, pattern: str) -> None:
    rule = rule_of(pattern, group)

    with ended_after(30):
        fitting = [rule.fits(text) for text in ("a" * 199 + "!", "aA" * 99 + "-!", "a b" * 66)]

    assert fitting == [False] * 3


@pytest.mark.parametrize("pattern", [*TOO_LARGE, *NOT_IN_ONE_PASS, *NONE_AT_ALL])
def test_parse_properties_pattern_that_cannot_be_decided_in_one_pass_is_refused(
    group: Group, pattern: str
) -> None:
    with pytest.raises(ContractError, match=r"evidence\.pattern") as caught:
        rule_of(pattern, group)

    assert caught.value.code == "contract.properties_invalid"


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        (r"KIA-[0-9]+", ["KIA-7"], ["KIA-", "xKIA-7", "KIA-7x", "KIA-7\n", ""]),
        (r"a|b", ["a", "b"], ["ab", "ax", "xb"]),
        (r"^\d{4}/\w{2,6}$", ["2026/KIA"], ["2026/K", "٢٠٢٦/KIA"]),
        (r"(?i)lp-\d+", ["LP-1", "lp-1"], ["LP-"]),
        (r"(?m)^a$", ["a"], ["a\na", "b\na"]),
        (r".*", ["", "é漢", "x" * MAX_EVIDENCE], ["x" * (MAX_EVIDENCE + 1), "\ud800", "a\nb"]),
    ],
)
def test_evidence_rule_fits_whole_references_alone(
    group: Group, pattern: str, fitting: list[str], other: list[str]
) -> None:
    rule = rule_of(pattern, group)

    assert [one for one in [*fitting, *other] if rule.fits(one)] == fitting


def test_evidence_rule_without_a_pattern_fits_any_reference() -> None:
    assert EvidenceRule(required=True).fits("whatever")


PIECES = st.tuples(
    st.sampled_from(["a", "b", "-", ".", "[ab]", "(?:ab|b)"]), st.sampled_from(["", "?", "*", "+", "{1,3}"])
)


@given(pieces=st.lists(PIECES, max_size=6), text=st.text("ab-", max_size=12))
def test_evidence_rule_simple_pattern_means_what_it_means_elsewhere(
    pieces: list[tuple[str, str]], text: str
) -> None:
    pattern = "".join(atom + count for atom, count in pieces)

    assert EvidenceRule(pattern=pattern).fits(text) is bool(re.fullmatch(pattern, text))
