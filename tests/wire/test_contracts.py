"""Contracts, tokens, keys, snapshot and the decision."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from terpadu_wire.contracts import (
    ContractSignatures,
    content_from_json,
    content_hash,
    content_to_json,
    grant_hash,
    required_signers,
    sign_contract,
    verify_contract_signature,
)
from terpadu_wire.errors import ContractError, KeyFileError, SnapshotError, TokenError
from terpadu_wire.keys import (
    generate_key,
    jwk_thumbprint,
    load_private_key,
    load_public_key,
    private_key_pem,
    public_key_pem,
    public_key_spki,
    public_key_thumbprint,
)
from terpadu_wire.policy import STAGES, Facts, decide
from terpadu_wire.problems import KINDS, Problem
from terpadu_wire.properties import parse_properties
from terpadu_wire.snapshot import Revocation, SnapshotContract
from terpadu_wire.snapshot_wire import MAGIC, load_snapshot, sign_snapshot
from terpadu_wire.tokens import TokenClaims, mint_token, verify_token
from tests.wire.conftest import NOW, Group


def test_content_json_round_trip_keeps_both_hashes(group: Group) -> None:
    again = content_from_json(content_to_json(group.content))
    assert content_hash(again) == content_hash(group.content)
    assert grant_hash(again, again.grants[0].data) == group.facts.grant_hash


def test_content_hash_has_fsc_shape(group: Group) -> None:
    assert content_hash(group.content).startswith("$1$1$")
    assert group.facts.grant_hash.startswith("$1$3$")
    assert len(content_hash(group.content)) == len("$1$1$") + 86


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"group_id": "not a group"},
        {"iv": "1"},
        {"created_at": "1"},
        {"created_at": True},
        {"grants": []},
        {"hash_algorithm": "HASH_ALGORITHM_MD5"},
        {"validity": {"not_before": 5, "not_after": 5}},
        {"validity": {"not_before": -1, "not_after": 5}},
    ],
)
def test_content_from_json_of_a_wrong_content_is_refused(group: Group, change: dict[str, JsonValue]) -> None:
    with pytest.raises(ContractError) as caught:
        content_from_json({**content_to_json(group.content), **change})
    assert caught.value.code == "contract.invalid"


def test_content_from_json_with_mixed_grants_is_refused(group: Group) -> None:
    value = content_to_json(group.content)
    publication: JsonValue = {
        "data": {
            "type": "GRANT_TYPE_SERVICE_PUBLICATION",
            "directory": {"peer_id": "1"},
            "service": {"peer_id": "2", "name": "x", "protocol": "PROTOCOL_TCP_HTTP_1.1"},
        }
    }
    grants = value["grants"]
    assert isinstance(grants, list)
    with pytest.raises(ContractError):
        content_from_json({**value, "grants": [*grants, publication]})
    with pytest.raises(ContractError):
        content_from_json({**value, "grants": [*grants, *grants]})
    assert required_signers(content_from_json({**value, "grants": [publication]})) == {"1", "2"}


def test_required_signers_of_a_delegated_connection_are_all_its_peers(group: Group) -> None:
    delegated: JsonValue = {
        "data": {
            "type": "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION",
            "outway": {"peer_id": "1", "public_key_thumbprint": "a" * 64},
            "service": {
                "type": "SERVICE_TYPE_DELEGATED_SERVICE",
                "peer_id": "2",
                "name": "x",
                "delegator": {"peer_id": "4"},
            },
            "delegator": {"peer_id": "3"},
        }
    }
    content = content_from_json({**content_to_json(group.content), "grants": [delegated]})
    assert required_signers(content) == {"1", "2", "3", "4"}
    assert grant_hash(content, content.grants[0].data).startswith("$1$4$")


def test_contract_signature_of_another_kind_key_or_contract_is_refused(group: Group) -> None:
    text = sign_contract("accept", group.content, key=group.consumer, at=NOW)
    right, key = content_hash(group.content), group.consumer.public_key()
    assert verify_contract_signature(text, expected_hash=right, kind="accept", key=key).signed_at == NOW
    for wrong in (
        {"expected_hash": right, "kind": "revoke", "key": key},
        {"expected_hash": right[:-1] + "x", "kind": "accept", "key": key},
        {"expected_hash": right, "kind": "accept", "key": group.provider.public_key()},
    ):
        with pytest.raises(ContractError):
            verify_contract_signature(text, **wrong)  # type: ignore[arg-type]


def test_parse_properties_with_an_unknown_rule_is_refused(group: Group) -> None:
    properties = next(group.content.connection_grants()).properties
    assert properties is not None
    for change in ({"hours": "08-16"}, {"evidence": {"required": True, "pattern": "("}}, {"operations": []}):
        with pytest.raises(ContractError) as caught:
            parse_properties({**properties, **change})
        assert caught.value.code == "contract.properties_invalid"


def test_jwk_thumbprint_known_answer() -> None:
    """RFC 8037, appendices A.1 to A.3."""
    spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert jwk_thumbprint(load_public_key(spki)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_keys_survive_their_files() -> None:
    key = generate_key()
    public = key.public_key()
    again = load_private_key(private_key_pem(key)).public_key()
    thumbprint = public_key_thumbprint(public)
    assert len(thumbprint) == 64
    assert public_key_thumbprint(again) == thumbprint
    assert public_key_thumbprint(load_public_key(public_key_pem(public))) == thumbprint
    assert public_key_thumbprint(load_public_key(public_key_spki(public))) == thumbprint


@pytest.mark.parametrize(
    "text", [b"", b"-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----", "", "AAAA", "!"]
)
def test_load_public_key_of_something_else_is_refused(text: bytes | str) -> None:
    with pytest.raises(KeyFileError):
        load_public_key(text)


def claims(**changes: object) -> TokenClaims:
    """Return good claims with some changed."""
    values: dict[str, object] = {
        "gth": "$1$3$x",
        "gid": "terpadu.test",
        "sub": "10000001",
        "iss": "10000002",
        "svc": "kependudukan",
        "aud": "https://gateway",
        "nbf": NOW,
        "exp": NOW + 600,
        "jkt": "k",
    }
    return TokenClaims(**(values | changes))  # type: ignore[arg-type]


def check(text: str, group: Group, *, now: float = NOW) -> TokenClaims:
    """Verify a token as the provider."""
    keys = {public_key_thumbprint(group.provider.public_key()): group.provider.public_key()}
    return verify_token(
        text, keys=keys, group_id="terpadu.test", issuer="10000002", audience="https://gateway", now=now
    )


@pytest.mark.parametrize(
    "changes", [{}, {"x5t": "t"}, {"act": "10000003"}, {"pdi": "10000004"}, {"prp": {"a": [1]}}]
)
def test_token_round_trip(group: Group, changes: dict[str, object]) -> None:
    made = claims(**changes)
    assert check(mint_token(made, key=group.provider), group) == made


def test_token_of_a_delegated_grant_names_the_connecting_peer() -> None:
    assert claims(act="10000003").connecting_peer == "10000003"
    assert claims().connecting_peer == "10000001"


def test_mint_token_that_lives_too_long_is_refused(group: Group) -> None:
    with pytest.raises(TokenError):
        mint_token(claims(exp=NOW + 601), key=group.provider)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_token_with_one_altered_character_is_refused(group: Group, data: st.DataObject) -> None:
    text = mint_token(claims(), key=group.provider)
    place = data.draw(st.integers(0, len(text) - 1))
    altered = (
        text[:place] + data.draw(st.characters(min_codepoint=0x21, max_codepoint=0x7E)) + text[place + 1 :]
    )
    if altered == text:
        return
    try:
        found = check(altered, group)
    except TokenError:
        return
    assert found == claims()  # only the unused bits of the last base64 digit may differ


def test_snapshot_round_trip_and_altered_byte(group: Group) -> None:
    key = generate_key()
    raw = sign_snapshot(group.snapshot, key=key)
    assert load_snapshot(raw, group_key=key.public_key(), now=NOW) == group.snapshot
    for place in range(0, len(raw), 97):
        altered = raw[:place] + (b"A" if raw[place : place + 1] != b"A" else b"B") + raw[place + 1 :]
        with pytest.raises(SnapshotError):
            load_snapshot(altered, group_key=key.public_key(), now=NOW)


def test_snapshot_from_the_future_or_of_another_key_is_refused(group: Group) -> None:
    key = generate_key()
    raw = sign_snapshot(group.snapshot, key=key)
    with pytest.raises(SnapshotError):
        load_snapshot(raw, group_key=key.public_key(), now=NOW - 301)
    with pytest.raises(SnapshotError):
        load_snapshot(raw, group_key=generate_key().public_key(), now=NOW)


def test_snapshot_is_not_taken_for_a_token(group: Group) -> None:
    raw = sign_snapshot(group.snapshot, key=group.provider).removeprefix(MAGIC).split(b"\n")[0].decode()
    with pytest.raises(TokenError):
        check(raw, group)


def test_decide_allowed_names_right_and_operation(group: Group) -> None:
    decision = decide(group.facts, group.snapshot, now=NOW)
    assert (decision.allowed, decision.code) == (True, "")
    assert decision.operation is not None and decision.operation.id == "cari"
    without_hash = decide(group.facts._replace(grant_hash=""), group.snapshot, now=NOW)
    assert without_hash.right == decision.right


DENIED: list[tuple[dict[str, object], float, str]] = [
    ({}, NOW + 500, "snapshot.expired"),
    ({"consumer": "99999999"}, NOW, "peer.unknown"),
    ({"provider": "99999999"}, NOW, "peer.unknown"),
    ({"service": "pajak"}, NOW, "service.unknown"),
    ({"grant_hash": "$1$3$x"}, NOW, "contract.none"),
    ({"consumer": "10000002", "grant_hash": ""}, NOW, "contract.none"),
    ({"consumer": "10000002"}, NOW, "contract.other_connection"),
    ({}, NOW - 11, "contract.not_yet"),
    ({"key_thumbprint": "a" * 64}, NOW, "contract.other_key"),
    ({"purpose": ""}, NOW, "purpose.missing"),
    ({"purpose": "x"}, NOW, "purpose.not_in_contract"),
    ({"path": "/penduduk/cari/x"}, NOW, "operation.not_in_contract"),
    ({"path": "/penduduk/"}, NOW, "operation.not_in_contract"),
    ({"path": "/Penduduk/cari"}, NOW, "operation.not_in_contract"),
    ({"method": "GET"}, NOW, "operation.not_in_contract"),
    ({"query_names": frozenset({"nik"})}, NOW, "operation.query_not_in_contract"),
    ({"evidence": ""}, NOW, "evidence.required"),
    ({"evidence": "KIA-"}, NOW, "evidence.malformed"),
    ({"evidence": "KIA-" + "1" * 300}, NOW, "evidence.malformed"),
]


@pytest.mark.parametrize(("change", "moment", "code"), DENIED)
def test_decide_denied_names_the_first_rule(
    group: Group, change: dict[str, object], moment: float, code: str
) -> None:
    decision = decide(group.facts._replace(**change), group.snapshot, now=moment)  # type: ignore[arg-type]
    assert (decision.allowed, decision.code) == (False, code)


def test_decide_after_the_contract_is_denied(group: Group) -> None:
    longer = replace(group.snapshot, hard_expires_at=NOW + 5000)
    assert decide(group.facts, longer, now=NOW + 1000).code == "contract.expired"


def test_decide_contract_not_signed_by_all_is_denied(group: Group) -> None:
    accepted = group.accepted()
    stranger = sign_contract("accept", group.content, key=generate_key(), at=NOW)
    revoked = sign_contract("revoke", group.content, key=group.provider, at=NOW)
    cases = [
        (ContractSignatures({"10000001": accepted["10000001"]}), "valid", "contract.not_valid"),
        (ContractSignatures(accepted), "proposed", "contract.not_valid"),
        (ContractSignatures(accepted | {"10000002": stranger}), "valid", "contract.signature_invalid"),
        (
            ContractSignatures(accepted | {"10000002": accepted["10000001"]}),
            "valid",
            "contract.signature_invalid",
        ),
        (ContractSignatures(accepted, revoke={"10000002": revoked}), "valid", "contract.revoked"),
        (ContractSignatures(accepted, reject={"10000002": "x"}), "valid", "contract.not_valid"),
    ]
    for signatures, state, code in cases:
        assert decide(group.facts, group.with_signatures(signatures, state=state), now=NOW).code == code


def test_decide_revoked_contract_or_key_is_denied(group: Group) -> None:
    contract = replace(group.snapshot, revoked=(Revocation("contract", content_hash(group.content), NOW),))
    key = replace(group.snapshot, revoked=(Revocation("key", group.facts.key_thumbprint, NOW),))
    assert decide(group.facts, contract, now=NOW).code == "contract.revoked"
    assert decide(group.facts, key, now=NOW).code == "contract.signature_invalid"
    assert key.owner_of_key(group.facts.key_thumbprint) is None


def test_decide_content_swapped_under_a_known_grant_hash_is_denied(group: Group) -> None:
    """The control plane may carry hashes, but cannot put other words under them."""
    entry = group.snapshot.contracts[0]
    other = replace(group.content, created_at=NOW - 9)
    swapped = SnapshotContract(
        content_to_json(other), entry.signatures, "valid", entry.content_hash, entry.grant_hashes
    )
    decision = decide(group.facts, replace(group.snapshot, contracts=(swapped,)), now=NOW)
    assert decision.code == "contract.signature_invalid"


def test_decide_two_grants_that_fit_want_a_name(group: Group) -> None:
    entry = group.snapshot.contracts[0]
    second = replace(group.content, iv="16338364-8305-7b74-8000-de4963503139")
    accepted = {
        "10000001": sign_contract("accept", second, key=group.consumer, at=NOW),
        "10000002": sign_contract("accept", second, key=group.provider, at=NOW),
    }
    other = SnapshotContract.of(second, ContractSignatures(accepted), state="valid")
    both = replace(group.snapshot, contracts=(entry, other))
    assert decide(group.facts._replace(grant_hash=""), both, now=NOW).code == "contract.ambiguous"
    assert decide(group.facts, both, now=NOW).allowed


texts = st.text(max_size=12) | st.sampled_from(
    ["10000001", "10000002", "kependudukan", "POST", "/penduduk/cari", "kia.penerbitan", "KIA-7"]
)


@given(words=st.tuples(*[texts] * 9), moment=st.floats(0, 4e9))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decide_is_total_and_denies_all_but_the_contract(
    group: Group, words: tuple[str, ...], moment: float
) -> None:
    facts = Facts(*words)
    decision = decide(facts, group.snapshot, now=moment)
    assert decision.allowed == (decision.code == "")
    if decision.allowed:
        called = facts._replace(grant_hash=group.facts.grant_hash, evidence="", path="")
        assert called == group.facts._replace(evidence="", path="")
    else:
        assert decision.code in STAGES


def test_problem_of_every_stage_is_known() -> None:
    assert set(STAGES) <= set(KINDS)
    for code, kind in KINDS.items():
        problem = Problem(code, "consumer-gateway")
        assert 400 <= problem.http_status < 600
        assert kind.title
        assert b'"code"' in problem.body()
