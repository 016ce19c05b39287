"""Every address of the control plane and of peers' managers under generated requests, as whom they are meant for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.test import Client
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from terpadu.directory.demo import DUKCAPIL, PORTAL
from terpadu.directory.public import agency_get
from terpadu.exchange.models import Grant
from terpadu.exchange.public import interface_list
from terpadu.exchange.selectors.places import application_key_path
from terpadu.exchange.selectors.reference import DATA
from terpadu.exchange.services.calls import APPLICATION
from terpadu.exchange.services.events import events_key_ensure
from terpadu.exchange.services.log import log_extend
from terpadu.identity.public import person_ensure
from terpadu.kernel.actors import Actor
from terpadu.kernel.http.descriptions import description
from terpadu.kernel.ids import uuid7
from tests.exchange.deliveries import deliver, delivery_body, of_side, records_of_exchange
from tests.exchange.fsc_party import contract
from tests.exchange.fsc_scene import Scene, trail
from tests.exchange.signing import sign
from tests.generated import EXAMPLES, REFUSALS_ARE_FINE, check_generated, schema_of

pytestmark = pytest.mark.django_db
UNSIGNED_TOO = [ignored_auth]
"""The test signs what the gateway would; that nothing passes unsigned has a test of its own."""
NOT_OF_THE_SANDBOX = [
    *REFUSALS_ARE_FINE,
    *UNSIGNED_TOO,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
"""The sandbox refuses as a gateway does, and the contract's field rules leave out what a document demands."""
BY = Actor.system("tests")


class Signed:
    """The web application as a gateway reaches it: every request carries the signature of an agency.

    vouched: headers of a foreign peer whose certificate the gateway saw.
    """

    def __init__(self, *, agency_code: str, vouched: dict[str, str] | None = None) -> None:
        self._application = WSGIHandler()
        self._agency_code = agency_code
        self._vouched = vouched or {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        request = WSGIRequest(dict(environ))  # it writes into what it is given
        call = sign(
            environ["REQUEST_METHOD"],
            request.get_full_path(),
            body,
            agency_code=self._agency_code,
            content_type=environ.get("CONTENT_TYPE", ""),
            on_behalf_of=self._vouched.get("terpadu-on-behalf-of", ""),
        )
        for name, value in (call.headers | self._vouched).items():
            if name != "content-type" and value:
                environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        return self._application(environ, start_response)


def test_control_plane_under_generated_requests_answers_as_described(client: Client, country: Path) -> None:
    grant = Grant.objects.get(purpose="kia.verifikasi", service="kependudukan")
    siti = person_ensure(nik="3671015406920003", name="Siti", birth_on=date(1992, 6, 14), sex="P", by=BY)
    records = of_side(records_of_exchange(siti), "out")
    assert deliver(client, delivery_body(records, gateway="portal")).status_code == 200
    log_extend()
    schema = schema_of(
        DATA / "control_plane.yaml",
        Signed(agency_code=DUKCAPIL),
        GatewayName={"enum": ["agencies"]},
        GrantHash={"enum": [grant.grant_hash]},
        Word={"enum": ["portal", "dukcapil/kependudukan", "cariKeluarga", "kia.verifikasi", "x"]},
    )
    headers = {"X-Events-Key": events_key_ensure().read_text()}
    documents = {"sha256": interface_list()[0].openapi_sha256, "peer_id": "00000002", "service": "peristiwa"}

    names = check_generated(
        schema, headers=headers, path_parameters=documents, excluded=REFUSALS_ARE_FINE + UNSIGNED_TOO
    )

    assert len(names) == 15
    assert client.get("/exchange/openapi.json").json()["openapi"] == "3.1.0"


def test_manager_under_generated_requests_answers_as_described(scene: Scene) -> None:
    scene.conclude(contract(scene.connection()))
    scene.conclude(contract(scene.publication()))
    trail(1, scene)
    vouched = {
        "terpadu-on-behalf-of": f"certificate:{scene.party.x5t}",
        "client-cert": scene.party.client_cert,
    }
    manager = {"peer_id": agency_get(DUKCAPIL).peer_id}
    excluded = REFUSALS_ARE_FINE + UNSIGNED_TOO
    applications = {Signed(agency_code=DUKCAPIL, vouched=vouched): EXAMPLES, Signed(agency_code=PORTAL): 1}
    for application, examples in applications.items():
        schema = schema_of(DATA / "peer_manager.yaml", application)
        headers = {"Fsc-Manager-Address": scene.party.address}
        names = check_generated(
            schema, headers=headers, path_parameters=manager, excluded=excluded, examples=examples
        )

    assert len(names) == 13
    assert scene.client.get("/fsc/v1/openapi.json").json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("name", ["control_plane", "peer_manager"])
def test_operation_that_wants_a_signature_refuses_whoever_shows_none(
    client: Client, country: Path, name: str
) -> None:
    events_key_ensure()
    place = {"{peer_id}": "00000002", "{service}": "x", "{path}": "x", "{hash}": "x"}
    asked = []
    for template, operations in description(DATA / f"{name}.yaml")["paths"].items():
        path = template
        for parameter, value in place.items():
            path = path.replace(parameter, value)
        for method, operation in operations.items():
            if method != "parameters" and operation.get("security"):
                answer = client.generic(method.upper(), path)
                asked.append((path, answer.status_code, answer.headers["Content-Type"]))

    assert asked
    assert {status for _, status, _ in asked} == {401}, asked


@pytest.mark.parametrize("name", ["kependudukan"])
def test_sandbox_under_generated_requests_refuses_or_answers(
    client: Client, country: Path, name: str
) -> None:
    key = application_key_path(PORTAL, APPLICATION).read_text()
    headers = {"Authorization": f"Bearer {key}"}
    view = next(one for one in interface_list() if one.name == name)
    schema = schema_of_interface(client, view.openapi_sha256)
    base_url = f"http://localhost/exchange/sandbox/{view.peer_id}/{view.name}"

    assert check_generated(schema, base_url=base_url, headers=headers, excluded=NOT_OF_THE_SANDBOX)


def schema_of_interface(client: Client, sha256: str) -> Any:
    """Return the schema of a published interface as its twin in the sandbox answers it."""
    found = schemathesis.openapi.from_dict(orjson.loads(client.get(f"/exchange/openapi/{sha256}").content))
    found.app = WSGIHandler()
    return found


NUL = "a\0"
WISH = {"grant_hash": NUL, "side": "in", "day": "2026-01-01", "used": 0, "want": 0}
DONE = {"lease": str(uuid7()), "outcomes": [{"sequence": 1, "code": NUL}]}
BATCH = {"gateway": NUL, "segment": "1.seg", "offset": 8, "end": 9}
HOSTILE: dict[str, tuple[str, bytes, int]] = {
    "gateway of leases": ("/exchange/leases", orjson.dumps({"gateway": NUL, "leases": []}), 400),
    "grant of a lease": ("/exchange/leases", orjson.dumps({"gateway": "agencies", "leases": [WISH]}), 400),
    "gateway of deliveries": ("/exchange/deliveries", orjson.dumps({"gateway": NUL}), 422),
    "outcome of one": ("/exchange/deliveries", orjson.dumps({"gateway": "agencies", "done": [DONE]}), 422),
    "gateway of records": ("/exchange/records", orjson.dumps(BATCH) + b"\n{}\n", 400),
    "scope of a token": (
        "/fsc/v1/00000002/token",
        b"grant_type=client_credentials&scope=%00&client_id=00000002",
        400,
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_text_that_no_database_can_keep_is_refused(client: Client, country: Path, case: str) -> None:
    path, body, status = HOSTILE[case]
    kind = "application/x-www-form-urlencoded" if path.endswith("token") else "application/json"

    answer = sign("POST", path, body, agency_code=DUKCAPIL, content_type=kind).send(client)

    assert answer.status_code == status, answer.content


@pytest.mark.parametrize(
    "address",
    [
        "/exchange/explain?consumer=%00",
        "/exchange/sandbox/00000002/%00/x",
        "/fsc/v1/00000002/services?service_name=%00",
        "/fsc/v1/00000002/logs?grant_hash=%00",
        "/masuk/?lanjut=%00",
    ],
)
def test_address_with_a_nul_is_no_fault_of_ours(client: Client, country: Path, address: str) -> None:
    assert client.get(address).status_code < 500


BEYOND: dict[str, dict[str, Any]] = {
    "a moment after all calendars": {"created_at": 2**53 - 1},
    "an end after all calendars": {"validity": {"not_before": 0, "not_after": 253_402_300_800}},
    "a number without canonical form": {"properties": {"x": 2**60}},
    "a text with a NUL": {"properties": {"purpose": {"code": "\0"}}},
}


@pytest.mark.parametrize("case", BEYOND)
def test_contract_with_what_cannot_be_kept_is_refused(scene: Scene, case: str) -> None:
    change = dict(BEYOND[case])
    properties = change.pop("properties", None)
    grant = scene.publication(**({"properties": properties} if properties else {}))

    answer = scene.submit(contract(grant, **change))

    assert answer.status_code == 422, answer.content


def test_sandbox_with_more_parameters_than_any_operation_takes_refuses(client: Client, country: Path) -> None:
    key = application_key_path(PORTAL, APPLICATION).read_text()
    query = "&".join(f"a{number}=1" for number in range(60))

    answer = client.get(
        f"/exchange/sandbox/00000002/kependudukan/x?{query}", headers={"Authorization": f"Bearer {key}"}
    )

    assert (answer.status_code, answer.headers["Fsc-Error-Code"]) == (422, "gateway.path_refused")
