"""X-Road's REST message protocol (r1) for programs of ours that were made for it and call out.

Source: X-Road "PR-REST" (message protocol for REST, version 1): identifiers, headers, errors; "PR-MREST": metaservices.
"""

import base64
import hashlib
import hmac
import re
import time
import uuid
from collections.abc import Mapping
from ipaddress import ip_network
from urllib.parse import parse_qs, quote, unquote

import orjson
import structlog
from pydantic import JsonValue

from terpadu_doors.config import XroadClient, XroadFacade, XroadRoute
from terpadu_doors.desk import Question, Reply
from terpadu_doors.fetching import Fetched, Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.secrets import read_secret

_SEGMENT = re.compile(r"[A-Za-z0-9_~@:$.-]+")
_QUERY = re.compile(r"([A-Za-z0-9._~+:,=&!$'()*;/?@-]|%[0-9A-Fa-f]{2}){0,2000}")
_PARAMETER = re.compile(r"\{[^{}/]+\}")
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_PLAIN = re.compile(r"[\x20-\x7e]{0,1000}")
_PASSED_ON = ("accept", "content-type", "idempotency-key")
_PASSED_BACK = ("content-type", "retry-after")
_JSON = "application/json;charset=utf-8"
_SECONDS = 30.0
_ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""A facade calls its own gateway alone, where its operator says that it stands; clients have no say in that."""
log = structlog.get_logger()
_NOT_HASHED = frozenset(
    [
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-road-request-hash",
        "x-road-request-id",
    ]
)
"""Headers that belong to one connection, to the local key, or to the answer (PR-REST, "Message headers")."""


class XroadFacadeProgram:
    """The consumer side: programs made for X-Road call ``/r1/…`` and reach the toll road.

    Args:
        facade: its configuration.
    """

    def __init__(self, facade: XroadFacade) -> None:
        self._facade = facade
        self._fetcher = Fetcher(_ANYWHERE)
        self._clients = {_canonical(client.id): client for client in facade.clients}

    def answer(self, question: Question) -> Reply:
        """Return the answer to an X-Road client; what went wrong is told in X-Road's own form."""
        message_id = _message_id(question.headers)
        try:
            _check_headers(question.headers)
            if question.path == "/listClients" and question.method == "GET":
                return _json_reply(200, {"member": self._members()}, message_id)
            return self._call(question, message_id)
        except DoorProblem as problem:
            return self.told(problem, question.headers)
        except _ClientError as error:
            return _error(f"Client.{error.kind}", str(error), 400, message_id)

    def told(self, problem: DoorProblem, headers: Mapping[str, str]) -> Reply:
        """Return a problem of ours in X-Road's form. headers: the request's."""
        kind = "Client" if problem.status < 500 else "Server.ClientProxy"
        told = ": ".join(part for part in (problem.kind.title, problem.detail) if part)
        reply = _error(f"{kind}.{_camel(problem.code)}", told, problem.status, _message_id(headers))
        wait = {"retry-after": "1"} if problem.kind.retryable else {}
        return Reply(reply.status, {**reply.headers, **wait}, reply.body)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _call(self, question: Question, message_id: str) -> Reply:
        service_id, path = _split(question.path)
        client = self._client(question.headers)
        if service_id.rpartition("/")[2] in _METASERVICES:
            return self._metaservice(question, service_id, client, message_id)
        route = self._route(service_id, client, f"{question.method} {path}")
        fetched = self._send(question, route, client, path)
        reply = _reply(fetched, client, route, message_id)
        request_id = reply.headers.get("x-road-request-id", "")
        return Reply(reply.status, {**reply.headers, **_request_hash(question, request_id)}, reply.body)

    def _send(self, question: Question, route: XroadRoute, client: XroadClient, path: str) -> Fetched:
        if not _QUERY.fullmatch(question.query):
            raise _ClientError("InvalidQuery", "The query string has characters that are not allowed")
        query = f"?{_respelled(question.query)}" if question.query else ""
        return self._fetcher.send(
            question.method,
            f"{self._facade.outway_url.rstrip('/')}/{route.provider}/{route.service}{path}{query}",
            headers=_headers(question, route, key=read_secret(client.key_file)),
            body=question.body,
            seconds=_SECONDS,
        )

    def _client(self, headers: Mapping[str, str]) -> XroadClient:
        """Return the subsystem that calls: the one that it names, if it knows that subsystem's key."""
        named = headers.get("x-road-client", "")
        if not named:
            raise _ClientError("MissingHeader", "Required header X-Road-Client is missing")
        client = self._clients.get(_canonical(named))
        if client is None:
            raise _ClientError("UnknownClient", "The client in X-Road-Client is not known here")
        shown = hashlib.sha256(headers.get("authorization", "").removeprefix("Bearer ").encode()).digest()
        if shown != hashlib.sha256(read_secret(client.local_key_file).encode()).digest():
            raise _ClientError("SslAuthenticationFailed", "The client has not shown its key")
        return client

    def _route(self, service_id: str, client: XroadClient, asked: str) -> XroadRoute:
        """Return the newest grant under an id that holds now and opens what is asked, such as ``GET /pets/7``.

        Where none does, it is one that does not: the gateway says what is wrong with it.
        """
        known = [one for one in self._routes_of(client) if _canonical(one.id) == service_id]
        if not known:
            raise _ClientError("UnknownService", "No contract of this client leads to the service")
        now = time.time()
        holding = [one for one in known if one.not_before <= now < one.not_after] or known
        return next((one for one in holding if _opens(one, asked)), holding[0])

    def _routes_of(self, client: XroadClient) -> list[XroadRoute]:
        wanted = _canonical(client.id)
        return [one for one in self._facade.routes if _canonical(one.client) == wanted]

    def _metaservice(
        self, question: Question, service_id: str, client: XroadClient, message_id: str
    ) -> Reply:
        prefix, _, name = service_id.rpartition("/")
        routes: dict[str, list[XroadRoute]] = {}
        for route in self._routes_of(client):
            if _canonical(route.id).rpartition("/")[0] == prefix:
                routes.setdefault(_canonical(route.id), []).append(route)
        if name == "getOpenAPI":
            return _openapi(routes, question.query, message_id)
        # Whoever has no contract sees nothing of a service, so what is listed is what is allowed.
        services: list[JsonValue] = [_service_entry(one, found) for one, found in routes.items()]
        return _json_reply(200, {"service": services}, message_id)

    def _members(self) -> list[JsonValue]:
        subsystems = {_canonical(route.id).rpartition("/")[0] for route in self._facade.routes}
        return [_member_entry(one) for one in sorted(subsystems)]


class _ClientError(Exception):
    """Say what the X-Road client did wrong, in X-Road's words."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


_METASERVICES = frozenset({"listMethods", "allowedMethods", "getOpenAPI"})


def _split(path: str) -> tuple[str, str]:
    """Return (service id, path below the service) of an address, whose escapes the server has undone."""
    parts = path.split("/")
    if len(parts) < 7 or parts[:2] != ["", "r1"] or not all(parts[2:7]):
        raise _ClientError("InvalidPath", "Call /r1/{instance}/{class}/{member}/{subsystem}/{service}/…")
    below = parts[7:]
    inner = below[:-1] if below[-1:] == [""] else below  # a path may end in a slash
    if any(not _SEGMENT.fullmatch(part) or part in (".", "..") for part in inner):
        raise _ClientError("InvalidPath", "The path below the service has parts that are not allowed")
    return "/".join(parts[2:7]), "/" + "/".join(below)


def _canonical(identifier: str) -> str:
    return "/".join(unquote(part) for part in identifier.split("/"))


def _message_id(headers: Mapping[str, str]) -> str:
    given = headers.get("x-road-id", "")
    return given if given and _PLAIN.fullmatch(given) else str(uuid.uuid4())


def _check_headers(headers: Mapping[str, str]) -> None:
    for name in (*_PASSED_ON, "x-road-id", "x-road-issue"):
        if not _PLAIN.fullmatch(headers.get(name, "")):
            raise _ClientError("InvalidHeader", f"Header {name} takes up to 1,000 ASCII characters")


def _respelled(query: str) -> str:
    """Return a query in the one spelling that the road takes: escapes in capitals, and for all that may be escaped."""
    return quote(_ESCAPE.sub(lambda escape: escape[0].upper(), query), safe="%+:,=&~")


def _opens(route: XroadRoute, asked: str) -> bool:
    steps = asked.split("/")
    return any(_fits(operation.split("/"), steps) for operation in route.operations)


def _fits(template: list[str], steps: list[str]) -> bool:
    return len(template) == len(steps) and all(
        wanted.startswith("{") or wanted == step for wanted, step in zip(template, steps, strict=True)
    )


def _headers(question: Question, route: XroadRoute, *, key: str) -> dict[str, str]:
    given = question.headers
    headers = {name: given[name] for name in _PASSED_ON if name in given}
    headers |= {
        "authorization": f"Bearer {key}",
        "terpadu-purpose": route.purpose,
        "terpadu-evidence": given.get("x-road-issue", ""),
    }
    if route.grant_hash:
        headers["fsc-grant-hash"] = route.grant_hash
    user = given.get("x-road-userid", "")
    if user:
        # X-Road's user id is a person's own number; the road gets only a mark of it, which nobody without the
        # application's key can try numbers against.
        mark = hmac.digest(key.encode(), user.encode(errors="replace"), "sha256").hex()[:32]
        headers["terpadu-on-behalf-of"] = f"xroaduser:{mark}"
    return headers


def _reply(fetched: Fetched, client: XroadClient, route: XroadRoute, message_id: str) -> Reply:
    headers = {
        **_kept(fetched),
        "x-road-client": client.id,
        "x-road-service": route.id,
        "x-road-id": message_id,
    }
    if "fsc-transaction-id" in fetched.headers:
        headers["x-road-request-id"] = fetched.headers["fsc-transaction-id"]
    code = fetched.headers.get("fsc-error-code", "")
    problem = _problem_members(fetched.body) if code else {}
    if not code or (problem.get("side") == "system" and fetched.status < 500):
        return Reply(
            fetched.status, headers, fetched.body
        )  # the service's own answer is no error of X-Road's
    told = ": ".join(problem[name] for name in ("title", "detail") if name in problem)
    kind = f"{_culprit(problem.get('side', ''), fetched.status)}.{_camel(problem.get('code', code))}"
    error = _error(kind, told or code, fetched.status, message_id)
    return Reply(error.status, {**headers, **error.headers}, error.body)


def _culprit(side: str, status: int) -> str:
    if status < 500:
        return "Client"
    return "Server.ClientProxy" if side == "consumer-gateway" else "Server.ServerProxy"


def _request_hash(question: Question, request_id: str) -> dict[str, str]:
    """Return the header that ties an answer to its request (PR-REST, "X-Road-Request-Hash"): SHA-512 in base64.

    Hashed are method, address and headers, a line each, the request id last; with a body, the digest of that head and
    the digest of the body once more. Header names count in lower case here, in the order in which they came. The
    client's local key and what belongs to the connection alone are left out.
    """
    if not request_id:
        return {}  # the road never took the call, so there is no exchange to tie it to
    target = f"{question.path}?{question.query}" if question.query else question.path
    given = [(name, value) for name, value in question.headers.items() if name not in _NOT_HASHED]
    lines = [f"{name}:{value}" for name, value in (*given, ("x-road-request-id", request_id))]
    digest = _sha512("".join(f"{line}\r\n" for line in (question.method, target, *lines)).encode())
    if question.body:
        digest = _sha512(digest + _sha512(question.body))
    return {"x-road-request-hash": base64.b64encode(digest).decode("ascii")}


def _sha512(raw: bytes) -> bytes:
    return hashlib.sha512(raw).digest()


def _problem_members(body: bytes) -> dict[str, str]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return {name: str(member) for name, member in value.items()} if isinstance(value, dict) else {}


def _error(kind: str, message: str, status: int, message_id: str) -> Reply:
    detail = str(uuid.uuid4())
    log.warning("xroad.refused", kind=kind, detail=detail)
    body = orjson.dumps({"type": kind, "message": message, "detail": detail})
    headers = {"content-type": _JSON, "x-road-error": kind, "x-road-id": message_id}
    return Reply(status, headers, body)


def _json_reply(status: int, value: JsonValue, message_id: str) -> Reply:
    return Reply(status, {"content-type": _JSON, "x-road-id": message_id}, orjson.dumps(value))


def _openapi(routes: Mapping[str, list[XroadRoute]], query: str, message_id: str) -> Reply:
    wanted = parse_qs(query).get("serviceCode", [""])[-1]
    found = next((found for one, found in routes.items() if one.rpartition("/")[2] == wanted), [])
    path = next((route.openapi_file for route in found if route.openapi_file is not None), None)
    if path is None:
        raise _ClientError("UnknownService", "Name one of the listed services in serviceCode")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DoorProblem("door.unavailable", "the description cannot be read") from error
    return Reply(200, {"content-type": "application/json", "x-road-id": message_id}, raw)


def _service_entry(service_id: str, routes: list[XroadRoute]) -> JsonValue:
    instance, member_class, member, subsystem, code = service_id.split("/")
    operations = dict.fromkeys(operation for route in routes for operation in route.operations)
    endpoints: list[JsonValue] = []
    for operation in operations:
        method, _, path = operation.partition(" ")
        endpoints.append({"method": method, "path": _PARAMETER.sub("*", path)})
    return {
        "object_type": "SERVICE",
        "xroad_instance": instance,
        "member_class": member_class,
        "member_code": member,
        "subsystem_code": subsystem,
        "service_code": code,
        "service_type": "OPENAPI",
        "endpoint_list": endpoints,
    }


def _member_entry(identifier: str) -> JsonValue:
    instance, member_class, member, subsystem = identifier.split("/")
    return {
        "id": {
            "object_type": "SUBSYSTEM",
            "xroad_instance": instance,
            "member_class": member_class,
            "member_code": member,
            "subsystem_code": subsystem,
        },
        "name": member,
    }


def _kept(fetched: Fetched) -> dict[str, str]:
    return {name: fetched.headers[name] for name in _PASSED_BACK if name in fetched.headers}


def _camel(code: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[._]", code))
