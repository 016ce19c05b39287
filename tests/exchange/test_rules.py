"""Pure rules: where a contract stands, how the trail is put together, what failures mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.exchange.rules.calls import Failure, classify_problem
from terpadu.exchange.rules.contracts import Kind, Standing, derive_state, may_sign
from terpadu.exchange.rules.trail import TrailFacts, merge, read_record
from terpadu_wire.problems import KINDS
from terpadu_wire.records import Record

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STANDING = Standing(
    required=frozenset({"a", "b"}), not_before=NOON - timedelta(days=1), not_after=NOON + timedelta(days=1)
)
PEERS = st.frozensets(st.sampled_from("abc"))


@pytest.mark.parametrize(
    ("accepted", "rejected", "revoked", "after_days", "state"),
    [
        ("", "", "", 0, "proposed"),
        ("a", "", "", 0, "proposed"),
        ("ab", "", "", 0, "valid"),
        ("abc", "", "", 0, "valid"),
        ("ab", "", "", -5, "valid"),
        ("ab", "", "", 1, "expired"),
        ("", "", "", 1, "expired"),
        ("a", "b", "", 0, "rejected"),
        ("ab", "", "a", 0, "revoked"),
        ("ab", "b", "a", 5, "revoked"),
    ],
)
def test_derive_state_by_signatures_and_dates(
    accepted: str, rejected: str, revoked: str, after_days: int, state: str
) -> None:
    standing = replace(
        STANDING, accepted=frozenset(accepted), rejected=frozenset(rejected), revoked=frozenset(revoked)
    )

    assert derive_state(standing, now=NOON + timedelta(days=after_days)) == state


@given(accepted=PEERS, rejected=PEERS, revoked=PEERS, hours=st.integers(-48, 48))
def test_derive_state_valid_only_when_all_accepted_and_nobody_objects(
    accepted: frozenset[str], rejected: frozenset[str], revoked: frozenset[str], hours: int
) -> None:
    standing = replace(STANDING, accepted=accepted, rejected=rejected, revoked=revoked)

    is_valid = derive_state(standing, now=NOON + timedelta(hours=hours)) == "valid"

    assert is_valid == ({"a", "b"} <= accepted and not rejected and not revoked and hours < 24)


@given(accepted=PEERS, rejected=PEERS, revoked=PEERS, kind=st.sampled_from(("accept", "reject", "revoke")))
def test_may_sign_never_on_a_closed_contract(
    accepted: frozenset[str], rejected: frozenset[str], revoked: frozenset[str], kind: Kind
) -> None:
    standing = replace(STANDING, accepted=accepted, rejected=rejected, revoked=revoked)

    if rejected or revoked:
        assert not may_sign(kind, peer_id="a", standing=standing, now=NOON)


def _record(side: str, phase: str) -> Record:
    answered = phase == "response"
    return Record(
        transaction_id="01a1fff5-9896-7a5b-ab25-c91fa4fd1aa1",
        side="in" if side == "in" else "out",
        phase="response" if answered else "request",
        at=int(NOON.timestamp() * 1000) + answered * 50,
        consumer="00000001",
        provider="00000002",
        service="kependudukan",
        operation="cariKeluarga",
        grant_hash="$1$4$x",
        purpose="kia.verifikasi",
        outcome="answered" if answered else "asked",
        salt="x",
        subject="pseudonym" if side == "in" else "",
        status=200 if answered else 0,
        fields=("/data/nik",) if answered and side == "in" else (),
    )


FOUR = [_record(side, phase) for side in ("out", "in") for phase in ("request", "response")]


def _merged(records: list[Record]) -> TrailFacts:
    facts = [read_record(record, received_at=NOON + timedelta(hours=1)) for record in records]
    merged = facts[0]
    for one in facts[1:]:
        merged = merge(merged, one)
    return merged


@pytest.mark.parametrize("order", permutations(range(4)))
def test_merge_gives_the_same_in_any_order(order: tuple[int, ...]) -> None:
    assert _merged([FOUR[place] for place in order]) == _merged(FOUR)


@given(st.lists(st.sampled_from(FOUR), min_size=1, max_size=12))
def test_merge_of_the_same_record_again_changes_nothing(records: list[Record]) -> None:
    once = [record for place, record in enumerate(records) if record not in records[:place]]

    assert _merged(records) == _merged(once)


def test_merge_provider_word_counts_more_than_consumer() -> None:
    lost = replace(FOUR[1], outcome="failed", error_code="gateway.deadline", status=504)

    merged = _merged([FOUR[0], lost, FOUR[2], FOUR[3]])

    assert (merged.outcome, merged.fields, merged.error_code) == ("answered", ("/data/nik",), "")


def test_merge_contradiction_is_marked_whoever_comes_first() -> None:
    other = replace(FOUR[0], subject="somebody-else")

    assert _merged([other, FOUR[3]]).is_disputed
    assert _merged([FOUR[3], other]).is_disputed
    assert _merged([FOUR[3], other]).subject == "pseudonym"


@pytest.mark.parametrize("code", sorted(KINDS))
def test_classify_problem_temporary_failures_are_unavailable(code: str) -> None:
    """What the gateway calls worth another try must never read as a refusal; only old tokens renew themselves."""
    kind = KINDS[code]
    if kind.retryable and code != "token.expired":
        assert classify_problem(code) is Failure.UNAVAILABLE


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("contract.revoked", Failure.REFUSED),
        ("purpose.not_in_contract", Failure.REFUSED),
        ("system.refused", Failure.REFUSED),
        ("system.not_found", Failure.NOTHING_FOUND),
        ("system.not_json", Failure.GARBLED),
        ("provider.unproven", Failure.GARBLED),
        ("subject.mismatch", Failure.OTHER_SUBJECT),
        ("a.code.from.tomorrow", Failure.REFUSED),
    ],
)
def test_classify_problem_by_code(code: str, failure: Failure) -> None:
    assert classify_problem(code) is failure
