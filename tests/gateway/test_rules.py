"""What a contract demands of each call, enforced by real gateways: quotas, consent, OpenAPI, field forms."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from terpadu_wire.consents import ConsentArtefact, sign_consent
from terpadu_wire.fields import field_hash_key, hashed
from terpadu_wire.properties import ConsentRule, FieldRules, OpenApiRule, Quota
from terpadu_wire.subjects import pseudonym
from tests.gateway.country import NIK, PORTAL, PURPOSE, REGISTRY, SERVICE, SUBJECT_KEY, standard_properties
from tests.gateway.processes import Gateway, free_port, portal_gateway, wait_until
from tests.gateway.registry import NUMBER, WRONG, person
from tests.gateway.road import Road, agree, code_of, refusal, through
from tests.gateway.segments import records_of

OTHER = "3671014506900077"


@pytest.fixture(scope="module")
def second_portal(road: Road) -> Iterator[tuple[Gateway, str]]:
    """A second gateway of the consumer's agency."""
    port = free_port()
    gateway = portal_gateway(road.country, control_url=road.plane.url, port=port, name="portal-two")
    try:
        gateway.start()
        yield gateway, f"http://127.0.0.1:{port}"
    finally:
        gateway.kill()


def test_quota_of_a_day_is_shared_by_two_gateways_and_never_exceeded(
    road: Road, second_portal: tuple[Gateway, str]
) -> None:
    agree(road, quota=Quota(per_day=30))
    second, url = second_portal
    wait_until(lambda: second.has_snapshot(road.country.version))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(through, [road.outway_url, url] * 40))

    refused = [one for one in answers if one.status_code != 200]
    passed = len(answers) - len(refused)
    assert passed <= 30
    # What one gateway holds at the end and the other could have used passes now, and nothing more.
    for _ in range(30 - passed):
        wait_until(lambda: any(through(one).status_code == 200 for one in (road.outway_url, url)))
    assert {code_of(through(one)) for one in (road.outway_url, url)} == {"quota.day"}
    assert {code_of(one) for one in refused} == {"quota.day"}
    problem = refused[0].json()
    assert refused[0].status_code == 429
    assert problem["quota"] == {"window": "day", "limit": 30, "remaining": 0}
    assert 0 < int(refused[0].headers["retry-after"]) == problem["retry_after"] <= 86_401


def test_quota_of_a_second_is_shared_by_two_gateways(road: Road, second_portal: tuple[Gateway, str]) -> None:
    agree(road, quota=Quota(rps=10, burst=5))
    second, url = second_portal
    wait_until(lambda: second.has_snapshot(road.country.version))
    # Both gateways hold a share once each has let a call pass; one that lies idle gives up its share.
    wait_until(lambda: all(through(one).status_code == 200 for one in (road.outway_url, url)))

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(through, [road.outway_url, url] * 40))
    took = time.monotonic() - began

    passed = sum(one.status_code == 200 for one in answers)
    assert passed <= 5 + 10 * took + 1
    refused = next(one for one in answers if one.status_code != 200)
    assert (refused.status_code, code_of(refused)) == (429, "quota.second")
    wait_until(lambda: through(url).status_code == 200)
    assert int(refused.headers["retry-after"]) >= 1


def test_quota_of_a_person_counts_at_both_gateways(road: Road, second_portal: tuple[Gateway, str]) -> None:
    agree(road, quota=Quota(per_subject_day=2))
    second, url = second_portal
    wait_until(lambda: second.has_snapshot(road.country.version))
    assert through(url, nik=OTHER).status_code == 200  # from here on the quota is shared
    assert [through(road.outway_url).status_code for _ in range(2)] == [200, 200]

    assert code_of(through(road.outway_url)) == "quota.subject_day"
    assert code_of(wait_until(lambda: refusal(through(url)))) == "quota.subject_day"
    assert through(url, nik=OTHER).status_code == 200


def consent(road: Road, **changes: object) -> ConsentArtefact:
    """Return a consent artefact that fits the standard contract."""
    consent_id, now = str(uuid4()), int(time.time())
    artefact = ConsentArtefact(
        consent_id,
        pseudonym(SUBJECT_KEY, NIK),
        PORTAL,
        REGISTRY,
        SERVICE,
        PURPOSE,
        ("",),
        now - 1,
        now + 600,
        f"{road.plane.url}/exchange/consents/{consent_id}",
    )
    return replace(artefact, **changes)  # type: ignore[arg-type]


def shown(road: Road, artefact: ConsentArtefact) -> httpx.Response:
    """Call with a consent artefact."""
    return through(
        road.outway_url, terpadu_consent_artefact=sign_consent(artefact, key=road.country.group_key)
    )


def test_consent_given_passes_and_stands_in_both_receipts(road: Road) -> None:
    agree(road, consent=ConsentRule(required=True))
    assert code_of(through(road.outway_url)) == "consent.required"
    artefact = consent(road)

    answer = shown(road, artefact)

    assert answer.status_code == 200
    transaction = answer.headers["fsc-transaction-id"]
    records = records_of(road.portal.segments, transaction) + records_of(road.agency.segments, transaction)
    assert [record.consent for record in records] == [artefact.id] * 4


def test_consent_that_does_not_fit_isrefusal(road: Road) -> None:
    agree(road, consent=ConsentRule(required=True))
    cases = {
        "consent.other_subject": consent(road, subject=pseudonym(SUBJECT_KEY, OTHER)),
        "consent.other_call": consent(road, purpose="pajak.penagihan"),
        "consent.other_fields": consent(road, fields=("/nama",)),
        "consent.expired": consent(road, expires_at=int(time.time()) - 1),
        "consent.unchecked": consent(road, revocation_url="http://169.254.169.254/exchange/consents/x"),
    }
    for code, artefact in cases.items():
        assert code_of(shown(road, artefact)) == code
    altered = sign_consent(consent(road), key=road.country.portal.key)
    assert code_of(through(road.outway_url, terpadu_consent_artefact=altered)) == "consent.invalid"


def test_consent_word_is_asked_once_a_minute_and_withdrawal_counts(build_road: Callable[..., Road]) -> None:
    road = build_road()
    road.start()
    agree(road, consent=ConsentRule(required=True))
    artefact, other = consent(road), consent(road)
    assert [shown(road, artefact).status_code for _ in range(3)] == [200] * 3
    assert road.plane.consent_words == 1

    road.plane.withdrawn.add(artefact.id)
    assert shown(road, artefact).status_code == 200  # nobody asks again within the minute
    road.set_clock(61)
    refused = wait_until(lambda: refusal(shown(road, artefact)))
    assert code_of(refused) == "consent.withdrawn"

    assert wait_until(lambda: shown(road, other).status_code == 200)
    road.plane.says_consents = False
    road.set_clock(122)
    refused = wait_until(lambda: refusal(shown(road, other)))
    assert (refused.status_code, code_of(refused)) == (503, "consent.unchecked")


DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/penduduk/cari": {
            "post": {
                "operationId": "cari",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["nik"],
                                "properties": {"nik": {"type": "string"}, "lain": {"type": "integer"}},
                            }
                        }
                    },
                },
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["nik", "anggota"],
                                    "properties": {
                                        "nik": {"type": "string", "not": {"const": OTHER}},
                                        "anggota": {"type": "array", "minItems": 1},
                                    },
                                }
                            }
                        }
                    }
                },
            }
        }
    },
}


@pytest.mark.parametrize("refuse", [False, True])
def test_openapi_break_is_recorded_and_refused_when_the_contract_says_so(road: Road, refuse: bool) -> None:
    raw = json.dumps(DOCUMENT).encode()
    digest = hashlib.sha256(raw).hexdigest()
    road.plane.documents[digest] = raw
    agree(road, openapi_sha256=digest, openapi=OpenApiRule("always", refuse=refuse))

    good = through(road.outway_url)
    asked = road.call(body=b'{"nik": "%s", "lain": "x"}' % NIK.encode())
    answered = through(road.outway_url, nik=OTHER)

    assert good.status_code == 200
    assert [code_of(asked), code_of(answered)] == (
        ["request.breaks_openapi", "system.breaks_openapi"] if refuse else ["", ""]
    )
    for answer, place in ((good, ""), (asked, "request /lain: type"), (answered, "answer /nik: not")):
        records = records_of(road.agency.segments, answer.headers["fsc-transaction-id"])
        assert records[-1].openapi_break == place
    if refuse:
        assert asked.json()["detail"] == "request /lain: type"
        assert "RAHASIA" not in answered.text


def test_openapi_break_is_refused_again_when_the_call_is_sent_again(road: Road) -> None:
    raw = json.dumps(DOCUMENT).encode()
    digest = hashlib.sha256(raw).hexdigest()
    road.plane.documents[digest] = raw
    agree(road, openapi_sha256=digest, openapi=OpenApiRule("always", refuse=True))

    answers = [through(road.outway_url, nik=OTHER, idempotency_key="putus-1") for _ in range(2)]

    assert [code_of(one) for one in answers] == ["system.breaks_openapi"] * 2


def test_openapi_document_not_at_hand_refuses_only_where_the_contract_says_so(road: Road) -> None:
    missing = hashlib.sha256(uuid4().bytes).hexdigest()
    agree(road, openapi_sha256=missing, openapi=OpenApiRule("always"))
    assert road.call().status_code == 200
    agree(road, openapi_sha256=missing, openapi=OpenApiRule("always", refuse=True))
    refused = road.call()
    assert (refused.status_code, code_of(refused)) == (503, "openapi.unavailable")


def test_field_forms_mask_hash_and_drop_what_the_registry_says(road: Road) -> None:
    standard = standard_properties()
    rules = FieldRules(
        ("/nik", "/anggota"), {"/nama": 0, "/tanggal_lahir": 2}, ("/nama_ibu",), ("/anggota/*/agama",)
    )
    agree(road, operations=(replace(standard.operations[0], fields=rules, data_items={}),))

    found = road.call().json()

    known = person(NIK)
    secret = road.country.registry.key.private_bytes_raw()  # the subject key is every gateway's
    key = field_hash_key(secret, consumer=PORTAL, provider=REGISTRY)
    assert found["nama"] == "*" * len(known["nama"])
    assert found["tanggal_lahir"] == "********05"
    assert found["nama_ibu"] == hashed("RAHASIA", key=key)
    assert found["anggota"][0].keys() == known["anggota"][0].keys() - {"agama"}
    assert "keterangan" not in found


def test_number_that_cannot_be_hashed_refuses_the_answer_and_stands_on_record(road: Road) -> None:
    standard = standard_properties()
    rules = FieldRules(("/nik",), hash=("/keterangan",))
    agree(road, operations=(replace(standard.operations[0], fields=rules, data_items={}),))

    answer = through(road.outway_url, nik=NUMBER)

    assert (answer.status_code, code_of(answer)) == (502, "system.not_json")
    records = records_of(road.agency.segments, answer.headers["fsc-transaction-id"])
    assert [record.outcome for record in records] == ["asked", "failed"]


def test_answer_given_by_one_contract_is_not_given_again_by_another(road: Road) -> None:
    agree(road)
    assert "nama" in through(road.outway_url, idempotency_key="lebar-1").json()
    standard = standard_properties()
    narrow = replace(standard.operations[0], fields=FieldRules(("/nik",)), data_items={})
    agree(road, operations=(narrow,))

    again = through(road.outway_url, idempotency_key="lebar-1")

    assert (again.status_code, code_of(again)) == (422, "idempotency.mismatch")


def test_address_that_names_a_person_is_refused_unless_waived(road: Road) -> None:
    agree(road)
    path = f"/wilayah/{NIK}"
    refused = road.call(path=path, method="GET", body=b"")
    assert (refused.status_code, code_of(refused)) == (400, "subject.in_url")
    agree(road, url_waiver="sistem lama, sampai 2027")
    assert road.call(path=path, method="GET", body=b"").status_code == 200


def test_wrong_answer_is_withheld_before_any_rule_of_fields(road: Road) -> None:
    agree(road)
    assert code_of(through(road.outway_url, nik=WRONG)) == "subject.mismatch"
