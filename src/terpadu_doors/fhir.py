"""The FHIR door: a FHIR R4 server asked by a person's national number, which stays in bodies.

FHIR is REST already; what it lacks for the toll road is done here: the client-credentials token, the identifier system
(SATUSEHAT's by default), and a search for what belongs to a person in one call. The answer is a FHIR Bundle: the
patient first, then what was searched.
"""

import threading
import time
from collections.abc import Iterable
from functools import partial
from urllib.parse import quote, urlencode, urljoin

from pydantic import JsonValue

from terpadu_doors.config import FhirDoor
from terpadu_doors.desk import JsonDesk, JsonObject, Question, Reply
from terpadu_doors.documents import Offer, closed_object, make_document
from terpadu_doors.fetching import Fetched, Fetcher
from terpadu_doors.fhir_shapes import SHAPES, bundle_schema
from terpadu_doors.problems import DoorProblem
from terpadu_doors.secrets import read_secret
from terpadu_wire.addresses import Network
from terpadu_wire.errors import JsonError
from terpadu_wire.strict_json import parse_json

MAX_ENTRIES = 500
_RENEW_AT = 0.8
"""Share of a token's life after which a new one is asked for."""
_FORM = "application/x-www-form-urlencoded"


class TokenKeeper:
    """The access token of one client at one server (OAuth 2.0, client credentials).

    Args:
        door: where tokens come from.
        fetcher: sends the requests.
    """

    def __init__(self, door: FhirDoor, *, fetcher: Fetcher) -> None:
        self._door, self._fetcher = door, fetcher
        self._lock = threading.Lock()
        self._token, self._renew_at = "", 0.0

    def token(self, *, refused: str = "") -> str:
        """Return a token; a new one when the old one is near its end or was refused.

        Raises:
            DoorProblem: ``door.sign_in_failed`` or the server cannot be reached.
        """
        with self._lock:
            if time.monotonic() >= self._renew_at or self._token == refused:
                self._token, life = self._ask()
                self._renew_at = time.monotonic() + life * _RENEW_AT
            return self._token

    def _ask(self) -> tuple[str, float]:
        client, _, secret = read_secret(self._door.client_file).partition(":")
        form = urlencode({"client_id": client, "client_secret": secret, "grant_type": "client_credentials"})
        separator = "&" if "?" in self._door.token_url else "?"
        fetched = self._fetcher.send(
            "POST",
            f"{self._door.token_url}{separator}grant_type=client_credentials",
            headers={"content-type": _FORM, "accept": "application/json"},
            body=form.encode(),
            seconds=self._door.seconds,
        )
        value = _json(fetched) if fetched.status == 200 else None
        token = value.get("access_token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not token or not token.isascii():
            raise DoorProblem("door.sign_in_failed", f"the token endpoint answered {fetched.status}")
        return token, _life(value.get("expires_in") if isinstance(value, dict) else None)


class FhirProgram:
    """One FHIR door at work.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: FhirDoor, *, allowed: Iterable[Network]) -> None:
        self._door = door
        self._base = door.base_url.rstrip("/")
        self._fetcher = Fetcher(allowed)
        self._tokens = TokenKeeper(door, fetcher=self._fetcher)
        handlers = {_operation_id(resource): partial(self._answer, resource) for resource in door.resources}
        self._desk = JsonDesk(fhir_document(door), handlers)

    def answer(self, question: Question) -> Reply:
        """Return a Bundle about a person. Raises DoorProblem."""
        return self._desk.answer(question)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _answer(self, resource: str, asked: JsonObject) -> JsonValue:
        return self._search(resource, str(asked["nik"]))

    def _search(self, resource: str, nik: str) -> JsonValue:
        patients = self._found("Patient", f"identifier={quote(f'{self._door.nik_system}|{nik}', safe='')}")
        if not patients:
            raise DoorProblem("door.not_found")
        if len(patients) > 1:
            raise DoorProblem("door.answer_garbled", "the server has several patients under one number")
        if resource == "Patient":
            return _bundle(patients, None)
        patient_id = patients[0].get("id") if isinstance(patients[0], dict) else None
        return _bundle(patients, self._found(resource, f"patient={quote(str(patient_id), safe='')}"))

    def _found(self, resource: str, query: str) -> list[JsonValue]:
        """Return the resources that a search finds, over all its pages."""
        found: list[JsonValue] = []
        value = self._first_page(resource, query)
        for _ in range(self._door.pages):
            found += _resources(value, resource)
            following = _next_link(value)
            if not following or len(found) > MAX_ENTRIES:
                break
            value = self._get(self._own(following))
        if len(found) > MAX_ENTRIES:
            raise DoorProblem("door.answer_too_large", f"more than {MAX_ENTRIES} resources")
        return found

    def _first_page(self, resource: str, query: str) -> JsonValue:
        if self._door.search == "get":
            return self._get(f"{self._base}/{resource}?{query}")
        return self._send("POST", f"{self._base}/{resource}/_search", body=query.encode())

    def _own(self, link: str) -> str:
        """Return the address of a next page; a link to another server is not followed."""
        address = urljoin(f"{self._base}/", link)
        if not address.startswith(f"{self._base}/") and not address.startswith(f"{self._base}?"):
            raise DoorProblem("door.answer_garbled", "the next page is on another server")
        return address

    def _get(self, url: str) -> JsonValue:
        return self._send("GET", url)

    def _send(self, method: str, url: str, *, body: bytes = b"") -> JsonValue:
        token = self._tokens.token()
        fetched = self._with_token(method, url, body, token)
        if fetched.status == 401:
            fetched = self._with_token(method, url, body, self._tokens.token(refused=token))
        return _checked(fetched)

    def _with_token(self, method: str, url: str, body: bytes, token: str) -> Fetched:
        headers = {"authorization": f"Bearer {token}", "accept": "application/fhir+json"}
        if body:
            headers["content-type"] = _FORM
        return self._fetcher.send(method, url, headers=headers, body=body, seconds=self._door.seconds)


def fhir_document(door: FhirDoor) -> JsonObject:
    """Return the OpenAPI document of a FHIR door."""
    asked = closed_object({"nik": {"type": "string", "pattern": "^[0-9]{16}$"}}, required=["nik"])
    offers = [
        Offer(
            _operation_id(resource),
            f"/{resource}/search",
            "The patient with a NIK" if resource == "Patient" else f"{resource} of the patient with a NIK",
            asked,
            bundle_schema(resource),
        )
        for resource in door.resources
    ]
    return make_document(door.title or door.name, version="4.0.1", offers=offers)


def supported_resources(capability: JsonValue) -> list[str]:
    """Return the resources of a CapabilityStatement that this door can search for a person, Patient first.

    Raises:
        DoorProblem: ``door.answer_garbled``; it is no CapabilityStatement of FHIR R4.
    """
    statement = capability if isinstance(capability, dict) else {}
    if statement.get("resourceType") != "CapabilityStatement" or not str(
        statement.get("fhirVersion")
    ).startswith("4.0"):
        raise DoorProblem("door.answer_garbled", "this is no CapabilityStatement of FHIR R4 (4.0.x)")
    searched: dict[str, set[str]] = {}
    for rest in _list(statement.get("rest")):
        for one in _list(rest.get("resource")):
            names = {str(parameter.get("name")) for parameter in _list(one.get("searchParam"))}
            searched.setdefault(str(one.get("type")), set()).update(names)
    if "identifier" not in searched.get("Patient", set()):
        raise DoorProblem("door.answer_garbled", "the server cannot search Patient by identifier")
    others = [name for name, parameters in searched.items() if "patient" in parameters and name in SHAPES]
    return ["Patient", *sorted(others)]


def _operation_id(resource: str) -> str:
    return f"search_{resource}"


def _list(value: JsonValue) -> list[JsonObject]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _checked(fetched: Fetched) -> JsonValue:
    """Return the JSON of an answer; a failed one becomes the problem that its OperationOutcome names."""
    if fetched.status in (401, 403):
        raise DoorProblem("door.sign_in_failed", f"the server answered {fetched.status}")
    if fetched.status in (404, 410):
        raise DoorProblem("door.not_found")
    if fetched.status >= 500:
        raise DoorProblem("door.system_failed", f"the server answered {fetched.status}")
    if fetched.status != 200:
        raise DoorProblem("door.system_refused", f"the server answered {fetched.status}")
    return _json(fetched)


def _json(fetched: Fetched) -> JsonValue:
    essence = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise DoorProblem("door.answer_garbled", "the server did not answer with JSON")
    try:
        return parse_json(fetched.body)
    except JsonError as error:
        raise DoorProblem("door.answer_garbled", error.reason) from error


def _resources(bundle: JsonValue, resource: str) -> list[JsonValue]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise DoorProblem("door.answer_garbled", "the server did not answer with a Bundle")
    found = [entry.get("resource") for entry in _list(bundle.get("entry"))]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == resource]


def _next_link(bundle: JsonValue) -> str:
    links = _list(bundle.get("link")) if isinstance(bundle, dict) else []
    return next((str(link.get("url")) for link in links if link.get("relation") == "next"), "")


def _bundle(patients: list[JsonValue], others: list[JsonValue] | None) -> JsonValue:
    """Return a person's Bundle: what was searched matches, the patient is included with it."""
    mode = "include" if others is not None else "match"
    entries: list[JsonValue] = [{"resource": one, "search": {"mode": mode}} for one in patients]
    entries += [{"resource": one, "search": {"mode": "match"}} for one in others or []]
    total = len(patients if others is None else others)
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "entry": entries}


def _life(value: JsonValue) -> float:
    """Return a token's seconds; SATUSEHAT writes the number as text."""
    try:
        return min(max(float(str(value)), 1.0), 86_400.0)
    except ValueError:
        return 300.0
