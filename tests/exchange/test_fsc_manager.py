"""FSC's written test suite, part "manager": each case under its own id, asked by a party that shares no code with us."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from terpadu.directory.demo import DISDUKCAPIL, DUKCAPIL, PORTAL
from terpadu.exchange.cli import undelivered
from terpadu.exchange.models import Contract, ContractDelivery, Grant, Peer, Signature
from terpadu.exchange.public import contract_accept, contract_get, contract_propose, contract_revoke
from terpadu.exchange.selectors.foreign import deliveries_open
from terpadu.exchange.services.propagation import delivery_retry, delivery_try
from terpadu.exchange.services.renewals import renew_daily
from terpadu.kernel.clock import freeze, now
from terpadu_wire.canonical import b64url_decode
from tests.exchange.fsc_party import Anchor, FscParty, Json, content_hash, contract, grant_hash
from tests.exchange.fsc_road import call, payload_of, submit
from tests.exchange.fsc_scene import (
    BY,
    FIRST,
    SERVICE,
    Scene,
    against,
    code_of,
    delegated_service,
    deliver_all,
    peer_id,
    stored,
    trail,
    waiting,
)

pytestmark = pytest.mark.django_db


TAKEN: dict[str, Callable[[Scene], Json]] = {
    "Manager-SubmitContract-1": lambda scene: scene.connection(),
    "Manager-SubmitContract-2": lambda scene: scene.publication(),
    "Manager-SubmitContract-3": lambda scene: scene.delegated_publication(),
    "Manager-SubmitContract-4": lambda scene: scene.delegated(),
    "Manager-SubmitContract-5": lambda scene: scene.connection(service=delegated_service()),
    "Manager-SubmitContract-6": lambda scene: scene.delegated(service=delegated_service()),
}


@pytest.mark.parametrize("case", TAKEN)
def test_fsc_submit_contract_of_each_kind_is_taken(scene: Scene, case: str) -> None:
    content = contract(TAKEN[case](scene))

    assert scene.submit(content).status_code == 201
    row = Contract.objects.get(content_hash=content_hash(content))
    assert list(Grant.objects.filter(contract=row).values_list("grant_hash", flat=True)) == [
        grant_hash(content)
    ]
    [signature] = Signature.objects.filter(contract=row)
    assert (signature.kind, signature.peer.agency.peer_id) == ("accept", scene.party.peer_id)
    assert scene.submit(content).status_code == 201, "the same again changes nothing"


REFUSED: dict[str, tuple[Callable[[Scene], Json], str]] = {
    "Manager-SubmitContract-7": (
        lambda scene: contract(scene.connection(party=scene.other)),
        "SUBMITTING_PEER_NOT_PART_OF_CONTRACT",
    ),
    "Manager-SubmitContract-8": (
        lambda scene: contract(scene.publication(), scene.connection()),
        "GRANT_COMBINATION_NOT_ALLOWED",
    ),
    "Manager-SubmitContract-9": (
        lambda scene: contract(scene.connection(), group="another.group"),
        "INCORRECT_GROUP_ID",
    ),
    "Manager-SubmitContract-10": (
        lambda scene: contract(scene.connection(), hash_algorithm="HASH_ALGORITHM_MD5"),
        "UNKNOWN_HASH_ALGORITHM_HASH",
    ),
    "receiver is no party": (
        lambda scene: contract(scene.publication(directory={"peer_id": peer_id(PORTAL)})),
        "RECEIVING_PEER_NOT_PART_OF_CONTRACT",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_fsc_submit_contract_against_the_rules_is_refused(scene: Scene, case: str) -> None:
    make, code = REFUSED[case]
    content = make(scene)

    response = scene.submit(content)

    assert code_of(response) == (422, f"ERROR_CODE_{code}")
    error = json.loads(response.content)
    assert (error["domain"], error["code"]) == ("ERROR_DOMAIN_MANAGER", f"ERROR_CODE_{code}")
    assert error["message"]
    assert not stored(content)


OTHER_RULES: dict[str, Callable[[Scene], Json]] = {
    "created in the future": lambda scene: contract(scene.connection(), created_at=4_000_000_000),
    "ends before it begins": lambda scene: contract(
        scene.connection(), validity={"not_before": 4_000_000_000, "not_after": 3_900_000_000}
    ),
    "is over": lambda scene: contract(scene.connection(), validity={"not_before": 1, "not_after": 2}),
    "no grant": lambda scene: contract(),
    "service name": lambda scene: contract(scene.connection(service={"name": "a/b"})),
    "unknown service": lambda scene: contract(scene.connection(service={"name": "nothing"})),
    "unknown party": lambda scene: contract(scene.delegated(delegator={"peer_id": "nobody"})),
    "properties no object": lambda scene: contract(scene.connection(properties=[1])),
    "properties unknown here": lambda scene: contract(scene.connection(properties={"x": 1})),
    "member left out that counts": lambda scene: contract(
        scene.publication(service={"peer_id": scene.party.peer_id, "name": "parcels"})
    ),
    "unknown member": lambda scene: contract(scene.connection(), extra=1),
}


@pytest.mark.parametrize("case", OTHER_RULES)
def test_fsc_submit_contract_invalid_content_is_refused(scene: Scene, case: str) -> None:
    content = OTHER_RULES[case](scene)

    status, code = code_of(scene.submit(content))

    assert status == 422
    assert code
    assert not stored(content)


def test_fsc_submit_contract_known_iv_is_refused(scene: Scene) -> None:
    content = contract(scene.connection())
    assert scene.submit(content).status_code == 201

    again = contract(scene.connection(), iv=content["iv"], created_at=content["created_at"] - 1)

    assert scene.submit(again).status_code == 422
    assert not stored(again)


ALGORITHMS = {
    "Manager-SubmitContract-11 RS256": ("RS256", "RS256"),
    "Manager-SubmitContract-11 RS384": ("RS256", "RS384"),
    "Manager-SubmitContract-11 RS512": ("RS256", "RS512"),
    "Manager-SubmitContract-12 ES256": ("ES256", "ES256"),
    "Manager-SubmitContract-12 ES384": ("ES384", "ES384"),
    "Manager-SubmitContract-12 ES512": ("ES512", "ES512"),
}


@pytest.mark.parametrize("case", ALGORITHMS)
def test_fsc_submit_contract_each_algorithm_is_taken(scene: Scene, anchor: Anchor, case: str) -> None:
    kind, algorithm = ALGORITHMS[case]
    if kind != scene.party.algorithm:
        scene.party = FscParty(anchor, "90000003", "Peradilan", kind)
        scene.foreign.parties[scene.party.address] = scene.party
    content = contract(scene.connection())

    response = submit(
        scene.client,
        scene.party,
        content,
        scene.party.sign("accept", content, algorithm=algorithm),
        manager=DUKCAPIL,
    )

    assert response.status_code == 201, response.content


KINDS = {"Accept": "accept", "Reject": "reject", "Revoke": "revoke"}
CASES = [f"Manager-{kind}Contract-{number}" for kind in KINDS for number in range(1, 8)]


@pytest.mark.parametrize("case", CASES)
def test_fsc_sign_contract(scene: Scene, case: str) -> None:
    kind, number = KINDS[case.split("-")[1].removesuffix("Contract")], int(case.split("-")[2])
    content = waiting(scene, kind)
    row = Contract.objects.get(content_hash=content_hash(content))
    own = Signature.objects.filter(contract=row, kind=kind, peer__agency__peer_id__startswith="9")

    if number == 1:
        assert scene.sign(kind, content).status_code == 201
        assert own.count() == 1
        return
    response, code = against(scene, content, kind, number)

    assert code_of(response) == (422, f"ERROR_CODE_{code}")
    assert own.count() == 0


@pytest.mark.parametrize("case", ["Manager-AcceptContract-8 RS512", "Manager-AcceptContract-9 ES256"])
def test_fsc_accept_contract_each_kind_of_key_is_taken(scene: Scene, case: str) -> None:
    algorithm = case.split()[1]
    party = scene.party if algorithm.startswith("RS") else scene.other
    scene.announce(party)
    scene.party = party
    content = waiting(scene, "accept")

    response = scene.sign("accept", content, signature=party.sign("accept", content, algorithm=algorithm))

    assert response.status_code == 201
    assert contract_get(content_hash(content)).state == "valid"


CONFUSED = {
    "public key as HMAC secret": {"algorithm": "HS256"},
    "no signature": {"algorithm": "none"},
    "ECDSA named for an RSA key": {"header": {"alg": "ES256"}},
    "our own algorithm named": {"header": {"alg": "Ed25519"}},
    "unknown certificate": {"header": {"x5t#S256": "AAAA"}},
    "no certificate": {"header": {"x5t#S256": ""}},
    "another object": {"header": {"typ": "fsc-access-token"}},
    "hash of another algorithm": {"contract_content_hash": "$2$1$AAAA"},
    "no date": {"signed_at": "now"},
}


@pytest.mark.parametrize("case", CONFUSED)
def test_fsc_submit_contract_confused_signature_is_refused(scene: Scene, case: str) -> None:
    content = contract(scene.connection())

    response = scene.submit(content, **CONFUSED[case])

    assert response.status_code == 422
    assert response.headers["Fsc-Error-Code"].startswith("ERROR_CODE_")
    assert not stored(content)


def test_fsc_submit_contract_signed_by_another_party_is_refused(scene: Scene) -> None:
    scene.announce(scene.other)
    content = contract(scene.connection())

    response = scene.submit(content, signature=scene.other.sign("accept", content))

    assert code_of(response) == (422, "ERROR_CODE_PEER_ID_SIGNATURE_MISMATCH")


def test_fsc_contracts_are_listed_for_their_parties_alone(scene: Scene) -> None:
    """Manager-Contracts-1, Manager-Contracts-2."""
    content = scene.conclude(contract(scene.connection()))
    scene.announce(scene.other)

    def listed(party: FscParty, query: str = "") -> list[Json]:
        found = json.loads(call(scene.client, party, "GET", f"contracts{query}", manager=DUKCAPIL).content)
        contracts: list[Json] = found["contracts"]
        return contracts

    [mine] = listed(scene.party)
    assert mine["content"] == content
    assert set(mine["signatures"]["accept"]) == {scene.party.peer_id, peer_id(DUKCAPIL)}
    assert listed(scene.other) == []
    assert listed(scene.party, "?grant_type=GRANT_TYPE_SERVICE_PUBLICATION") == []
    assert len(listed(scene.party, f"?grant_hash=x,{grant_hash(content).replace('$', '%24')}")) == 1


SERVICES: dict[str, Callable[[Scene], Json]] = {
    "Manager-Services-1": lambda scene: scene.publication(),
    "Manager-Services-2": lambda scene: scene.delegated_publication(),
    "Manager-Services-3": lambda scene: scene.publication(properties={"scope": "parcels"}),
    "Manager-Services-4": lambda scene: scene.delegated_publication(properties={"scope": "parcels"}),
}


@pytest.mark.parametrize("case", SERVICES)
def test_fsc_services_are_listed_with_delegator_and_properties(scene: Scene, case: str) -> None:
    grant = SERVICES[case](scene)
    scene.conclude(contract(grant), *((DUKCAPIL, PORTAL) if "delegator" in grant else (DUKCAPIL,)))

    found = json.loads(
        call(scene.client, scene.party, "GET", "services?service_name=PARC", manager=DUKCAPIL).content
    )

    [service] = [one["data"] for one in found["services"]]
    assert (service["name"], service["peer"]["id"]) == ("parcels", scene.party.peer_id)
    assert service["peer"]["manager_address"] == scene.party.address
    assert service.get("delegator", {}).get("peer_id") == grant.get("delegator", {}).get("peer_id")
    assert service.get("properties") == grant.get("properties")


TOKENS: dict[str, Callable[[Scene], Json]] = {
    "Manager-GetToken-1": lambda scene: scene.connection(),
    "Manager-GetToken-6": lambda scene: scene.delegated(),
    "Manager-GetToken-7": lambda scene: scene.connection(service=delegated_service()),
    "Manager-GetToken-10": lambda scene: scene.connection(),
    "Manager-GetToken-11": lambda scene: scene.delegated(),
}


@pytest.mark.parametrize("case", TOKENS)
def test_fsc_get_token_with_a_contract_says_what_it_allows(scene: Scene, case: str) -> None:
    grant = TOKENS[case](scene)
    agencies = (DUKCAPIL, PORTAL) if len(json.dumps(grant).split('"delegator"')) > 1 else (DUKCAPIL,)
    content = scene.conclude(contract(grant), *agencies)

    response = scene.token(content)

    assert response.status_code == 200, response.content
    claims = payload_of(json.loads(response.content)["access_token"])
    is_delegated = "delegator" in grant
    assert claims["gth"] == grant_hash(content)
    assert (claims["iss"], claims["svc"], claims["gid"]) == (peer_id(DUKCAPIL), SERVICE, "id.terpadu")
    assert claims["sub"] == (peer_id(PORTAL) if is_delegated else scene.party.peer_id)
    assert claims.get("act") == ({"sub": scene.party.peer_id} if is_delegated else None)
    assert claims.get("pdi") == grant["service"].get("delegator", {}).get("peer_id")
    assert claims["prp"] == grant["properties"]
    assert claims["cnf"] == {"x5t#S256": scene.party.x5t}
    assert claims["aud"] == "https://gateway.test:8443"


NO_TOKEN: dict[str, tuple[dict[str, str], str]] = {
    "Manager-GetToken-2": ({"scope": "$1$3$AAAA"}, "invalid_scope"),
    "Manager-GetToken-4": ({"scope": "no hash"}, "invalid_scope"),
    "Manager-GetToken-5": ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    "Manager-GetToken-8": ({"client_id": ""}, "invalid_client"),
    "Manager-GetToken-9": ({"client_id": "36710000"}, "invalid_client"),
}


@pytest.mark.parametrize("case", NO_TOKEN)
def test_fsc_get_token_asked_wrongly_is_refused(scene: Scene, case: str) -> None:
    form, error = NO_TOKEN[case]
    content = scene.conclude(contract(scene.connection()))

    response = scene.token(content, **form)

    assert (response.status_code, json.loads(response.content)["error"]) == (400, error)


def test_fsc_get_token_of_a_revoked_contract_is_refused(scene: Scene) -> None:
    """Manager-GetToken-3."""
    content = scene.conclude(contract(scene.connection()))
    contract_revoke(content_hash(content), agency_code=DUKCAPIL, by=BY)

    assert json.loads(scene.token(content).content)["code"] == "contract.revoked"


def test_fsc_get_token_with_another_key_is_refused(scene: Scene) -> None:
    grant = scene.connection()
    grant["outway"]["public_key_thumbprint"] = "0" * 64
    content = scene.conclude(contract(grant))

    assert json.loads(scene.token(content).content)["code"] == "contract.other_key"


def test_fsc_peer_info_names_the_peer(scene: Scene) -> None:
    """Manager-PeerInfo-1."""
    found = json.loads(call(scene.client, scene.party, "GET", "peer", manager=DUKCAPIL).content)

    assert (found["peer_id"], found["fsc_version"]) == (peer_id(DUKCAPIL), "1.0.0")
    assert found["enabled_extensions"]["EXTENSION_TRANSACTION_LOGGING"] == "1.0.0"


def test_fsc_peers_lists_those_who_announced_themselves(scene: Scene) -> None:
    """Manager-Peers-1."""
    found = json.loads(
        call(scene.client, scene.party, "GET", "peers?peer_name=kadaster", manager=DISDUKCAPIL).content
    )

    assert found["peers"] == [
        {"id": scene.party.peer_id, "name": scene.party.organisation, "manager_address": scene.party.address}
    ]


def test_fsc_key_set_holds_a_chain_for_the_signing_key(scene: Scene) -> None:
    """Manager-JSONWebKeySet-1."""
    import base64
    import hashlib

    from cryptography import x509

    scene.conclude(contract(scene.connection()))
    found = json.loads(
        call(scene.client, scene.party, "GET", ".well-known/jwks.json", manager=DUKCAPIL).content
    )

    [key] = [one for one in found["keys"] if one["kty"] == "EC"]
    der = base64.b64decode(key["x5c"][0])
    assert key["x5t#S256"] == base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
    certificate = x509.load_der_x509_certificate(der)
    numbers = certificate.public_key().public_numbers()  # type: ignore[union-attr]  # an ECDSA key
    assert int.from_bytes(base64.urlsafe_b64decode(key["x"] + "=")) == numbers.x  # type: ignore[union-attr]  # as above
    assert (key["alg"], key["crv"], key["use"]) == ("ES256", "P-256", "sig")


def test_fsc_manager_certificate_is_believed_from_the_managers_own_gateway_alone(scene: Scene) -> None:
    response = call(scene.client, scene.party, "GET", "contracts", manager=DUKCAPIL, vouching=PORTAL)

    assert code_of(response) == (401, "certificate.not_vouched")


def test_fsc_announce_with_the_id_of_a_hosted_peer_is_refused(scene: Scene, anchor: Anchor) -> None:
    """A foreign trust anchor cannot hand out the name of an agency that is hosted here."""
    impostor = FscParty(anchor, peer_id(PORTAL), "Portal")

    response = call(scene.client, impostor, "PUT", "announce", manager=DUKCAPIL)

    assert code_of(response) == (400, "ERROR_CODE_PEER_CERTIFICATE_VERIFICATION_FAILED")


@pytest.mark.parametrize("case", ["untrusted anchor", "peer id in a wrong form", "over"])
def test_fsc_announce_with_a_certificate_that_is_not_good_is_refused(
    scene: Scene, anchor: Anchor, case: str
) -> None:
    """FSC's ERROR_CODE_PEER_CERTIFICATE_VERIFICATION_FAILED."""
    party = {
        "untrusted anchor": lambda: FscParty(Anchor("Stranger"), "90000004"),
        "peer id in a wrong form": lambda: FscParty(anchor, "with space"),
        "over": lambda: FscParty(anchor, "90000004"),
    }[case]()
    if case == "over":
        party.certificate = anchor.certify(
            party.key.public_key(), peer_id="90000004", organisation="Lama", days=-0.01
        )

    response = call(scene.client, party, "PUT", "announce", manager=DUKCAPIL)

    assert code_of(response) == (400, "ERROR_CODE_PEER_CERTIFICATE_VERIFICATION_FAILED")
    assert not Peer.objects.filter(agency__peer_id="90000004").exists()


@pytest.mark.parametrize("address", ["http://localhost:8443", "https://localhost", "https://u@h:1", "x", ""])
def test_fsc_announce_of_an_address_that_cannot_be_one_is_refused(scene: Scene, address: str) -> None:
    scene.other.address, before = address, scene.other.address
    try:
        response = call(scene.client, scene.other, "PUT", "announce", manager=DUKCAPIL)
    finally:
        scene.other.address = before

    assert response.status_code == 422


def test_fsc_announce_anew_moves_the_manager(scene: Scene) -> None:
    scene.party.address, before = "https://elsewhere.test:8443", scene.party.address
    try:
        scene.announce(scene.party)
        found = json.loads(
            call(scene.client, scene.party, "GET", "peers?peer_id=x,90000001", manager=PORTAL).content
        )
    finally:
        scene.party.address = before

    assert [one["manager_address"] for one in found["peers"]] == ["https://elsewhere.test:8443"]


def test_fsc_signatures_of_ours_reach_every_foreign_peer(scene: Scene) -> None:
    """Core, "Signatures": what a peer signs is propagated to each of the others, the contract itself first."""
    scene.announce(scene.other)
    content = contract(scene.connection(), scene.connection(party=scene.other))
    contract_propose(content, by=BY)
    contract_accept(content_hash(content), agency_code=DUKCAPIL, by=BY)
    deliver_all()
    contract_revoke(content_hash(content), agency_code=DUKCAPIL, by=BY)
    deliver_all()

    taken = sorted((method, path) for method, path, _ in scene.foreign.taken)
    assert taken == [
        *[("POST", "/v1/contracts")] * 2,
        *[("PUT", f"/v1/contracts/{content_hash(content)}/revoke")] * 2,
    ]
    assert all(body["contract_content"] == content for _, _, body in scene.foreign.taken)
    assert deliveries_open() == []
    head = json.loads(b64url_decode(scene.foreign.taken[0][2]["signature"].split(".")[0]))
    assert head["alg"] == "ES256"
    assert head["x5t#S256"]


def test_fsc_signature_that_does_not_arrive_is_tried_again_and_shown(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    content = scene.conclude(contract(scene.connection()))
    scene.foreign.status = 503
    deliver_all()

    [waiting] = deliveries_open(sender=peer_id(DUKCAPIL))
    assert (waiting.kind, waiting.tries, waiting.last_error) == ("accept", 1, "status 503")
    assert (waiting.receiver, waiting.is_given_up) == (scene.party.peer_id, False)
    undelivered(retry=False)
    assert content_hash(content)[:40] in capsys.readouterr().out

    scene.foreign.status = 201
    with freeze(now() + timedelta(seconds=10)):
        deliver_all()

    assert deliveries_open() == []
    assert scene.foreign.taken[-1][1].endswith("/accept")


def test_fsc_signature_that_is_refused_is_given_up_after_some_tries(scene: Scene) -> None:
    scene.conclude(contract(scene.connection()))
    scene.foreign.status = 422
    deliver_all()
    row = ContractDelivery.objects.get(arrived_at__isnull=True)
    for _ in range(5):
        assert not delivery_try(str(row.id))

    [left] = deliveries_open()
    assert left.is_given_up
    scene.foreign.status = 201
    delivery_retry(str(row.id))
    deliver_all()
    assert deliveries_open() == []


def test_fsc_certificate_near_its_end_is_renewed_and_contracts_are_signed_and_sent_anew(scene: Scene) -> None:
    """Core, "Certificate renewal": the first scenario, for our signature and for the party's."""
    content = scene.conclude(contract(scene.connection(), validity=long()))
    deliver_all()
    before = scene.foreign.taken[-1][2]["signature"]

    with freeze(now() + timedelta(days=70)):
        renew_daily()
        deliver_all()

    method, path, body = scene.foreign.taken[-1]
    assert (method, path.rpartition("/")[2]) == ("PUT", "accept")
    heads = [json.loads(b64url_decode(one.split(".")[0])) for one in (before, body["signature"])]
    assert heads[0]["x5t#S256"] != heads[1]["x5t#S256"]
    renewed = scene.party.sign("accept", content, signed_at=1)
    assert scene.sign("accept", content, signature=renewed).status_code == 201
    assert Signature.objects.filter(jws=renewed).exists()


def long() -> Json:
    """Return a validity of half a year."""
    start = int(now().timestamp()) - 10
    return {"not_before": start, "not_after": start + 180 * 86_400}


def test_fsc_manager_in_a_private_network_is_not_called(scene: Scene, settings: Settings) -> None:
    settings.FSC_PRIVATE_NETWORKS = []
    scene.conclude(contract(scene.publication()))
    deliver_all()

    [left] = deliveries_open()
    assert left.last_error == "manager.private_address"


def test_fsc_logs_give_records_to_those_who_take_part(scene: Scene) -> None:
    """Manager-TransactionLogRecord-1 (listed so; told as Manager-TransactionLogRecords-1)."""
    scene.announce(scene.other)
    grant = scene.connection(
        service={"type": "SERVICE_TYPE_DELEGATED_SERVICE", "delegator": {"peer_id": "90000002"}}
    )
    content = contract(grant)
    assert scene.submit(content).status_code == 201
    for number in range(5):
        trail(number, scene)
    trail(5, scene, consumer=peer_id(PORTAL))
    trail(6, scene, consumer=peer_id(PORTAL), delegator=scene.party.peer_id)
    trail(7, scene, grant_hash=grant_hash(content), service="other")
    trail(8, scene, has_provider_side=False)

    def numbers(query: str = "", party: FscParty = scene.party) -> list[int]:
        found = json.loads(
            call(scene.client, party, "GET", f"logs{f'?{query}' if query else ''}", manager=DUKCAPIL).content
        )
        pages.append(found)
        return [UUID(one["transaction_id"]).int - FIRST for one in found["records"]]

    pages: list[Json] = []
    assert numbers() == [7, 6, 4, 3, 2, 1, 0], "newest first; not those of others"
    assert pages[-1]["records"][0]["destination"] == {
        "type": "DESTINATION_TYPE_DELEGATED_DESTINATION",
        "service_peer_id": peer_id(DUKCAPIL),
        "delegator_peer_id": "90000002",
    }
    assert pages[-1]["records"][1]["source"] == {
        "type": "SOURCE_TYPE_DELEGATED_SOURCE",
        "outway_peer_id": peer_id(PORTAL),
        "delegator_peer_id": scene.party.peer_id,
    }
    assert numbers(party=scene.other) == [7], "the service's delegator takes part"
    ascending = "sort_order=SORT_ORDER_ASCENDING"
    assert numbers(f"{ascending}&limit=3") == [0, 1, 2]
    assert numbers(f"{ascending}&limit=3&cursor={pages[-1]['pagination']['next_cursor']}") == [3, 4, 6]
    assert numbers(f"{ascending}&limit=3&cursor={pages[-1]['pagination']['next_cursor']}") == [7]
    assert pages[-1]["pagination"]["next_cursor"] == ""
    start = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    assert numbers(f"after={start + 60}&before={start + 240}") == [3, 2]
    assert numbers(f"grant_hash={grant_hash(content).replace('$', '%24')}") == [7]
    assert numbers("service_name=other,nothing") == [7]
    assert numbers(f"transaction_ids={UUID(int=FIRST + 2)},{UUID(int=FIRST + 5)}&limit=1") == [2]
    assert numbers("transaction_ids=none") == []
    assert numbers("cursor=odd&limit=0") == [7]


def test_fsc_logs_of_an_unknown_peer_are_not_found(scene: Scene) -> None:
    response = call(scene.client, scene.party, "GET", "health", manager=DUKCAPIL)
    assert response.status_code == 200
    assert scene.client.get("/fsc/v1/99999999/logs").status_code == 404
