"""The health platform over HTTP: tokens, its CapabilityStatement, and searches that answer with Bundles."""

import hmac
import secrets
import sqlite3
import time
from pathlib import Path
from urllib.parse import parse_qs

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.kesehatan.intake import NIK_SYSTEM

FHIR = "application/fhir+json"
_PAGE = 5
_LIFE_S = 3599
_SEARCHES = {"Patient": ("identifier",), "Immunization": ("patient",), "Encounter": ("patient",)}


def application(storage: Path, *, client: str) -> Starlette:
    """Return the ASGI application. storage: file made by `intake.build`. client: "id:secret" of the one client."""
    server = _Server(storage, client)
    return Starlette(
        routes=[
            Route("/oauth2/v1/accesstoken", server.token, methods=["POST"]),
            Route("/fhir-r4/v1/metadata", server.metadata, methods=["GET"]),
            Route("/fhir-r4/v1/{resource}/_search", server.search, methods=["POST"]),
            Route("/fhir-r4/v1/{resource}", server.search, methods=["GET"]),
        ]
    )


class _Server:
    """Storage and the tokens given out."""

    def __init__(self, storage: Path, client: str) -> None:
        self._file = sqlite3.connect(f"file:{storage}?mode=ro", uri=True, check_same_thread=False)
        self._client = client
        self._tokens: dict[str, float] = {}

    async def token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode("latin-1"))
        shown = f"{form.get('client_id', [''])[0]}:{form.get('client_secret', [''])[0]}"
        grant = request.query_params.get("grant_type")
        if grant != "client_credentials" or not hmac.compare_digest(shown.encode(), self._client.encode()):
            return Response(b'{"error":"invalid_client"}', status_code=401, media_type="application/json")
        token = secrets.token_urlsafe(24)
        self._tokens = {one: end for one, end in self._tokens.items() if end > time.monotonic()}
        self._tokens[token] = time.monotonic() + _LIFE_S
        issued = {
            "access_token": token,
            "token_type": "BearerToken",
            "expires_in": str(_LIFE_S),
            "issued_at": str(int(time.time() * 1000)),
            "status": "approved",
            "organization_name": "100000001",
            "client_id": self._client.partition(":")[0],
        }
        return Response(orjson.dumps(issued), media_type="application/json")

    async def metadata(self, request: Request) -> Response:
        resources = [
            {
                "type": name,
                "interaction": [{"code": "search-type"}],
                "searchParam": [{"name": one, "type": "token"} for one in parameters],
            }
            for name, parameters in _SEARCHES.items()
        ]
        statement = {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": "2026-01-01",
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{"mode": "server", "resource": resources}],
        }
        return Response(orjson.dumps(statement), media_type=FHIR)

    async def search(self, request: Request) -> Response:
        if not self._is_known(request.headers.get("authorization", "")):
            return _outcome(401, "login", "Token tidak berlaku")
        resource = request.path_params["resource"]
        if resource not in _SEARCHES:
            return _outcome(404, "not-supported", "Resource tidak dikenal")
        asked = {name: value for name, value in request.query_params.items()}
        asked |= {
            name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()
        }
        found = self._found(resource, asked)
        if found is None:
            return _outcome(400, "required", "Parameter pencarian tidak lengkap")
        return _bundle(found, resource, asked)

    def _found(self, resource: str, asked: dict[str, str]) -> list[dict[str, object]] | None:
        if resource == "Patient":
            system, _, nik = asked.get("identifier", "").partition("|")
            rows = self._file.execute("SELECT body FROM resource WHERE nik = ?", (nik,)).fetchall()
            return [orjson.loads(row[0]) for row in rows] if system == NIK_SYSTEM else None
        if "patient" not in asked:
            return None
        patient = asked["patient"].removeprefix("Patient/")
        query = "SELECT body FROM resource WHERE type = ? AND patient = ? ORDER BY id"
        return [orjson.loads(row[0]) for row in self._file.execute(query, (resource, patient))]

    def _is_known(self, authorization: str) -> bool:
        return self._tokens.get(authorization.removeprefix("Bearer "), 0) > time.monotonic()


def _bundle(found: list[dict[str, object]], resource: str, asked: dict[str, str]) -> Response:
    begin = int(asked.get("_offset", "0"))
    page = found[begin : begin + _PAGE]
    entries = [
        {"fullUrl": f"urn:uuid:{one['id']}", "resource": one, "search": {"mode": "match"}} for one in page
    ]
    bundle: dict[str, object] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "entry": entries,
    }
    if begin + _PAGE < len(found):
        following = f"{resource}?patient={asked.get('patient', '')}&_offset={begin + _PAGE}"
        bundle["link"] = [{"relation": "next", "url": following}]
    return Response(orjson.dumps(bundle), media_type=FHIR)


def _outcome(status: int, code: str, text: str) -> Response:
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    return Response(
        orjson.dumps({"resourceType": "OperationOutcome", "issue": [issue]}),
        status_code=status,
        media_type=FHIR,
    )
