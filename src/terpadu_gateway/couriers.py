"""Events in and out: an agency's own system publishes here, and what its subscribers are to have is pushed from here.

``POST {outway}/events`` takes a CloudEvent of one of the agency's topics, with the application's key. The person it is about
stands in ``subject`` by identifier; only the pseudonym leaves the gateway. ``POST {control_url}/exchange/deliveries`` gives
batches to push: each event is a call like any other, under the contract, in order for each key.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.answers import Answer, problem_answer
from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_gateway.idempotency import HEADER
from terpadu_gateway.identities import Identity, Secrets
from terpadu_gateway.journal import JournalError
from terpadu_gateway.messages import Exchange, Incoming, Refusal, Scope, read_body, read_head
from terpadu_gateway.outway import Outway
from terpadu_gateway.subjects import subject_pseudonym
from terpadu_wire.cloudevents import MEDIA_TYPE, read_event
from terpadu_wire.digest import content_digest
from terpadu_wire.errors import EventError
from terpadu_wire.problems import KINDS
from terpadu_wire.signing import REQUEST_HEADERS
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()
PATH = "/events"
BEHIND = "event.behind"
"""What is said of an event that was not tried: one of its key before it did not arrive, or time was up."""
_AT_ONCE = 8
"""Events that one subscriber gets side by side."""
_MOST_UNDER_WAY = 48
"""Batches after which no more are asked for."""
_MOST_TOLD = 16
"""Batches that the control plane hears of in one message."""
_LONGEST_BATCH = 40.0
"""Seconds after which no more of a batch is begun: the control plane gives it to another gateway after 60."""
_PATIENCE_MS = "10000"
"""How long one push may take."""
_TIMEOUT = timedelta(seconds=10)
Handler = Callable[[Scope, Exchange], Coroutine[Any, Any, None]]


class Batch(BaseModel):
    """Events for one subscriber, in order; ``events`` are (place, key, CloudEvent)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    lease: str
    consumer: str
    provider: str
    service: str
    method: str
    path: str
    grant_hash: str
    purpose: str
    events: tuple[tuple[int, str, str], ...]


class _Batches(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    batches: tuple[Batch, ...]


class ControlPlane:
    """The control plane as far as events go; every request to it is signed.

    Args:
        url: its address.
        client: HTTP client towards it.
        clock: gives Unix seconds.
    """

    def __init__(self, url: str, *, client: Client, clock: Callable[[], float]) -> None:
        self._url = url.rstrip("/")
        self._client = client
        self._clock = clock

    async def post(
        self, path: str, body: bytes, *, identity: Identity, content_type: str
    ) -> tuple[int, bytes]:
        """Return (status, body) of its answer. Raises PyreqwestError or AnswerTooLargeError."""
        url, now = self._url + path, self._clock()
        headers = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-type": content_type,
            "content-digest": content_digest(body),
            "fsc-transaction-id": new_transaction_id(now=now),
        }
        signature = identity.signer.sign_request(method="POST", target_uri=url, headers=headers, now=now)
        request = self._client.post(url).headers(headers | signature.headers()).body_bytes(body)
        status, _, answer = await fetch(request.timeout(_TIMEOUT))
        return status, answer


class Publisher:
    """Takes events of the agencies' own systems.

    Args:
        plane: where they go.
        outway: knows the applications.
        secrets: the key of pseudonyms.
        wake: is called when an event was taken.
    """

    def __init__(
        self, plane: ControlPlane, *, outway: Outway, secrets: Secrets, wake: Callable[[], None]
    ) -> None:
        self._plane = plane
        self._outway = outway
        self._secrets = secrets
        self._wake = wake

    def beside(self, handler: Handler) -> Handler:
        """Return a handler that answers ``POST /events`` itself and everything else by another."""

        async def own(scope: Scope, exchange: Exchange) -> None:
            try:
                answer = await self._answer(scope, exchange)
            except Refusal as refusal:
                log.warning("event.refused", code=refusal.code)
                answer = problem_answer(refusal.problem(side="consumer-gateway"))
            answer.send(exchange)

        def handle(scope: Scope, exchange: Exchange) -> Coroutine[Any, Any, None]:
            is_own = scope.path == PATH and scope.method == "POST"
            return own(scope, exchange) if is_own else handler(scope, exchange)

        return handle

    async def _answer(self, scope: Scope, exchange: Exchange) -> Answer:
        headers = read_head(scope)
        identity = self._outway.authenticate(headers)
        try:
            body = self._pseudonymous(await read_body(headers, exchange), identity)
        except Refusal as refusal:
            if refusal.code == "event.invalid" and not headers.get("content-type", "").startswith(MEDIA_TYPE):
                refusal.detail = f"send it whole as {MEDIA_TYPE} (structured mode): {refusal.detail}"
            raise
        try:
            status, given = await self._plane.post(
                "/exchange/events", body, identity=identity, content_type=MEDIA_TYPE
            )
        except (PyreqwestError, AnswerTooLargeError) as error:
            raise Refusal("event.unavailable", retry_after=2) from error
        if status != 202:
            raise _their_refusal(given)
        self._wake()
        return Answer(202, {"content-type": "application/json"}, given)

    def _pseudonymous(self, raw: bytes, identity: Identity) -> bytes:
        """Return an event of the agency with the pseudonym of its person instead of the identifier."""
        try:
            event = read_event(raw)
        except EventError as error:
            raise Refusal(error.code, error.reason) from error
        if event.peer_id != identity.peer_id:
            raise Refusal("event.other_source")
        members = dict(event.members)
        if event.subject:
            members["subject"] = subject_pseudonym(self._secrets.subject_key, event.subject)
        return orjson.dumps(members)


class Courier:
    """Pushes events to subscribers, as the control plane gives them.

    Args:
        name: the gateway's name.
        plane: the control plane.
        identity: agency whose key signs what is asked of it.
        secrets: keys of all agencies that the gateway acts for.
        outway: makes the calls.
    """

    def __init__(
        self, name: str, plane: ControlPlane, *, identity: Identity, secrets: Secrets, outway: Outway
    ) -> None:
        self._name = name
        self._plane = plane
        self._identity = identity
        self._secrets = secrets
        self._outway = outway
        self._done: list[dict[str, object]] = []
        self._under_way: set[asyncio.Task[dict[str, object]]] = set()
        self._woken = asyncio.Event()
        self._failing = False

    def wake(self) -> None:
        """Ask for deliveries now."""
        self._woken.set()

    async def keep(self, *, every: float) -> None:
        """Deliver for ever; ask again when a batch is done, when woken, and every so many seconds."""
        try:
            while True:
                self._woken.clear()
                await self.round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        await self._woken.wait()
        finally:
            for task in self._under_way:
                task.cancel()

    async def round(self) -> None:
        """Tell what was delivered, ask for more and begin to deliver it: nobody waits for a subscriber that is slow."""
        for task in [one for one in self._under_way if one.done()]:
            self._under_way.discard(task)
            self._done.append(task.result())
        try:
            batches = await self._ask()
        except (PyreqwestError, AnswerTooLargeError, ValidationError, ConnectionError) as error:
            if not self._failing:
                log.warning("events.not_asked", reason=type(error).__name__)
            self._failing = True
            return
        self._failing = False
        for batch in batches:
            task = asyncio.create_task(self._carry(batch))
            task.add_done_callback(lambda _: self.wake())
            self._under_way.add(task)

    async def _ask(self) -> tuple[Batch, ...]:
        want = len(self._under_way) <= _MOST_UNDER_WAY
        body = orjson.dumps({"gateway": self._name, "done": self._done[:_MOST_TOLD], "want": want})
        status, given = await self._plane.post(
            "/exchange/deliveries", body, identity=self._identity, content_type="application/json"
        )
        if status != 200:
            raise ConnectionError(f"status {status}")
        del self._done[:_MOST_TOLD]
        if self._done:
            self.wake()
        return _Batches.model_validate_json(given).batches

    async def _carry(self, batch: Batch) -> dict[str, object]:
        """Return how each event of a batch ended; keys go side by side, the events of one key one after the other."""
        keys: dict[str, list[tuple[int, str]]] = {}
        for place, key, text in batch.events:
            keys.setdefault(key, []).append((place, text))
        room, until = asyncio.Semaphore(_AT_ONCE), time.monotonic() + _LONGEST_BATCH
        ended = await asyncio.gather(
            *(self._carry_key(batch, events, room=room, until=until) for events in keys.values())
        )
        return {"lease": batch.lease, "outcomes": [one for outcomes in ended for one in outcomes]}

    async def _carry_key(
        self, batch: Batch, events: list[tuple[int, str]], *, room: asyncio.Semaphore, until: float
    ) -> list[dict[str, object]]:
        outcomes: list[dict[str, object]] = []
        code, retry_after = "", 0
        for place, text in events:
            async with room:
                if code or time.monotonic() > until:
                    outcomes.append({"sequence": place, "code": BEHIND})
                    continue
                code, retry_after = await self._push(batch, text.encode())
            outcomes.append({"sequence": place, "code": code, "retry_after": retry_after})
        return outcomes

    async def _push(self, batch: Batch, body: bytes) -> tuple[str, int]:
        """Return ("", 0) when the subscriber took an event, else the code of what was against it, and how long to wait."""
        identity = self._secrets.identities.get(batch.consumer)
        if identity is None:
            return "gateway.no_key", 0
        try:
            headers = {
                "content-type": MEDIA_TYPE,
                "fsc-grant-hash": batch.grant_hash,
                "terpadu-purpose": batch.purpose,
                "terpadu-on-behalf-of": "agency:event",
                "terpadu-deadline-ms": _PATIENCE_MS,
                HEADER: read_event(body).id,
            }
            path = f"/{batch.provider}/{batch.service}{batch.path}"
            await self._outway.answer(identity, Incoming(batch.method, path, "", headers, body))
        except EventError as error:
            return error.code, 0
        except Refusal as refusal:
            return refusal.code, refusal.retry_after
        except JournalError:
            return "gateway.records_unwritable", 5
        return "", 0


def _their_refusal(answer: bytes) -> Refusal:
    """Return the control plane's problem as one of ours."""
    try:
        value = orjson.loads(answer)
    except orjson.JSONDecodeError:
        value = None
    told = value if isinstance(value, dict) else {}
    code, detail = told.get("code"), told.get("detail")
    if not isinstance(code, str) or code not in KINDS:
        return Refusal("event.unavailable", retry_after=2)
    return Refusal(code, detail[:300] if isinstance(detail, str) else "")
