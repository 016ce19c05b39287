"""The rule by which a person sees an exchange: what it may hold, and that it is part of what both agencies sign."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import JsonValue

from terpadu_wire.canonical import canonical_bytes
from terpadu_wire.disclosures import AT_ONCE, Disclosure, Ground, disclosure_from_json, disclosure_to_json
from terpadu_wire.errors import ContractError
from terpadu_wire.properties import parse_properties, properties_to_json
from terpadu_wire.purposes import purpose_digest, purpose_from_json, purpose_to_json
from tests.wire.test_rules import PURPOSE_CONTENT

GROUND = {"code": "law_enforcement", "article": "UU 27/2022 ps. 15"}
BY_LAW = Ground("law_enforcement", "UU 27/2022 ps. 15")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, AT_ONCE),
        ({"class": "now"}, AT_ONCE),
        ({"class": "delayed", "days": 30, "ground": GROUND}, Disclosure("delayed", 30, ground=BY_LAW)),
        (
            {"class": "delayed", "date": "2027-02-28", "ground": GROUND},
            Disclosure("delayed", date="2027-02-28", ground=BY_LAW),
        ),
        ({"class": "closed", "days": 365, "ground": GROUND}, Disclosure("closed", 365, ground=BY_LAW)),
        ({"class": "supervisor", "ground": GROUND}, Disclosure("supervisor", ground=BY_LAW)),
    ],
)
def test_disclosure_is_read_and_written_alike(value: JsonValue, expected: Disclosure) -> None:
    assert disclosure_from_json(value) == expected
    assert disclosure_from_json(disclosure_to_json(expected)) == expected


@pytest.mark.parametrize(
    "value",
    [
        "closed",
        None,
        [],
        {"class": "never"},
        {"class": "now", "days": 1},
        {"class": "now", "ground": GROUND},
        {"class": "delayed", "ground": GROUND},
        {"class": "delayed", "days": 1},
        {"class": "delayed", "days": 1, "date": "2027-01-01", "ground": GROUND},
        {"class": "delayed", "days": 0, "ground": GROUND},
        {"class": "delayed", "days": True, "ground": GROUND},
        {"class": "delayed", "days": 3661, "ground": GROUND},
        {"class": "delayed", "date": "2027-02-30", "ground": GROUND},
        {"class": "closed", "ground": GROUND},
        {"class": "closed", "date": "2027-01-01", "ground": GROUND},
        {"class": "supervisor"},
        {"class": "supervisor", "days": 3, "ground": GROUND},
        {"class": "supervisor", "ground": {"code": "x", "article": ""}},
        {"class": "supervisor", "ground": GROUND, "until": "2027-01-01"},
    ],
)
def test_disclosure_that_is_not_whole_is_not_understood(value: JsonValue) -> None:
    """What is not understood shows nothing, and no gateway takes a contract that holds it."""
    assert disclosure_from_json(value) is None
    properties: dict[str, JsonValue] = {
        "purpose": {"code": "a", "text": {"id": "a", "en": "a"}, "legal_basis": "a", "retention": "a"},
        "operations": [{"id": "a", "method": "GET", "path": "/a", "fields": {"allow": []}}],
        "openapi_sha256": "0" * 64,
    }
    assert "disclosure" not in properties_to_json(parse_properties(properties))
    with pytest.raises(ContractError) as caught:
        parse_properties(properties | {"disclosure": value})
    assert caught.value.code == "contract.properties_invalid"


def test_disclosure_is_part_of_the_purpose_that_both_sign() -> None:
    hidden = replace(PURPOSE_CONTENT, disclosure=Disclosure("supervisor", ground=BY_LAW))

    assert purpose_digest(hidden) != purpose_digest(PURPOSE_CONTENT)
    assert purpose_from_json(purpose_to_json(hidden)) == hidden


def test_disclosure_at_once_leaves_purposes_as_they_were_signed_before() -> None:
    assert "disclosure" not in purpose_to_json(PURPOSE_CONTENT)
    assert canonical_bytes(purpose_to_json(replace(PURPOSE_CONTENT, disclosure=AT_ONCE))) == canonical_bytes(
        purpose_to_json(PURPOSE_CONTENT)
    )
