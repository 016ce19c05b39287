"""The rules of clearance by tables and properties: no decision without a report, one appeal, a path that costs little."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.portfolio.clearance_wording import DOCUMENTS, GAPS, explain_fault
from terpadu.portfolio.enums import DecisionKind, Part, RequestAction, RequestKind, RequestState
from terpadu.portfolio.procedures import regulation
from terpadu.portfolio.rules.clearance.decisions import (
    ALLOWED,
    DecisionFacts,
    NamedCandidate,
    decision_faults,
    default_decision,
    months_after,
)
from terpadu.portfolio.rules.clearance.delivery import DeliveryFacts, delivery_gaps
from terpadu.portfolio.rules.clearance.drafts import DraftFacts, submit_faults
from terpadu.portfolio.rules.clearance.procedure import Office, holds_office
from terpadu.portfolio.rules.clearance.states import FINAL, TABLE, Standing, actions_of, next_standing
from terpadu.portfolio.rules.clearance.uploads import upload_fault

S, A, P, D, K = RequestState, RequestAction, Part, DecisionKind, RequestKind
TODAY = date(2026, 11, 2)
LONG = "Alasan yang cukup panjang untuk dibaca dan dibanding oleh pengusul."
steps = st.lists(st.tuples(st.sampled_from(list(A)), st.sampled_from(list(P))), max_size=60)


def walk(moves: list[tuple[RequestAction, Part]]) -> list[Standing]:
    """Take every step that is allowed, in order."""
    found = [Standing(S.DRAFT)]
    for action, part in moves:
        if after := next_standing(found[-1], action, part=part):
            found.append(after)
    return found


@pytest.mark.parametrize(
    ("state", "action", "part", "after"),
    [
        (S.DRAFT, A.SUBMIT, P.PROPOSER, S.SUBMITTED),
        (S.DRAFT, A.SUBMIT, P.SECRETARIAT, None),
        (S.SUBMITTED, A.ACCEPT, P.SYSTEM, S.SCREENING),
        (S.SUBMITTED, A.GRANT, P.DECIDER, None),
        (S.SUBMITTED, A.RETURN, P.SECRETARIAT, S.RETURNED),
        (S.RETURNED, A.SUBMIT, P.PROPOSER, S.SUBMITTED),
        (S.SCREENING, A.SCREEN, P.SYSTEM, S.REVIEW),
        (S.REVIEW, A.GRANT, P.DECIDER, None),
        (S.REVIEW, A.CONCLUDE, P.SYSTEM, S.DECISION),
        (S.DECISION, A.GRANT, P.PROPOSER, None),
        (S.DECISION, A.DENY, P.DECIDER, S.REFUSED),
        (S.APPROVED, A.DELIVER, P.SYSTEM, S.DELIVERED),
        (S.REFUSED, A.WITHDRAW, P.PROPOSER, None),
        (S.REFUSED, A.APPEAL, P.PROPOSER, S.APPEALED),
        (S.APPEALED, A.WITHDRAW, P.PROPOSER, None),
        (S.DELIVERED, A.APPEAL, P.PROPOSER, None),
    ],
)
def test_next_standing_by_table(
    state: RequestState, action: RequestAction, part: Part, after: RequestState | None
) -> None:
    found = next_standing(Standing(state), action, part=part)

    assert (found.state if found else None) == after


@given(steps)
def test_walk_never_decides_before_the_report_and_appeals_once(
    moves: list[tuple[RequestAction, Part]],
) -> None:
    states = [one.state for one in walk(moves)]

    if {S.APPROVED, S.REFUSED} & set(states):
        first = min(states.index(one) for one in (S.APPROVED, S.REFUSED) if one in states)
        assert S.SCREENING in states[:first]
    assert states.count(S.APPEALED) <= 1
    assert all(state not in FINAL for state in states[:-1])


@pytest.mark.parametrize("state", [one for one in S if one not in FINAL])
def test_every_open_state_has_a_way_on(state: RequestState) -> None:
    standing = Standing(state, appealed_from=S.REFUSED if state is S.APPEALED else None)

    assert any(actions_of(standing, part=part) for part in Part)


@pytest.mark.parametrize("before", [S.APPROVED, S.REFUSED])
def test_dismissed_appeal_returns_to_where_it_came_from(before: RequestState) -> None:
    appealed = next_standing(Standing(before), A.APPEAL, part=P.PROPOSER)
    assert appealed is not None

    after = next_standing(appealed, A.DISMISS, part=P.APPEAL)

    assert after == Standing(before, appealed_from=before)
    assert next_standing(after, A.APPEAL, part=P.PROPOSER) is None


def test_proposer_decides_nothing_anywhere() -> None:
    deciding = {A.GRANT, A.DENY, A.UPHOLD, A.DISMISS, A.ACCEPT, A.RETURN}

    assert not [key for key, (_, parts) in TABLE.items() if key[1] in deciding and P.PROPOSER in parts]


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(list(K)))
def test_path_costs_at_most_its_share_or_is_the_shortest(rupiah: int, kind: RequestKind) -> None:
    rules = regulation()
    for procedure in rules.procedures:
        path = rules.path_for(procedure, kind=kind, rupiah=rupiah)
        cost = path.cost(kind, rupiah_per_hour=rules.rupiah_per_hour)
        assert cost * 100 <= rupiah * rules.most_percent or path is procedure.paths[-1]


@given(st.integers(min_value=0, max_value=10**11), st.integers(min_value=0, max_value=10**11))
def test_path_of_a_larger_contract_is_never_shorter(one: int, other: int) -> None:
    rules = regulation()
    procedure = rules.procedures[0]
    low, high = sorted((one, other))
    places = [
        procedure.paths.index(rules.path_for(procedure, kind=K.ESTABLISH, rupiah=rupiah))
        for rupiah in (low, high)
    ]

    assert places[0] >= places[1]


def test_path_of_what_others_depend_on_is_the_fullest() -> None:
    rules = regulation()
    procedure = rules.procedures[0]

    assert rules.path_for(procedure, kind=K.END, rupiah=0, touches_others=True) is procedure.paths[0]


def test_full_path_of_the_national_procedure_costs_what_the_guide_says() -> None:
    rules = regulation()
    full, short, notice = rules.procedures[0].paths

    costs = [path.cost(K.ESTABLISH, rupiah_per_hour=rules.rupiah_per_hour) for path in (full, short, notice)]

    assert costs == [4_000_000, 350_000, 75_000]
    assert rules.least_value(full, kind=K.ESTABLISH) == 80_000_000


@pytest.mark.parametrize(
    ("office", "agency", "region", "fits"),
    [
        (Office("p", "panrb"), "panrb", "", True),
        (Office("p", "panrb"), "bssn", "", False),
        (Office("p", ""), "dinas.36.71", "36.71", True),
        (Office("p", ""), "kecamatan", "36.71.01", True),
        (Office("p", ""), "kota.lain", "36.72", False),
        (Office("p", ""), "pusat", "", False),
    ],
)
def test_holds_office_by_agency_or_region(office: Office, agency: str, region: str, fits: bool) -> None:
    held = holds_office(
        office, position="p", agency=agency, region=region, for_agency="dinas.36.71", for_region="36.71"
    )

    assert held is fits


candidates = st.lists(
    st.builds(
        NamedCandidate,
        code=st.integers(0, 999_999).map("APL-{:06}".format),
        name=st.text(max_size=5),
        score=st.floats(0, 1),
        is_alive=st.booleans(),
    ),
    max_size=8,
)


@given(candidates)
def test_default_answer_to_new_is_the_strongest_living_candidate(named: list[NamedCandidate]) -> None:
    kind, target = default_decision(K.ESTABLISH, named, strong=0.5)

    strong = [one for one in named if one.is_alive and one.score >= 0.5]
    if strong:
        assert kind is D.REUSE
        assert target in {one.code for one in strong if one.score == max(each.score for each in strong)}
    else:
        assert (kind, target) == (D.NEW, "")


GOOD = DecisionFacts(D.NEW, "", False, LONG, LONG, date(2027, 11, 1))
STRONG = [NamedCandidate("APL-000001", "SIMCUTI", 0.9)]


@pytest.mark.parametrize(
    ("kind", "facts", "codes"),
    [
        (K.ESTABLISH, GOOD, []),
        (K.ESTABLISH, replace(GOOD, reason="Ya"), ["reason_short"]),
        (K.ESTABLISH, replace(GOOD, why_not_reuse=""), ["why_not_reuse"]),
        (K.ESTABLISH, replace(GOOD, expires_on=None), ["expiry_missing"]),
        (K.ESTABLISH, replace(GOOD, expires_on=TODAY), ["expiry_range"]),
        (K.ESTABLISH, replace(GOOD, expires_on=date(2030, 1, 1)), ["expiry_range"]),
        (K.ESTABLISH, replace(GOOD, kind=D.REUSE), ["target_missing"]),
        (K.ESTABLISH, replace(GOOD, kind=D.EXTEND, target="APL-1"), ["target_ended"]),
        (K.ESTABLISH, replace(GOOD, kind=D.AGREE), ["decision_unfit"]),
        (K.END, replace(GOOD, kind=D.AGREE), []),
        (K.END, replace(GOOD, kind=D.NEW), ["decision_unfit"]),
        (K.MODIFY, replace(GOOD, kind=D.INTEGRATE, target="APL-1", target_is_alive=True), []),
    ],
)
def test_decision_faults_by_table(kind: RequestKind, facts: DecisionFacts, codes: list[str]) -> None:
    found = decision_faults(kind, facts, candidates=STRONG, strong=0.5, today=TODAY, most_months=36)

    assert [fault.code for fault in found] == codes
    assert all(explain_fault(fault) for fault in found)


@pytest.mark.parametrize(
    ("kind", "decision", "facts", "gaps"),
    [
        (K.ESTABLISH, D.NEW, DeliveryFacts("", "", (), 0, ()), ["record"]),
        (K.ESTABLISH, D.NEW, DeliveryFacts("A", "planned", (), 0, ()), ["interface"]),
        (K.ESTABLISH, D.NEW, DeliveryFacts("A", "live", ("1/x",), 0, ()), []),
        (K.ESTABLISH, D.INTEGRATE, DeliveryFacts("A", "live", ("1/x",), 0, ()), ["contract"]),
        (K.ESTABLISH, D.INTEGRATE, DeliveryFacts("A", "live", ("1/x",), 1, ()), []),
        (K.TAKE_INTO_USE, D.AGREE, DeliveryFacts("A", "building", ("1/x",), 0, ()), ["live"]),
        (K.END, D.AGREE, DeliveryFacts("A", "retiring", (), 0, ("Layanan",)), ["dependents"]),
        (K.END, D.AGREE, DeliveryFacts("A", "retiring", (), 0, ()), ["ended"]),
        (K.END, D.AGREE, DeliveryFacts("A", "ended", (), 0, ()), []),
    ],
)
def test_delivery_gaps_by_table(
    kind: RequestKind, decision: DecisionKind, facts: DeliveryFacts, gaps: list[str]
) -> None:
    found = delivery_gaps(kind, decision, facts)

    assert found == gaps
    assert set(found) <= set(GAPS)


def test_every_document_that_a_path_needs_has_a_name() -> None:
    needed = {
        one
        for procedure in regulation().procedures
        for path in procedure.paths
        for documents in path.documents.values()
        for one in documents
    }

    assert needed <= set(DOCUMENTS)


DRAFT = DraftFacts(
    K.ESTABLISH,
    "Antrean",
    LONG,
    LONG,
    ("RAB.01",),
    1,
    2027,
    "",
    LONG,
    "",
    frozenset({"terms", "cost_benefit"}),
)


@pytest.mark.parametrize(
    ("facts", "strong", "codes"),
    [
        (DRAFT, [], []),
        (DRAFT, ["SIMCUTI"], ["why_missing"]),
        (replace(DRAFT, why_not_existing=LONG), ["SIMCUTI"], []),
        (replace(DRAFT, documents=frozenset()), [], ["document_missing", "document_missing"]),
        (replace(DRAFT, fiscal_year=1900), [], ["year_range"]),
        (replace(DRAFT, title="x" * 201), [], ["text_long"]),
        (replace(DRAFT, kind=K.MODIFY), [], ["subject_missing"]),
    ],
)
def test_submit_faults_by_table(facts: DraftFacts, strong: list[str], codes: list[str]) -> None:
    found = submit_faults(facts, path=regulation().procedures[0].paths[0], strong=strong)

    assert [fault.code for fault in found] == codes
    assert all(explain_fault(fault) for fault in found)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_after_lands_in_the_right_month(day: date, months: int) -> None:
    found = months_after(day, months)

    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day <= day.day


@given(st.text(max_size=20), st.integers(0, 10**8), st.binary(max_size=16))
def test_upload_fault_takes_only_what_its_content_says(name: str, size: int, head: bytes) -> None:
    if not upload_fault(name, size=size, head=head):
        assert head.startswith((b"%PDF-", b"\xff\xd8\xff", b"\x89PNG"))
        assert 0 < size <= 5 * 1024 * 1024


def test_every_kind_of_request_can_be_decided_both_ways() -> None:
    assert all(D.REFUSE in kinds and len(kinds) > 1 for kinds in ALLOWED.values())
