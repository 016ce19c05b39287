"""The FHIR door: a FHIR R4 server asked by a person's national number, which stays in bodies.

FHIR is REST already; what it lacks for the toll road is done here: the client-credentials token, the identifier system
(SATUSEHAT's by default), and a search for what belongs to a person in one call. The answer is a FHIR Bundle: the
patient first, then what was searched.
"""

import math
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlencode, urljoin, urlsplit

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
_ABOUT_ONE = 422
"""Status of what is wrong with one person's data: the server works, and no gateway shall close its interface for it."""
_RENEW_AT = 0.8
"""Share of a token's life after which a new one is asked for."""
_FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""Logical id of a resource (FHIR R4, "id")."""
_ADDRESS = re.compile(r"[\x21-\x7e]{1,4000}")
_DOTS = re.compile(r"/(\.|%2e){1,2}(/|$)", re.IGNORECASE)


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

    def token(self, *, seconds: float, refused: str = "") -> str:
        """Return a token; a new one when the old one is near its end or was refused.

        Args:
            seconds: patience, also with another call that is asking.
            refused: the token that the server did not take.

        Raises:
            DoorProblem: ``door.sign_in_failed``, ``door.slow``, or the server cannot be reached or failed.
        """
        if not self._lock.acquire(timeout=seconds):
            raise DoorProblem("door.slow", "the token endpoint did not answer in time")
        try:
            if time.monotonic() >= self._renew_at or self._token == refused:
                self._token, life = self._ask(seconds)
                self._renew_at = time.monotonic() + life * _RENEW_AT
            return self._token
        finally:
            self._lock.release()

    def _ask(self, seconds: float) -> tuple[str, float]:
        client, _, secret = read_secret(self._door.client_file).partition(":")
        form = urlencode({"client_id": client, "client_secret": secret, "grant_type": "client_credentials"})
        separator = "&" if "?" in self._door.token_url else "?"
        fetched = self._fetcher.send(
            "POST",
            f"{self._door.token_url}{separator}grant_type=client_credentials",
            headers={"content-type": _FORM, "accept": "application/json"},
            body=form.encode(),
            seconds=seconds,
        )
        if _may_pass(fetched.status):
            raise DoorProblem("door.system_failed", f"the token endpoint answered {fetched.status}")
        value = _json(fetched, of="the token endpoint") if fetched.status == 200 else None
        token = value.get("access_token") if isinstance(value, dict) else None
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise DoorProblem(
                "door.sign_in_failed", f"the token endpoint answered {fetched.status} without a token"
            )
        return token, _life(value.get("expires_in") if isinstance(value, dict) else None)


class FhirProgram:
    """One FHIR door at work.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: FhirDoor, *, allowed: Iterable[Network]) -> None:
        self._door = door
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
        until = time.monotonic() + self._door.seconds
        return _Errand(self._door, self._fetcher, self._tokens, until).answer(resource, str(asked["nik"]))


@dataclass(frozen=True, slots=True)
class _Errand:
    """All that one call asks the server. until: moment of the monotonic clock at which its patience ends."""

    door: FhirDoor
    fetcher: Fetcher
    tokens: TokenKeeper
    until: float

    @property
    def base(self) -> str:
        return self.door.base_url.rstrip("/")

    @property
    def left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise DoorProblem("door.slow", "all requests of a call together took too long")
        return left

    def answer(self, resource: str, nik: str) -> JsonValue:
        system = self.door.nik_system
        patients = self._found("Patient", f"identifier={quote(f'{system}|{nik}', safe='')}")
        if not patients:
            raise DoorProblem("door.not_found")
        if len(patients) > 1:
            several = "the server has several patients under one number"
            raise DoorProblem("door.answer_garbled", several, status=_ABOUT_ONE)
        patient_id = _id_of(patients[0], system=system, nik=nik)
        if resource == "Patient":
            return _bundle(patients, None)
        others = self._found(resource, f"patient={quote(patient_id, safe='')}")
        if not all(_is_about(one, patient_id) for one in others):
            raise DoorProblem("door.answer_garbled", "the server answered with data of other patients")
        return _bundle(patients, others)

    def _found(self, resource: str, query: str) -> list[JsonObject]:
        """Return the resources that a search finds, over all its pages; too many are refused rather than cut."""
        found: list[JsonObject] = []
        value = self._first_page(resource, query)
        for left in reversed(range(self.door.pages)):
            found += _resources(value, resource)
            following = _next_link(value)
            if len(found) > MAX_ENTRIES or (following and not left):
                break
            if not following:
                return found
            value = self._send("GET", self._own(following))
        many = f"more than {MAX_ENTRIES} resources or {self.door.pages} pages"
        raise DoorProblem("door.answer_too_large", many, status=_ABOUT_ONE)

    def _first_page(self, resource: str, query: str) -> JsonValue:
        if self.door.search == "get":
            return self._send("GET", f"{self.base}/{resource}?{query}")
        return self._send("POST", f"{self.base}/{resource}/_search", body=query.encode())

    def _own(self, link: str) -> str:
        """Return the address of a next page; a link to another server is not followed."""
        try:
            address = urljoin(f"{self.base}/", link)
            path = urlsplit(address).path
        except ValueError as error:
            raise DoorProblem("door.answer_garbled", "the next page's address is malformed") from error
        if not _ADDRESS.fullmatch(address) or _DOTS.search(path):
            raise DoorProblem("door.answer_garbled", "the next page's address is malformed")
        if not address.startswith((f"{self.base}/", f"{self.base}?")):
            raise DoorProblem("door.answer_garbled", "the next page is on another server")
        return address

    def _send(self, method: str, url: str, *, body: bytes = b"") -> JsonValue:
        token = self.tokens.token(seconds=self.left)
        fetched = self._with_token(method, url, body, token)
        if fetched.status == 401:
            renewed = self.tokens.token(seconds=self.left, refused=token)
            fetched = self._with_token(method, url, body, renewed)
        return _checked(fetched)

    def _with_token(self, method: str, url: str, body: bytes, token: str) -> Fetched:
        headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/fhir+json",
            # Else a server that does not know a parameter may leave it out and answer with everybody (FHIR R4, "search").
            "prefer": "handling=strict",
        }
        if body:
            headers["content-type"] = _FORM
        return self.fetcher.send(method, url, headers=headers, body=body, seconds=self.left)


def fhir_document(door: FhirDoor) -> JsonObject:
    """Return the OpenAPI document of a FHIR door."""
    asked = closed_object({"nik": {"type": "string", "pattern": "^[0-9]{16}$"}}, required=["nik"])
    offers = [
        Offer(
            _operation_id(resource),
            f"/{resource}/search",
            "Pasien menurut NIK" if resource == "Patient" else f"{resource} pasien menurut NIK",
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
    if _may_pass(fetched.status):
        raise DoorProblem("door.system_failed", f"the server answered {fetched.status}")
    if fetched.status != 200:  # also 404: a search that finds nobody answers 200 with an empty Bundle
        raise DoorProblem("door.system_refused", f"the server answered {fetched.status}")
    return _json(fetched)


def _may_pass(status: int) -> bool:
    """Say whether a failure may be over at the next try: the server's own, or too many requests."""
    return status >= 500 or status == 429


def _json(fetched: Fetched, *, of: str = "the server") -> JsonValue:
    essence = fetched.headers.get("content-type", "").partition(";")[0].strip().lower()
    if essence != "application/json" and not essence.endswith("+json"):
        raise DoorProblem("door.answer_garbled", f"{of} did not answer with JSON")
    try:
        return parse_json(fetched.body)
    except JsonError as error:
        raise DoorProblem("door.answer_garbled", error.reason) from error


def _id_of(patient: JsonObject, *, system: str, nik: str) -> str:
    """Return the id of a patient who carries the number that was asked for."""
    numbers = [one.get("value") for one in _list(patient.get("identifier")) if one.get("system") == system]
    if not any(isinstance(one, str) and _shows(one, nik) for one in numbers):
        raise DoorProblem("door.answer_garbled", "the patient does not carry the number asked for")
    found = patient.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise DoorProblem("door.answer_garbled", "the patient has no id")
    return found


def _shows(written: str, nik: str) -> bool:
    """Say whether a number as a server writes it is the one asked for, by all digits that it does not mask.

    SATUSEHAT's documentation shows numbers of ``#`` alone; which callers see digits is not known.
    """
    return len(written) == len(nik) and all(
        one in ("#", "*", digit) for one, digit in zip(written, nik, strict=True)
    )


def _is_about(resource: JsonObject, patient_id: str) -> bool:
    """Say whether a resource refers to a patient: by a relative, absolute or versioned reference."""
    about = resource.get("patient") or resource.get("subject")
    reference = str(about.get("reference")) if isinstance(about, dict) else ""
    return f"/{reference.partition('/_history/')[0]}".endswith(f"/Patient/{patient_id}")


def _resources(bundle: JsonValue, resource: str) -> list[JsonObject]:
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise DoorProblem("door.answer_garbled", "the server did not answer with a Bundle")
    found = [entry.get("resource") for entry in _list(bundle.get("entry"))]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == resource]


def _next_link(bundle: JsonValue) -> str:
    links = _list(bundle.get("link")) if isinstance(bundle, dict) else []
    return next((str(link.get("url")) for link in links if link.get("relation") == "next"), "")


def _bundle(patients: list[JsonObject], others: list[JsonObject] | None) -> JsonValue:
    """Return a person's Bundle: what was searched matches, the patient is included with it."""
    mode = "include" if others is not None else "match"
    entries: list[JsonValue] = [{"resource": one, "search": {"mode": mode}} for one in patients]
    entries += [{"resource": one, "search": {"mode": "match"}} for one in others or []]
    total = len(patients if others is None else others)
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "entry": entries}


def _life(value: JsonValue) -> float:
    """Return a token's seconds; SATUSEHAT writes the number as text."""
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = math.nan
    return 300.0 if math.isnan(seconds) else min(max(seconds, 1.0), 86_400.0)
