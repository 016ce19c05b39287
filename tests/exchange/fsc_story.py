"""The story of a foreign FSC party over real TLS, told within the toll road's own story since starting that is dear."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from typing import Any

import httpx

from terpadu.directory import demo as directory_demo
from terpadu.directory.public import agency_get, certificate_get
from terpadu.exchange.models import Grant
from terpadu.exchange.public import contract_accept, contract_propose
from terpadu.exchange.selectors.anchors import anchors_pem, trust_anchors
from terpadu.exchange.selectors.foreign import deliveries_open
from terpadu.exchange.selectors.places import anchors_path, application_key_path
from terpadu.exchange.services.callers import caller_of_certificate
from terpadu.exchange.services.calls import APPLICATION
from terpadu.exchange.services.reconciliation import reconcile
from terpadu.exchange.services.submissions import Submission, submission_take
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.outbox import deliver_due
from terpadu.kernel.timers import fire_due
from terpadu_wire.certificates import certified_peer
from tests.exchange.fsc_party import Anchor, FscParty, Json, content_hash, contract, grant_hash
from tests.exchange.fsc_road import payload_of
from tests.exchange.fsc_server import FscServer
from tests.exchange.road import Road
from tests.gateway.processes import wait_until

BY = Actor.system("tests")
ANCHOR = Anchor()
DELEGATED = {
    "Integration-ConsumeServiceAsDelegatee-1": (True, False),
    "Integration-ConsumeDelegatedService-1": (False, True),
    "Integration-ConsumeDelegatedService-2": (True, True),
}
"""Cases by whether the reader acts for the portal, and whether the service is offered for the portal."""


def trust_foreign_anchor() -> None:
    """Let the group trust the party's anchor."""
    anchors_path().parent.mkdir(parents=True, exist_ok=True)
    anchors_path().write_bytes(ANCHOR.pem)


def foreign_party_story(road: Road, *, nik: str) -> None:
    """Announce, contract, token, call through our inway, read the log; strangers and forgeries are refused."""
    anchors = road.folder / "all-anchors.pem"
    anchors.write_bytes(anchors_pem())
    party = FscParty(ANCHOR)
    server = FscServer(party, folder=road.folder, anchors=anchors)
    try:
        with _client(party, road, anchors) as client:
            _tell(road, party, server, client, nik=nik)
    finally:
        server.close()
    _stranger_is_refused(road, anchors)


def _tell(road: Road, party: FscParty, server: FscServer, client: httpx.Client, *, nik: str) -> None:
    provider = agency_get(directory_demo.DUKCAPIL).peer_id
    manager = f"/fsc/v1/{provider}/v1"  # FSC's clients append /v1 to a manager's address
    told = {"fsc-manager-address": party.address}
    assert client.put(f"{manager}/announce", headers=told).status_code == 200
    content = contract(_grant(party, provider))
    body = {"contract_content": content, "signature": party.sign("accept", content)}
    answer = client.post(f"{manager}/contracts", json=body, headers=told)
    assert answer.status_code == 201, answer.text
    contract_accept(content_hash(content), agency_code=directory_demo.DUKCAPIL, by=BY)
    _signature_arrives(server, content, provider)
    token = _token(client, manager, party, content)
    answer = _call(road, client, token, nik)  # Inway-Incoming-Request-1
    assert answer.status_code == 200, answer.text
    members = answer.json()["data"]["anggota"]
    assert "RAKA PRATAMA" in [one["nama_lengkap"] for one in members]
    assert all("agama" not in one for one in members), "field rules hold for foreign peers too"
    _check_log(client, manager, answer.headers["fsc-transaction-id"], party, provider, content)
    _check_refusals(road, client, token, nik)
    for case in DELEGATED:
        _delegated(road, client, case, party, provider, nik)
    assert "no_consumer" not in reconcile()
    _we_call_them(road, party, server, nik=nik)


def _delegated(road: Road, client: httpx.Client, case: str, party: FscParty, provider: str, nik: str) -> None:
    """Read on behalf of the portal, a service that is offered on behalf of the portal, or both; the log says so."""
    portal, manager = agency_get(directory_demo.PORTAL).peer_id, f"/fsc/v1/{provider}/v1"
    reads_for, offered_for = DELEGATED[case]
    grant = _grant(party, provider)
    if reads_for:
        grant |= {"type": "GRANT_TYPE_DELEGATED_SERVICE_CONNECTION", "delegator": {"peer_id": portal}}
    if offered_for:
        grant["service"] |= {"type": "SERVICE_TYPE_DELEGATED_SERVICE", "delegator": {"peer_id": portal}}
    content = contract(grant)
    body = {"contract_content": content, "signature": party.sign("accept", content)}
    answer = client.post(f"{manager}/contracts", json=body, headers={"fsc-manager-address": party.address})
    assert answer.status_code == 201, (case, answer.text)
    for code in (directory_demo.DUKCAPIL, directory_demo.PORTAL):
        contract_accept(content_hash(content), agency_code=code, by=BY)
    answer = _call(road, client, _token(client, manager, party, content), nik)
    assert answer.status_code == 200, (case, answer.text)
    record = _logged(client, manager, answer.headers["fsc-transaction-id"])
    assert record["source"].get("delegator_peer_id") == (portal if reads_for else None), case
    assert record["destination"].get("delegator_peer_id") == (portal if offered_for else None), case


def _we_call_them(road: Road, party: FscParty, server: FscServer, *, nik: str) -> None:
    """Outway-IncomingRequest-1 the other way round: an application of ours reads from the foreign party's service."""
    portal, directory = (agency_get(code) for code in (directory_demo.PORTAL, directory_demo.DUKCAPIL))
    publication = contract(
        {
            "type": "GRANT_TYPE_SERVICE_PUBLICATION",
            "directory": {"peer_id": directory.peer_id},
            "service": {"peer_id": party.peer_id, "name": "parcels", "protocol": "PROTOCOL_TCP_HTTP_1.1"},
        }
    )
    connection = contract(_foreign_connection(party, portal.peer_id))
    for content, code in ((publication, directory.code), (connection, portal.code)):
        contract_propose(content, by=BY)
        contract_accept(content_hash(content), agency_code=code, by=BY)
        _sign_here(party, content, receiver=agency_get(code).peer_id)
    answer = _call_out(road, party, connection, nik)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"nama": "SITI"}, "our gateway lets pass what the contract names"
    [(path, headers, body)] = server.calls
    assert (path, body) == ("/persons/search", {"nik": nik})
    assert headers["fsc-transaction-id"] == answer.headers["fsc-transaction-id"]
    assert payload_of(headers["fsc-authorization"].removeprefix("Bearer "))["gth"] == grant_hash(connection)


def _foreign_connection(party: FscParty, consumer: str) -> Json:
    rules = {
        "purpose": {
            "code": "tanah.periksa",
            "text": {"id": "Periksa", "en": "Check"},
            "legal_basis": "UU 1",
            "retention": "P1D",
        },
        "operations": [
            {"id": "search", "method": "POST", "path": "/persons/search", "fields": {"allow": ["/nama"]}}
        ],
        "openapi_sha256": "0" * 64,
        "subject": {"in": "request", "pointer": "/nik", "match_pointer": "/nik"},
    }
    key = certificate_get(directory_demo.PORTAL).public_key_thumbprint
    return {
        "type": "GRANT_TYPE_SERVICE_CONNECTION",
        "outway": {"peer_id": consumer, "public_key_thumbprint": key},
        "service": {"type": "SERVICE_TYPE_SERVICE", "peer_id": party.peer_id, "name": "parcels"},
        "properties": rules,
    }


def _sign_here(party: FscParty, content: Json, *, receiver: str) -> None:
    """Hand the party's accept signature to our manager, of which the way in was walked before."""
    certified = certified_peer([party.der], anchors=trust_anchors(), now=now())
    submission = Submission(content, party.sign("accept", content), "accept", receiver)
    submission_take(submission, sender=caller_of_certificate(certified))


def _call_out(road: Road, party: FscParty, content: Json, nik: str) -> httpx.Response:
    key = application_key_path(directory_demo.PORTAL, APPLICATION).read_text()
    headers = {
        "authorization": f"Bearer {key}",
        "terpadu-purpose": "tanah.periksa",
        "fsc-grant-hash": grant_hash(content),
    }
    url = f"http://127.0.0.1:{road.ports.outway}/{party.peer_id}/parcels/persons/search"

    def answered() -> httpx.Response | None:
        answer = httpx.post(url, json={"nik": nik}, headers=headers, timeout=30)
        return None if answer.status_code in (403, 404) else answer

    return wait_until(answered)


def _grant(party: FscParty, provider: str) -> Json:
    found = Grant.objects.filter(purpose="kia.verifikasi", service="kependudukan").first()
    assert found is not None
    purpose = {name: one for name, one in found.properties["purpose"].items() if name not in ("id", "digest")}
    return {
        "type": "GRANT_TYPE_SERVICE_CONNECTION",
        "outway": {"peer_id": party.peer_id, "public_key_thumbprint": party.key_thumbprint},
        "service": {"type": "SERVICE_TYPE_SERVICE", "peer_id": provider, "name": "kependudukan"},
        "properties": found.properties | {"purpose": purpose},
    }


def _signature_arrives(server: FscServer, content: Json, provider: str) -> None:
    """Our accept signature reaches the party's manager, which checks it with our published key."""
    while deliver_due() or fire_due():
        pass
    [(method, path, body)] = server.taken
    assert (method, path) == ("PUT", f"/v1/contracts/{content_hash(content)}/accept")
    assert body["contract_content"] == content
    assert not deliveries_open(sender=provider)


def _token(client: httpx.Client, manager: str, party: FscParty, content: Json) -> str:
    form = {
        "grant_type": "client_credentials",
        "scope": grant_hash(content),
        "client_id": party.peer_id,
    }
    answer = client.post(f"{manager}/token", data=form)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def _call(road: Road, client: httpx.Client, token: str, nik: str, **headers: str) -> httpx.Response:
    given = {
        "fsc-authorization": f"Bearer {token}",
        "fsc-transaction-id": str(uuid7()),
        "terpadu-evidence": "KIA-2026-000009",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in given.items() if value}

    def answered() -> httpx.Response | None:
        answer = client.post(_path(), json={"nik": nik}, headers=kept | _fresh(headers))
        # The gateway looks for a new snapshot every tenth of a second.
        is_early = answer.status_code in (401, 403) and not headers
        return None if is_early else answer

    return wait_until(answered)


def _fresh(headers: dict[str, Any]) -> dict[str, str]:
    return {} if "fsc_transaction_id" in headers else {"fsc-transaction-id": str(uuid7())}


def _path() -> str:
    found = Grant.objects.filter(purpose="kia.verifikasi", service="kependudukan").first()
    assert found is not None
    path: str = next(one["path"] for one in found.properties["operations"] if one["id"] == "cariKeluarga")
    return path


def _check_log(
    client: httpx.Client, manager: str, transaction_id: str, party: FscParty, provider: str, content: Json
) -> None:
    """Both the record and who took part stand in the log that the party reads."""
    record = _logged(client, manager, transaction_id)
    assert record["created_at"] <= time.time()
    assert record | {"created_at": 0} == {
        "transaction_id": transaction_id,
        "direction": "DIRECTION_INCOMING",
        "grant_hash": grant_hash(content),
        "source": {"type": "SOURCE_TYPE_SOURCE", "outway_peer_id": party.peer_id},
        "destination": {"type": "DESTINATION_TYPE_DESTINATION", "service_peer_id": provider},
        "service_name": "kependudukan",
        "created_at": 0,
    }


def _logged(client: httpx.Client, manager: str, transaction_id: str) -> Json:
    """Return the record of a transaction as soon as the gateway has delivered it."""

    def found() -> Json | None:
        answer = client.get(f"{manager}/logs", params={"transaction_ids": transaction_id})
        assert answer.status_code == 200, answer.text
        records: list[Json] = answer.json()["records"]
        return records[0] if records else None

    return wait_until(found)


def _check_refusals(road: Road, client: httpx.Client, token: str, nik: str) -> None:
    """FSC's own codes and form for what an inway must refuse."""
    cases = {
        "Inway-Incoming-Request-2": ({"fsc_authorization": ""}, 401, "ERROR_CODE_ACCESS_TOKEN_MISSING"),
        "altered token": ({"fsc_authorization": f"Bearer {token}x"}, 401, "ERROR_CODE_ACCESS_TOKEN_INVALID"),
        "Inway-TransactionLog-3": ({"fsc_transaction_id": ""}, 400, "MISSING_LOG_RECORD_ID"),
        "odd transaction": ({"fsc_transaction_id": "1"}, 400, "INVALID_LOG_RECORD_ID"),
    }
    for case, (headers, status, code) in cases.items():
        answer = _call(road, client, token, nik, **headers)
        assert (answer.status_code, answer.headers["fsc-error-code"]) == (status, code), case
        assert answer.json()["domain"] == "ERROR_DOMAIN_INWAY", case
    # Inway-Incoming-Request-3: a good token on the connection of another party.
    other = FscParty(ANCHOR, "90000002", "Statistik")
    with _client(other, road, road.folder / "all-anchors.pem") as thief:
        answer = _call(road, thief, token, nik, terpadu_evidence="KIA-1")
    assert (answer.status_code, answer.headers["fsc-error-code"]) == (401, "ERROR_CODE_ACCESS_TOKEN_INVALID")


def _stranger_is_refused(road: Road, anchors: Path) -> None:
    """Inway-Incoming-Request-4: a certificate of an anchor that is not trusted does not even get a connection."""
    with _client(FscParty(Anchor("Stranger"), "90000009"), road, anchors) as client:
        try:
            client.get("/fsc/v1/00000002/peer")
        except (httpx.TransportError, ssl.SSLError):
            return
    raise AssertionError("a stranger was let in")


def _client(party: FscParty, road: Road, anchors: Path) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(anchors))
    context.load_cert_chain(*party.files(road.folder))
    return httpx.Client(base_url=f"https://127.0.0.1:{road.ports.fsc}", verify=context, timeout=30)
