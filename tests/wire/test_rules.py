"""The rules beyond the contract itself: purposes, hours, consent, addresses, quotas."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu_wire.consents import (
    ConsentArtefact,
    ConsentStatus,
    open_consent,
    open_consent_status,
    sign_consent,
    sign_consent_status,
)
from terpadu_wire.contracts import ContractContent, ContractSignatures, GrantItem, grant_hash, sign_contract
from terpadu_wire.errors import ConsentError, ContractError, PurposeError
from terpadu_wire.hours import Hours, Opening
from terpadu_wire.keys import generate_key
from terpadu_wire.policy import Circumstances, Decision, Facts, decide, weigh
from terpadu_wire.properties import (
    ConsentRule,
    FieldRules,
    Operation,
    Properties,
    Purpose,
    Text,
    parse_properties,
    properties_to_json,
)
from terpadu_wire.purposes import (
    LegalBasis,
    PurposeContent,
    RiskAnswer,
    purpose_digest,
    purpose_from_json,
    purpose_to_json,
    sign_purpose,
    verify_purpose_signature,
)
from terpadu_wire.quota import Bucket, Spent, day_of, seconds_to_midnight
from terpadu_wire.snapshot import Snapshot, SnapshotContract, SnapshotPurpose
from tests.wire.conftest import NOW, Group

PURPOSE_ID = "0199c0de-0000-7000-8000-000000000001"
CONSENT_ID = "0199c0de-0000-7000-8000-000000000002"
SUBJECT = "s" * 43
WORK_HOURS = Hours("Asia/Jakarta", (Opening((1, 2, 3, 4, 5), "08:00", "16:00"),), ("2026-12-25",))


def agreed(group: Group, **rules: object) -> tuple[Facts, Snapshot]:
    """Return the facts and snapshot of a contract with other rules."""
    grant = next(group.content.connection_grants())
    properties = replace(parse_properties(grant.properties), **rules)  # type: ignore[arg-type]
    changed = replace(grant, properties=properties_to_json(properties))
    content: ContractContent = replace(group.content, grants=(GrantItem(changed),))
    accepted = {
        "10000001": sign_contract("accept", content, key=group.consumer, at=NOW),
        "10000002": sign_contract("accept", content, key=group.provider, at=NOW),
    }
    entry = SnapshotContract.of(content, ContractSignatures(accepted), state="valid")
    facts = group.facts._replace(grant_hash=grant_hash(content, changed))
    return facts, replace(group.snapshot, contracts=(entry,))


PURPOSE = Purpose("kia.penerbitan", Text("a", "b"), "Pasal 3", "P1D", PURPOSE_ID, "d" * 64)
ACTIVE = SnapshotPurpose(PURPOSE_ID, "d" * 64, "active", NOW - 10, NOW + 90)


@pytest.mark.parametrize(
    ("purpose", "moment", "code"),
    [
        (ACTIVE, NOW, ""),
        (None, NOW, "purpose.unknown"),
        (replace(ACTIVE, digest="e" * 64), NOW, "purpose.changed"),
        *((replace(ACTIVE, state=state), NOW, "purpose.not_active") for state in ("draft", "waiting")),
        *((replace(ACTIVE, state=state), NOW, "purpose.not_active") for state in ("suspended", "archived")),
        (replace(ACTIVE, state="rejected"), NOW, "purpose.not_active"),
        (replace(ACTIVE, not_before=NOW + 1), NOW, "purpose.not_yet"),
        (ACTIVE, NOW + 90, "purpose.expired"),
    ],
)
def test_decide_looks_at_the_purpose_behind_the_contract(
    group: Group, purpose: SnapshotPurpose | None, moment: float, code: str
) -> None:
    facts, snapshot = agreed(group, purpose=PURPOSE)
    with_purpose = replace(snapshot, purposes=(purpose,) if purpose else ())
    assert decide(facts, with_purpose, now=moment).code == code


def jakarta(text: str) -> float:
    return datetime.fromisoformat(f"{text}+07:00").timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-20T08:00", True, ""),
        ("2026-11-20T07:59", False, "2026-11-20T08:00"),
        ("2026-11-20T15:59", True, ""),
        ("2026-11-20T16:00", False, "2026-11-23T08:00"),
        ("2026-11-21T10:00", False, "2026-11-23T08:00"),
        ("2026-12-25T10:00", False, "2026-12-28T08:00"),
    ],
)
def test_hours_table(moment: str, is_open: bool, opens: str) -> None:
    now = jakarta(moment)
    assert WORK_HOURS.is_open(now) == is_open
    assert WORK_HOURS.seconds_until_open(now) == (0 if is_open else jakarta(opens) - now)


@given(st.floats(1.7e9, 2.2e9))
def test_hours_wait_leads_to_an_open_moment(now: float) -> None:
    wait = WORK_HOURS.seconds_until_open(now)
    assert (wait == 0) == WORK_HOURS.is_open(now)
    assert wait == 0 or WORK_HOURS.is_open(now + wait + 1)


def test_decide_outside_the_hours_says_when_to_come_again(group: Group) -> None:
    closed = Hours("UTC", (Opening((1,), "00:00", "24:00"),))
    facts, snapshot = agreed(group, hours=closed)
    day = datetime.fromtimestamp(NOW, UTC)
    decision = decide(facts, snapshot, now=NOW)
    assert day.isoweekday() != 1
    assert (decision.code, decision.allowed) == ("hours.closed", False)
    assert datetime.fromtimestamp(NOW + decision.retry_after, UTC).isoweekday() == 1


@pytest.mark.parametrize(
    ("path", "query", "waiver", "code"),
    [
        ("/penduduk/cari", "", "", ""),
        ("/penduduk/3671014506900001", "", "", "subject.in_url"),
        ("/penduduk/cari", "halaman=3671014506900001", "", "subject.in_url"),
        ("/penduduk/cari", "halaman=%33671014%350690000%31", "", "subject.in_url"),
        ("/penduduk/3671014506900001", "", "sistem lama", ""),
        ("/penduduk/36710145069000011", "", "", ""),
    ],
)
def test_decide_address_that_names_a_person(
    group: Group, path: str, query: str, waiver: str, code: str
) -> None:
    facts, snapshot = agreed(group, url_waiver=waiver)
    names = frozenset({"halaman"}) if query else frozenset()
    called = facts._replace(path=path, query=query, query_names=names)
    assert decide(called, snapshot, now=NOW).code == code


ARTEFACT = ConsentArtefact(
    CONSENT_ID,
    SUBJECT,
    "10000001",
    "10000002",
    "kependudukan",
    "kia.penerbitan",
    ("/nama",),
    NOW - 5,
    NOW + 50,
    "http://127.0.0.1:1/exchange/consents/x",
)
GIVEN = Circumstances(SUBJECT, CONSENT_ID, ARTEFACT, has_artefact=True, consent_status="given")


def consented(group: Group) -> Decision:
    facts, snapshot = agreed(group, consent=ConsentRule(required=True))
    return decide(facts, snapshot, now=NOW)


@pytest.mark.parametrize(
    ("change", "moment", "code"),
    [
        ({}, NOW, ""),
        ({"consent": None, "has_artefact": False}, NOW, "consent.required"),
        ({"consent": None}, NOW, "consent.invalid"),
        ({"consent_id": ""}, NOW, "consent.other_id"),
        ({"consent": replace(ARTEFACT, consumer="10000003")}, NOW, "consent.other_call"),
        ({"consent": replace(ARTEFACT, provider="10000003")}, NOW, "consent.other_call"),
        ({"consent": replace(ARTEFACT, service="lain")}, NOW, "consent.other_call"),
        ({"consent": replace(ARTEFACT, purpose="lain")}, NOW, "consent.other_call"),
        ({"subject": "x" * 43}, NOW, "consent.other_subject"),
        ({"subject": ""}, NOW, "consent.other_subject"),
        ({"consent": replace(ARTEFACT, fields=("/nik",))}, NOW, "consent.other_fields"),
        ({"consent": replace(ARTEFACT, fields=("/na",))}, NOW, "consent.other_fields"),
        ({"consent": replace(ARTEFACT, fields=("",))}, NOW, ""),
        ({}, NOW - 11, "consent.not_yet"),
        ({}, NOW + 50, "consent.expired"),
        ({"consent_status": "withdrawn"}, NOW, "consent.withdrawn"),
        ({"consent_status": "unchecked"}, NOW, "consent.unchecked"),
    ],
)
def test_weigh_consent_table(group: Group, change: dict[str, object], moment: float, code: str) -> None:
    weighed = weigh(consented(group), GIVEN._replace(**change), now=moment)  # type: ignore[arg-type]
    assert (weighed.code, weighed.allowed) == (code, not code)


def test_weigh_quota_that_is_used_up_says_which_and_when(group: Group) -> None:
    spent = Spent("quota.day", 10, 77)
    weighed = weigh(decide(group.facts, group.snapshot, now=NOW), Circumstances(spent=spent), now=NOW)
    assert (weighed.allowed, weighed.code, weighed.retry_after, weighed.spent) == (
        False,
        "quota.day",
        77,
        spent,
    )
    refused = decide(group.facts._replace(purpose=""), group.snapshot, now=NOW)
    assert weigh(refused, Circumstances(spent=spent), now=NOW) == refused


def test_consent_artefact_and_status_are_signed_fresh_and_not_confused() -> None:
    key = generate_key()
    text = sign_consent(ARTEFACT, key=key)
    assert open_consent(text, group_key=key.public_key()) == ARTEFACT
    status = sign_consent_status(ConsentStatus(CONSENT_ID, "given", NOW), key=key)
    public = key.public_key()
    assert (
        open_consent_status(status, group_key=public, consent_id=CONSENT_ID, now=NOW + 60).status == "given"
    )
    for wrong in (text + "A", "", status, sign_consent(ARTEFACT, key=generate_key())):
        with pytest.raises(ConsentError, match=r"consent\.invalid"):
            open_consent(wrong, group_key=public)
    for consent_id, moment, word in (
        (PURPOSE_ID, NOW, status),
        (CONSENT_ID, NOW + 61, status),
        (CONSENT_ID, NOW - 61, status),
        (CONSENT_ID, NOW, text),
    ):
        with pytest.raises(ConsentError, match=r"consent\.unchecked"):
            open_consent_status(word, group_key=public, consent_id=consent_id, now=moment)


PURPOSE_CONTENT = PurposeContent(
    PURPOSE_ID,
    "kia.verifikasi",
    "10000001",
    "10000002",
    ("kependudukan",),
    Text("a", "b"),
    LegalBasis("public_task", "UU 24/2013 ps. 58"),
    ("NIK",),
    "P5Y",
    (RiskAnswer("profiling", "no"),),
    100,
    NOW,
    NOW + 100,
)


def test_purpose_round_trip_digest_and_signatures() -> None:
    assert purpose_from_json(purpose_to_json(PURPOSE_CONTENT)) == PURPOSE_CONTENT
    key, digest = generate_key(), purpose_digest(PURPOSE_CONTENT)
    text = sign_purpose("submit", PURPOSE_CONTENT, key=key, at=NOW)
    public = key.public_key()
    assert verify_purpose_signature(text, digest=digest, kind="submit", key=public) == NOW
    other = purpose_digest(replace(PURPOSE_CONTENT, expected_calls=101))
    with pytest.raises(PurposeError):
        verify_purpose_signature(text, digest=other, kind="submit", key=public)
    with pytest.raises(PurposeError):
        verify_purpose_signature(text, digest=digest, kind="approve", key=public)
    for change in ({"not_after": NOW}, {"extra": 1}, {"expected_calls": 0}, {"data_items": []}):
        with pytest.raises(PurposeError):
            purpose_from_json(purpose_to_json(PURPOSE_CONTENT) | change)  # type: ignore[arg-type]


@given(
    rate=st.integers(1, 50),
    burst=st.integers(1, 100),
    steps=st.lists(st.floats(0, 3), min_size=1, max_size=200),
)
def test_bucket_never_gives_more_than_burst_and_rate(rate: int, burst: int, steps: list[float]) -> None:
    bucket, now, given_ = Bucket(burst, 0.0), 0.0, 0
    for step in steps:
        now += step
        wait = bucket.take(rate=rate, burst=burst, now=now)
        given_ += wait == 0.0
        assert wait >= 0.0
        assert wait <= 1.0 / rate + 1e-9
    assert given_ <= burst + rate * now + 1e-6


def test_bucket_with_a_clock_set_back_gives_nothing_extra() -> None:
    bucket = Bucket(1.0, 100.0)
    assert bucket.take(rate=1, burst=1, now=100.0) == 0.0
    assert bucket.take(rate=1, burst=1, now=50.0) > 0.0
    assert bucket.take(rate=1, burst=1, now=51.0) == 0.0


@given(st.integers(1_700_000_000, 2_200_000_000), st.sampled_from(["Asia/Jakarta", "Asia/Jayapura", "UTC"]))
def test_day_of_changes_at_midnight_and_not_before(now: int, zone: str) -> None:
    wait = seconds_to_midnight(now, zone)
    assert 0 < wait <= 86_401
    assert day_of(now + wait, zone) != day_of(now, zone)
    assert wait < 3 or day_of(now + wait - 2, zone) == day_of(now, zone)


def test_parse_properties_keeps_old_contracts_and_refuses_half_known_rules(group: Group) -> None:
    old = next(group.content.connection_grants()).properties
    properties = parse_properties(old)
    assert (properties.consent.required, properties.hours, properties.openapi.mode) == (False, None, "off")
    assert parse_properties(properties_to_json(properties)) == properties
    for change in (
        {
            "hours": {
                "timezone": "Mars/Olympus",
                "openings": [{"days": [1], "from": "08:00", "until": "09:00"}],
            }
        },
        {"hours": {"timezone": "UTC", "openings": [{"days": [8], "from": "08:00", "until": "09:00"}]}},
        {"hours": {"timezone": "UTC", "openings": [{"days": [1], "from": "22:00", "until": "06:00"}]}},
        {"quota": {"rps": 0}},
        {"quota": {"per_minute": 5}},
        {"openapi": {"mode": "always", "percent": 0}},
        {"consent": {"required": "yes"}},
    ):
        with pytest.raises(ContractError):
            parse_properties(properties_to_json(properties) | change)  # type: ignore[arg-type]


def test_operation_of_the_contract_lists_what_may_pass_in_any_form() -> None:
    rules = FieldRules(("/a",), {"/b": 4}, ("/c", "/a"), ("/a/d",))
    assert rules.passing == ("/a", "/b", "/c")
    properties = Properties(PURPOSE, (Operation("x", "GET", "/x", rules),), "0" * 64)
    assert parse_properties(properties_to_json(properties)) == properties
