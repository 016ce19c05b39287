"""X-Road's REST message protocol (r1) in both directions: clients of ours made for it, and services made for it.

Source: X-Road "PR-REST" (message protocol for REST, version 1): identifiers, headers, errors.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

import orjson
from pydantic import JsonValue

from terpadu_doors.config import XroadClient, XroadFacade, XroadRoute, XroadServiceDoor
from terpadu_doors.desk import Question, Reply
from terpadu_doors.fetching import Fetched, Fetcher
from terpadu_doors.problems import DoorProblem
from terpadu_doors.secrets import read_secret
from terpadu_wire.addresses import Network

_SEGMENT = re.compile(r"[A-Za-z0-9_~@:$.-]+")
_QUERY = re.compile(r"[A-Za-z0-9._~+:,%=&-]{0,2000}")
_PASSED_BACK = ("content-type",)
_SECONDS = 30.0
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


class XroadServiceProgram:
    """The provider side: an X-Road style REST service behind our gateway gets the headers that it expects.

    Args:
        door: its configuration.
        allowed: private networks that the operator lets doors call.
    """

    def __init__(self, door: XroadServiceDoor, *, allowed: Iterable[Network]) -> None:
        self._door = door
        self._fetcher = Fetcher(allowed)

    def answer(self, question: Question) -> Reply:
        """Return the service's answer as it is. Raises DoorProblem."""
        door, given = self._door, question.headers
        headers = {
            "accept": given.get("accept", "application/json"),
            "x-road-client": self._client_of(given.get("fsc-authorization", "")),
            "x-road-service": f"{door.instance}/{door.member_class}/{door.peer_id}/{door.subsystem}/{door.name}",
            "x-road-id": given.get("fsc-transaction-id", ""),
            "x-road-request-id": given.get("fsc-transaction-id", ""),
        }
        if given.get("terpadu-evidence"):
            headers["x-road-issue"] = given["terpadu-evidence"]
        if question.body:
            headers["content-type"] = given.get("content-type", "application/json")
        if door.header_value_file is not None:
            headers[door.header_name.lower()] = read_secret(door.header_value_file)
        query = f"?{question.query}" if question.query else ""
        fetched = self._fetcher.send(
            question.method,
            door.base_url.rstrip("/") + question.path + query,
            headers=headers,
            body=question.body,
            seconds=door.seconds,
        )
        return Reply(fetched.status, _kept(fetched, _PASSED_BACK), fetched.body)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _client_of(self, authorization: str) -> str:
        """Return the X-Road id of the peer that calls.

        The gateway has verified the token before it passed it on, and only the gateway has the door's key.
        """
        door = self._door
        parts = authorization.removeprefix("Bearer ").split(".")
        try:
            claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            consumer = str(claims["sub"])
        except (IndexError, ValueError, KeyError, TypeError) as error:
            raise DoorProblem("door.header_invalid", "the gateway passed no token on") from error
        return (
            f"{door.instance}/{door.member_class}/{quote(consumer, safe='')}/{quote(door.subsystem, safe='')}"
        )


class XroadFacadeProgram:
    """The consumer side: programs made for X-Road call ``/r1/…`` and reach the toll road.

    Args:
        facade: its configuration.
        allowed: private networks that doors may call; the outway stands in one of them.
    """

    def __init__(self, facade: XroadFacade, *, allowed: Iterable[Network]) -> None:
        self._facade = facade
        self._fetcher = Fetcher(allowed)
        self._clients = {_canonical(client.id): client for client in facade.clients}

    def answer(self, question: Question) -> Reply:
        """Return the answer to an X-Road client; what went wrong is told in X-Road's own form."""
        message_id = question.headers.get("x-road-id", "") or str(uuid.uuid4())
        try:
            if question.path == "/listClients" and question.method == "GET":
                return _json_reply(200, {"member": self._members()}, message_id)
            return self._call(question, message_id)
        except DoorProblem as problem:
            return _error(f"Server.ClientProxy.{_camel(problem.code)}", problem.kind.title, 500, message_id)
        except _ClientError as error:
            return _error(f"Client.{error.kind}", str(error), 400, message_id)

    def close(self) -> None:
        """Close connections."""
        self._fetcher.close()

    def _call(self, question: Question, message_id: str) -> Reply:
        service_id, path = _split(question.path)
        client = self._client(question.headers)
        if service_id.rpartition("/")[2] in _METASERVICES:
            return self._metaservice(question, service_id, client, message_id)
        route = self._route(service_id, client)
        fetched = self._send(question, route, client, path)
        reply = _reply(fetched, client, route, message_id)
        request_id = reply.headers["x-road-request-id"]
        return Reply(reply.status, {**reply.headers, **_request_hash(question, request_id)}, reply.body)

    def _send(self, question: Question, route: XroadRoute, client: XroadClient, path: str) -> Fetched:
        if not _QUERY.fullmatch(question.query):
            raise _ClientError("InvalidQuery", "The query string has characters that are not allowed")
        query = f"?{question.query}" if question.query else ""
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

    def _route(self, service_id: str, client: XroadClient) -> XroadRoute:
        for route in self._facade.routes:
            if _canonical(route.id) == service_id and _canonical(route.client) == _canonical(client.id):
                return route
        raise _ClientError("UnknownService", "No contract of this client leads to the service")

    def _metaservice(
        self, question: Question, service_id: str, client: XroadClient, message_id: str
    ) -> Reply:
        prefix, _, name = service_id.rpartition("/")
        routes = [
            route
            for route in self._facade.routes
            if _canonical(route.id).rpartition("/")[0] == prefix
            and _canonical(route.client) == _canonical(client.id)
        ]
        if name == "getOpenAPI":
            return _openapi(routes, question.query, message_id)
        # Whoever has no contract sees nothing of a service, so what is listed is what is allowed.
        return _json_reply(200, {"service": [_service_entry(route) for route in routes]}, message_id)

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
    """Return (service id, path below the service) of an address, each part decoded once and checked."""
    parts = path.split("/")
    if len(parts) < 7 or parts[:2] != ["", "r1"] or not all(parts[2:7]):
        raise _ClientError("InvalidPath", "Call /r1/{instance}/{class}/{member}/{subsystem}/{service}/…")
    below = parts[7:]
    if any(not _SEGMENT.fullmatch(part) or part in (".", "..") for part in below):
        raise _ClientError("InvalidPath", "The path below the service has parts that are not allowed")
    return "/".join(unquote(part) for part in parts[2:7]), "/" + "/".join(below)


def _canonical(identifier: str) -> str:
    return "/".join(unquote(part) for part in identifier.split("/"))


def _headers(question: Question, route: XroadRoute, *, key: str) -> dict[str, str]:
    given = question.headers
    headers = {name: value for name, value in given.items() if name in ("accept", "content-type")}
    headers |= {
        "authorization": f"Bearer {key}",
        "terpadu-purpose": route.purpose,
        "terpadu-evidence": given.get("x-road-issue", ""),
    }
    if route.grant_hash:
        headers["fsc-grant-hash"] = route.grant_hash
    user = given.get("x-road-userid", "")
    if user:
        # X-Road's user id is a person's own number; the road gets only a mark of it.
        headers["terpadu-on-behalf-of"] = f"xroaduser:{hashlib.sha256(user.encode()).hexdigest()[:32]}"
    return headers


def _reply(fetched: Fetched, client: XroadClient, route: XroadRoute, message_id: str) -> Reply:
    headers = {
        **_kept(fetched, _PASSED_BACK),
        "x-road-client": client.id,
        "x-road-service": route.id,
        "x-road-id": message_id,
        "x-road-request-id": fetched.headers.get("fsc-transaction-id", ""),
    }
    code = fetched.headers.get("fsc-error-code", "")
    if not code:
        return Reply(fetched.status, headers, fetched.body)
    kind = "Client" if fetched.status in (400, 401, 403, 404) else "Server.ServerProxy"
    problem = _problem_members(fetched.body)
    error = _error(
        f"{kind}.{_camel(problem.get('code', code))}", problem.get("title", code), fetched.status, message_id
    )
    return Reply(error.status, {**headers, **error.headers}, error.body)


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
    body = orjson.dumps({"type": kind, "message": message, "detail": detail})
    headers = {"content-type": "application/json", "x-road-error": kind, "x-road-id": message_id}
    return Reply(status, headers, body)


def _json_reply(status: int, value: JsonValue, message_id: str) -> Reply:
    return Reply(status, {"content-type": "application/json", "x-road-id": message_id}, orjson.dumps(value))


def _openapi(routes: list[XroadRoute], query: str, message_id: str) -> Reply:
    wanted = query.removeprefix("serviceCode=") if query.startswith("serviceCode=") else ""
    route = next((one for one in routes if _canonical(one.id).rpartition("/")[2] == unquote(wanted)), None)
    if route is None or route.openapi_file is None:
        raise _ClientError("UnknownService", "Name one of the listed services in serviceCode")
    try:
        raw = route.openapi_file.read_bytes()
    except OSError as error:
        raise DoorProblem("door.unavailable", "the description cannot be read") from error
    return Reply(200, {"content-type": "application/json", "x-road-id": message_id}, raw)


def _service_entry(route: XroadRoute) -> JsonValue:
    instance, member_class, member, subsystem, code = _canonical(route.id).split("/")
    endpoints: list[JsonValue] = []
    for operation in route.operations:
        method, _, path = operation.partition(" ")
        endpoints.append({"method": method, "path": path})
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


def _kept(fetched: Fetched, names: Iterable[str]) -> dict[str, str]:
    return {name: fetched.headers[name] for name in names if name in fetched.headers}


def _camel(code: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[._]", code))
