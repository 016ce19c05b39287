"""Foreign peers at the inway: proven by the certificate of their connection, told in FSC's codes, never taken for ours."""

import asyncio
import base64
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import h11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from terpadu_gateway.access import TokenDesk
from terpadu_gateway.answers import Answer, fsc_answer
from terpadu_gateway.config import Limits
from terpadu_gateway.foreign import ForeignInway
from terpadu_gateway.identities import Identity
from terpadu_gateway.messages import Incoming, Refusal
from terpadu_gateway.mutual import _scope
from terpadu_gateway.questions import question_of
from terpadu_gateway.visits import Visit
from terpadu_wire.contracts import (
    ConnectedService,
    ContractContent,
    ContractSignatures,
    GrantItem,
    Outway,
    ServiceConnectionGrant,
    Validity,
    grant_hash,
    sign_contract,
)
from terpadu_wire.errors import TokenError
from terpadu_wire.keys import jwk_thumbprint
from terpadu_wire.policy import Decision
from terpadu_wire.properties import properties_to_json
from terpadu_wire.snapshot import PeerKey, Snapshot, SnapshotContract, SnapshotPeer, SnapshotService
from terpadu_wire.snapshot import Text as PeerName
from terpadu_wire.tokens import TokenClaims, mint_token
from terpadu_wire.transactions import new_transaction_id
from tests.exchange.fsc_party import Anchor, FscParty
from tests.gateway.country import (
    GROUP,
    PURPOSE,
    REGISTRY,
    SERVICE,
    Country,
    make_country,
    standard_properties,
)

FSC_URL = "https://gateway.test:8443"
NOW = int(time.time())


class World:
    """A provider of ours, a foreign party, their contract, and an inway that only remembers who was let in."""

    def __init__(self, folder: Path) -> None:
        self.country: Country = make_country(folder)
        self.party = FscParty(Anchor())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.content = self._contract()
        self.snapshot = self._snapshot()
        self.visits: list[Visit] = []
        registry = self.country.registry
        identity = Identity(REGISTRY, registry.signer, b"", b"")
        self.inway = ForeignInway(
            SimpleNamespace(answer_visit=self._let_in),  # type: ignore[arg-type]  # stands for the inway behind it
            secrets=SimpleNamespace(identities={REGISTRY: identity}),  # type: ignore[arg-type]  # only these are asked for
            snapshots=SimpleNamespace(current=self.snapshot),  # type: ignore[arg-type]  # only this is asked for
            limits=Limits(),
            clock=lambda: NOW,
        )

    async def _let_in(self, visit: Visit) -> Answer:
        self.visits.append(visit)
        return Answer(200, {}, b"")

    def _contract(self) -> ContractContent:
        grant = ServiceConnectionGrant(
            Outway(self.party.peer_id, self.party.key_thumbprint),
            ConnectedService(REGISTRY, SERVICE),
            properties_to_json(standard_properties()),
        )
        return ContractContent(
            str(uuid4()), GROUP, Validity(NOW - 60, NOW + 86_400), (GrantItem(grant),), NOW
        )

    def _snapshot(self) -> Snapshot:
        registry, party = self.country.registry, self.party
        accept = {
            REGISTRY: sign_contract("accept", self.content, key=self.key, at=NOW),
            party.peer_id: sign_contract("accept", self.content, key=party.key, at=NOW),
        }
        keys = (PeerKey.of(registry.key.public_key()), PeerKey.of(self.key.public_key()))
        name = PeerName("x", "x")
        return Snapshot(
            GROUP,
            1,
            NOW,
            NOW + 3600,
            NOW + 7200,
            peers=(
                SnapshotPeer(REGISTRY, name, keys, "", "https://inway.test", FSC_URL),
                SnapshotPeer(party.peer_id, name, (PeerKey.of(party.key.public_key()),), is_foreign=True),
            ),
            services=(SnapshotService(REGISTRY, SERVICE, ""),),
            contracts=(SnapshotContract.of(self.content, ContractSignatures(accept), state="valid"),),
        )

    def claims(self, **changes: Any) -> TokenClaims:
        grant = next(self.content.connection_grants())
        claims = TokenClaims(
            gth=grant_hash(self.content, grant),
            gid=GROUP,
            sub=self.party.peer_id,
            iss=REGISTRY,
            svc=SERVICE,
            aud=FSC_URL,
            nbf=NOW - 10,
            exp=NOW + 300,
            jkt="",
            x5t=self.party.x5t,
            prp=grant.properties or {},
        )
        return replace(claims, **changes)

    def call(self, token: str = "", **headers: str) -> Visit:
        """Call with the party's certificate; return the visit, or raise what the inway refuses with."""
        given = {
            "fsc-authorization": f"Bearer {token or mint_token(self.claims(), key=self.key)}",
            "fsc-transaction-id": new_transaction_id(now=NOW),
            "client-cert": f":{base64.b64encode(self.party.der).decode()}:",
            "content-type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        token = self.inway.authenticate(given)
        asyncio.run(self.inway.answer(token, Incoming("POST", "/penduduk/cari", "", given, b"{}")))
        return self.visits[-1]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("foreign") / "country")


def test_foreign_call_with_a_good_token_is_let_in_for_the_contracts_purpose(world: World) -> None:
    visit = world.call()

    assert visit.is_foreign
    assert (visit.facts.consumer, visit.facts.provider, visit.facts.purpose) == (
        "90000001",
        REGISTRY,
        PURPOSE,
    )
    assert visit.facts.key_thumbprint == world.party.key_thumbprint
    assert visit.request.target_uri == f"{FSC_URL}/penduduk/cari"
    assert visit.request.signature.signature == ""


def passed_on(world: World) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers that came in, and those that go on to the system."""
    visit = world.call()
    question = question_of(visit, Decision(True, ""), now=NOW)
    return visit.incoming.headers, dict(question.headers)


def test_inway_incoming_request_5_token_is_preserved(world: World) -> None:
    given, sent = passed_on(world)
    assert sent["fsc-authorization"] == given["fsc-authorization"] != ""


def test_inway_transaction_log_2_id_is_preserved(world: World) -> None:
    given, sent = passed_on(world)
    assert sent["fsc-transaction-id"] == given["fsc-transaction-id"] != ""


def refusal_of(world: World, token: str = "", **headers: str) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        world.call(token, **headers)
    answer = fsc_answer(caught.value.problem(side="provider-gateway"))
    return answer.status, answer.headers["fsc-error-code"]


def test_inway_incoming_request_6_expired_token_is_refused(world: World) -> None:
    token = mint_token(world.claims(nbf=NOW - 600, exp=NOW - 60), key=world.key)

    assert refusal_of(world, token) == (401, "ERROR_CODE_ACCESS_TOKEN_EXPIRED")


INVALID = "ERROR_CODE_ACCESS_TOKEN_INVALID"
WRONG_TOKENS: dict[str, tuple[dict[str, Any], str]] = {
    "of another certificate": ({"x5t": "AAAA"}, INVALID),
    "bound to a key, as ours are": ({"jkt": "AAAA"}, INVALID),
    "for our own inway": ({"aud": "https://inway.test"}, INVALID),
    "of another group": ({"gid": "other"}, "ERROR_CODE_WRONG_GROUP_ID_IN_TOKEN"),
    "that lives too long": ({"exp": NOW + 600, "nbf": NOW - 10}, INVALID),
}


@pytest.mark.parametrize("case", WRONG_TOKENS)
def test_foreign_call_with_a_wrong_token_is_refused(world: World, case: str) -> None:
    changes, code = WRONG_TOKENS[case]
    try:
        token = mint_token(world.claims(**changes), key=world.key)
    except TokenError:  # not even we can make one that lives too long
        return

    assert refusal_of(world, token)[1] == code


def test_foreign_call_with_a_token_of_the_caller_itself_is_refused(world: World) -> None:
    token = mint_token(world.claims(), key=world.party.key)

    assert refusal_of(world, token) == (401, INVALID)


def test_token_of_one_kind_is_refused_at_the_desk_of_the_other(world: World) -> None:
    registry = world.country.registry
    ours = mint_token(
        world.claims(aud="https://inway.test", jkt=jwk_thumbprint(registry.key.public_key())),
        key=registry.key,
    )
    theirs = mint_token(world.claims(), key=world.key)
    desk = TokenDesk({REGISTRY}, clock=lambda: NOW)
    foreign = TokenDesk({REGISTRY}, clock=lambda: NOW, is_foreign=True)

    assert desk.check(ours, world.snapshot).claims.jkt
    assert foreign.check(theirs, world.snapshot).claims.x5t == world.party.x5t
    with pytest.raises(TokenError):
        desk.check(theirs, world.snapshot)
    with pytest.raises(TokenError):
        foreign.check(ours, world.snapshot)
    unbound = mint_token(world.claims(aud="https://inway.test"), key=registry.key)
    with pytest.raises(TokenError, match=r"token\.other_key"):
        desk.check(unbound, world.snapshot)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"fsc_transaction_id": ""}, (400, "MISSING_LOG_RECORD_ID")),
        ({"fsc_transaction_id": "1"}, (400, "INVALID_LOG_RECORD_ID")),
        ({"client_cert": ":AAAA:"}, (401, "certificate.unknown")),
    ],
)
def test_foreign_call_that_is_incomplete_is_refused(
    world: World, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert refusal_of(world, **headers) == expected


def test_mutual_listener_throws_away_a_certificate_that_the_caller_claims(world: World) -> None:
    lines = [("host", "x"), ("Client-Cert", ":c3RvbGVu:"), ("Client-Cert-Chain", ":c3RvbGVu:")]
    request = h11.Request(method="GET", target="/a?b=c", headers=lines)

    scope = _scope(request, world.party.der)

    assert (scope.path, scope.query_string, scope.authority) == ("/a", "b=c", None)
    shown = [value for name, value in scope.headers.items() if name.startswith("client-cert")]
    assert shown == [f":{base64.b64encode(world.party.der).decode()}:"]
    absolute = h11.Request(method="GET", target="http://inside/a", headers=lines)
    assert _scope(absolute, b"x").authority == "http://inside/a"
