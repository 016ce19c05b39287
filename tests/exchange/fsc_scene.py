"""A foreign FSC party that is known here, and what the written cases do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from terpadu.directory.demo import DUKCAPIL, PORTAL
from terpadu.directory.public import agency_get
from terpadu.exchange.adapters import managers
from terpadu.exchange.models import Contract, Grant, Peer, TrailRow
from terpadu.exchange.public import contract_accept, contract_propose
from terpadu.exchange.selectors.places import anchors_path
from terpadu.exchange.services.propagation import TIMER
from terpadu.kernel.actors import Actor
from terpadu.kernel.models import Delivery, Timer
from terpadu.kernel.outbox import deliver_due
from terpadu.kernel.timers import fire_due
from tests.exchange.fsc_party import Anchor, FscParty, Json, content_hash, contract, grant_hash
from tests.exchange.fsc_road import ForeignManager, ask_token, call, submit

BY = Actor.system("tests")
SERVICE = "kependudukan"


@pytest.fixture(scope="module")
def anchor() -> Anchor:
    return Anchor()


@pytest.fixture(scope="module")
def parties(anchor: Anchor) -> tuple[FscParty, FscParty]:
    """One party with an RSA key, one with an ECDSA key."""
    second = FscParty(anchor, "90000002", "Statistik", "ES256", "https://localhost:9443")
    return FscParty(anchor), second


@pytest.fixture
def manager_of_parties(
    country: Path,
    anchor: Anchor,
    parties: tuple[FscParty, FscParty],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> ForeignManager:
    anchors_path().write_bytes(anchor.pem)
    settings.FSC_PRIVATE_NETWORKS = ["127.0.0.0/8", "::1/128"]
    made = ForeignManager(*parties)
    monkeypatch.setattr(managers, "_client", made.client)
    Peer.objects.filter(agency__code=DUKCAPIL).update(fsc_url="https://gateway.test:8443")
    return made


@dataclass
class Scene:
    """A party that is known here, and what it needs to make contracts."""

    client: Client
    party: FscParty
    other: FscParty
    foreign: ForeignManager

    def announce(self, party: FscParty) -> None:
        assert call(self.client, party, "PUT", "announce", manager=DUKCAPIL).status_code == 200

    def connection(
        self, *, party: FscParty | None = None, service: Json | None = None, **members: Any
    ) -> Json:
        """Return a ServiceConnectionGrant by which the party reads the population registry."""
        properties = Grant.objects.filter(purpose="kia.verifikasi", service=SERVICE).first().properties  # type: ignore[union-attr]  # the demo has it
        purpose = {name: one for name, one in properties["purpose"].items() if name not in ("id", "digest")}
        caller = party or self.party
        return {
            "type": "GRANT_TYPE_SERVICE_CONNECTION",
            "outway": {"peer_id": caller.peer_id, "public_key_thumbprint": caller.key_thumbprint},
            "service": {"type": "SERVICE_TYPE_SERVICE", "peer_id": peer_id(DUKCAPIL), "name": SERVICE}
            | (service or {}),
            "properties": properties | {"purpose": purpose},
        } | members

    def delegated(self, **members: Any) -> Json:
        """Return the same grant on behalf of the portal."""
        kind = {"type": "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION", "delegator": {"peer_id": peer_id(PORTAL)}}
        return self.connection(**(kind | members))

    def publication(self, **members: Any) -> Json:
        """Return a ServicePublicationGrant of the party's own service in the registry's directory."""
        return {
            "type": "GRANT_TYPE_SERVICE_PUBLICATION",
            "directory": {"peer_id": peer_id(DUKCAPIL)},
            "service": {
                "peer_id": self.party.peer_id,
                "name": "parcels",
                "protocol": "PROTOCOL_TCP_HTTP_1.1",
            },
        } | members

    def delegated_publication(self, **members: Any) -> Json:
        kind = {"type": "GRANT_TYPE_DELEGATED_SERVICE_PUBLICATION", "delegator": {"peer_id": peer_id(PORTAL)}}
        return self.publication(**(kind | members))

    def submit(self, content: Json, **changes: Any) -> HttpResponse:
        signature = changes.pop("signature", None) or self.party.sign("accept", content, **changes)
        return submit(self.client, self.party, content, signature, manager=DUKCAPIL)

    def sign(self, kind: str, content: Json, *, signature: str = "", path: str = "") -> HttpResponse:
        return submit(
            self.client,
            self.party,
            content,
            signature or self.party.sign(kind, content),
            manager=DUKCAPIL,
            path=path or f"contracts/{content_hash(content)}/{kind}",
        )

    def conclude(self, content: Json, *agencies: str) -> Json:
        """Submit a contract and let our agencies accept it."""
        response = self.submit(content)
        assert response.status_code == 201, response.content
        for code in agencies or (DUKCAPIL,):
            contract_accept(content_hash(content), agency_code=code, by=BY)
        return content

    def token(self, content: Json, **form: str) -> HttpResponse:
        return ask_token(
            self.client, self.party, form.pop("scope", grant_hash(content)), manager=DUKCAPIL, **form
        )


@pytest.fixture
def scene(
    client: Client, manager_of_parties: ForeignManager, parties: tuple[FscParty, FscParty]
) -> Iterator[Scene]:
    made = Scene(client, *parties, manager_of_parties)
    made.announce(made.party)
    yield made


def peer_id(agency_code: str) -> str:
    return agency_get(agency_code).peer_id


def code_of(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.headers.get("Fsc-Error-Code", "")


def stored(content: Json) -> bool:
    return Contract.objects.filter(content_hash=content_hash(content)).exists()


def delegated_service() -> Json:
    return {"type": "SERVICE_TYPE_DELEGATED_SERVICE", "delegator": {"peer_id": peer_id(PORTAL)}}


def waiting(scene: Scene, kind: str) -> Json:
    """Return a contract that the party may sign in this way; not yet accepted by it unless it is to be revoked."""
    content = contract(scene.connection())
    if kind == "revoke":
        assert scene.submit(content).status_code == 201
        return content
    contract_propose(content, by=BY)
    contract_accept(content_hash(content), agency_code=DUKCAPIL, by=BY)
    return content


def against(scene: Scene, content: Json, kind: str, number: int) -> tuple[HttpResponse, str]:
    """Sign a contract wrongly in the way of a case; return the answer and the code that is due."""
    other = {"accept": "reject", "reject": "accept", "revoke": "accept"}[kind]
    party, hash_of_content = scene.party, content_hash(content)
    if number == 2:
        scene.announce(scene.other)
        path = f"contracts/{hash_of_content}/{kind}"
        signature = scene.other.sign(kind, content)
        response = submit(scene.client, scene.other, content, signature, manager=DUKCAPIL, path=path)
        return response, "SUBMITTING_PEER_NOT_PART_OF_CONTRACT"
    if number == 3:
        return scene.sign(kind, content, signature="not.a-jws"), "SIGNATURE_VERIFICATION_FAILED"
    if number == 4:
        wrong = party.sign(kind, content, contract_content_hash=content_hash(contract(scene.connection())))
        return scene.sign(kind, content, signature=wrong), "SIGNATURE_CONTRACT_CONTENT_HASH_MISMATCH"
    if number == 5:
        return scene.sign(
            kind, content, signature=party.sign(other, content)
        ), "SIGNATURE_VERIFICATION_FAILED"
    if number == 6:
        elsewhere = content_hash(contract(scene.connection()))
        return scene.sign(
            kind, content, path=f"contracts/{elsewhere}/{kind}"
        ), "URL_PATH_CONTENT_HASH_MISMATCH"
    wrong = party.sign(kind, content, algorithm="PS256")
    return scene.sign(kind, content, signature=wrong), "UNKNOWN_ALGORITHM_SIGNATURE"


def deliver_all() -> None:
    """Deliver our signatures; what the demo country has waiting beside them is not this test's."""
    Delivery.objects.exclude(subscriber="exchange.propagate_signature").delete()
    Timer.objects.exclude(kind=TIMER).delete()
    while deliver_due() or fire_due():
        pass


FIRST = 100


def trail(number: int, scene: Scene, **members: object) -> TrailRow:
    row = TrailRow(
        transaction_id=UUID(int=FIRST + number),
        at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=number),
        consumer=scene.party.peer_id,
        provider=peer_id(DUKCAPIL),
        service=SERVICE,
        outcome="answered",
        weight=4,
        has_provider_side=True,
    )
    for name, value in members.items():
        setattr(row, name, value)
    row.save()
    return row
