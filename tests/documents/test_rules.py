"""What facts fit, what holds of a document today, how a file is judged."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.documents.catalogue import kind_get
from terpadu.documents.enums import Standing, Status, Verdict
from terpadu.documents.rules import (
    UNREADABLE,
    Inspection,
    SignatureFinding,
    decide_verdict,
    fact_faults,
    standing_of,
    tidy_facts,
    tokens_in,
)
from tests.documents.conftest import FACTS

OURS = SignatureFinding(True, True, True, "Rina", "2026-11-21T07:00:00+00:00")
OURS_BROKEN = SignatureFinding(True, False, True, "Rina", "")
OURS_APPENDED = SignatureFinding(True, True, False, "Rina", "")
STRANGER = SignatureFinding(False, False, False, "Somebody", "")


def looked_at(*signatures: SignatureFinding) -> Inspection:
    return Inspection(is_readable=True, is_encrypted=False, signatures=signatures)


LOCKED = Inspection(is_readable=True, is_encrypted=True, signatures=())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"name": ""}, "name is missing"),
        ({"colour": "red"}, "colour is unknown"),
        ({"nik": "367101120523000"}, "nik is not of type nik"),
        ({"nik": "36710112052300O1"}, "nik is not of type nik"),
        ({"birth_on": "12-05-2023"}, "birth_on is not of type date"),
        ({"birth_on": "2023-02-29"}, "birth_on is not of type date"),
        ({"birth_on": "20230512"}, "birth_on is not of type date"),
        ({"sex": "boy"}, "sex is not of type choice"),
        ({"address": "a" * 2001}, "address is not of type text"),
        ({"name": "Bagas\x00"}, "name is not of type text"),
        ({"name": "Bagas\nPutra"}, "name is not of type text"),
        ({"name": 7}, "name is not of type text"),
        ({"mother_name": ""}, None),
    ],
)
def test_fact_faults_names_the_fact_and_never_its_value(change: dict[str, object], fault: str | None) -> None:
    faults = fact_faults(kind_get("kia"), FACTS | change)

    assert faults == ([fault] if fault else [])


def test_tidy_facts_prints_one_line_without_emoji_and_drops_what_is_empty() -> None:
    facts = {
        "event": " Pentas\r\nseni \U0001f389\ufe0f anak ",
        "hours": "\n",
        "count": 3,
        "none": None,
        "degree": "30° ©",
    }

    assert tidy_facts(facts) == {"event": "Pentas seni anak", "count": 3, "degree": "30° ©"}


@pytest.mark.parametrize(
    ("status", "on", "standing"),
    [
        (Status.VALID, date(2028, 5, 11), Standing.VALID),
        (Status.VALID, date(2028, 5, 12), Standing.EXPIRED),
        (Status.REVOKED, date(2028, 5, 12), Standing.REVOKED),
        (Status.REPLACED, date(2026, 1, 1), Standing.REPLACED),
    ],
)
def test_standing_of_counts_the_last_day_as_valid(status: Status, on: date, standing: Standing) -> None:
    assert standing_of(status, valid_until=date(2028, 5, 11), on=on) == standing


def test_standing_of_a_document_without_end_stays_valid() -> None:
    assert standing_of(Status.VALID, valid_until=None, on=date(2999, 1, 1)) == Standing.VALID


@pytest.mark.parametrize(
    ("inspection", "registered", "named", "verdict"),
    [
        (looked_at(OURS), True, False, Verdict.UNCHANGED),
        (looked_at(OURS_BROKEN), True, False, Verdict.CHANGED),
        (UNREADABLE, True, False, Verdict.CHANGED),
        (looked_at(OURS), False, True, Verdict.CHANGED),
        (looked_at(OURS_BROKEN), False, False, Verdict.CHANGED),
        (looked_at(OURS_APPENDED), False, False, Verdict.CHANGED),
        (looked_at(OURS, OURS_APPENDED), False, False, Verdict.CHANGED),
        (looked_at(STRANGER), False, True, Verdict.CHANGED),
        (looked_at(), False, True, Verdict.CHANGED),
        (UNREADABLE, False, True, Verdict.CHANGED),
        (looked_at(OURS), False, False, Verdict.UNREGISTERED),
        (looked_at(STRANGER), False, False, Verdict.FOREIGN),
        (looked_at(), False, False, Verdict.UNSIGNED),
        (LOCKED, False, False, Verdict.ENCRYPTED),
        (UNREADABLE, False, False, Verdict.UNREADABLE),
    ],
)
def test_decide_verdict_table(
    inspection: Inspection, registered: bool, named: bool, verdict: Verdict
) -> None:
    assert decide_verdict(inspection, is_registered=registered, names_ours=named) is verdict


findings = st.builds(SignatureFinding, st.booleans(), st.booleans(), st.booleans(), st.just(""), st.just(""))
inspections = st.builds(Inspection, st.booleans(), st.booleans(), st.lists(findings, max_size=3).map(tuple))


@settings(deadline=None)
@given(inspections, st.booleans(), st.booleans())
def test_decide_verdict_calls_only_registered_bytes_with_a_sound_signature_unchanged(
    inspection: Inspection, registered: bool, named: bool
) -> None:
    verdict = decide_verdict(inspection, is_registered=registered, names_ours=named)

    if verdict is Verdict.UNCHANGED:
        assert registered
        assert any(s.is_ours and s.is_sound and s.covers_file for s in inspection.signatures)
    if named and not registered:
        assert verdict is Verdict.CHANGED


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40))
def test_tokens_in_finds_a_token_in_any_surroundings(before: bytes, after: bytes) -> None:
    token = "abcdefghijklmnopqrst-_"

    assert token in tokens_in(before + b"/v/" + token.encode() + after)
