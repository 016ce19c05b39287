"""Quotas at a gateway: counted here, shared with the agency's other gateways by leases of the control plane.

Each side of an exchange counts for itself. A lease gives this gateway its share of a grant's quota: so many calls a
second, and so many calls of the day, a chunk at a time. The control plane never gives out more than the contract
allows, so together the gateways never let more pass.

``POST {control_url}/exchange/leases``, signed like every request. What the gateway says is cumulative, so that a lost
answer does no harm: ``used`` calls of the day, how many more it ``want``s, and each person's calls.

With the control plane away a gateway goes on by its last lease: the same calls a second, and of each day what it was
granted or its equal part of the quota, whichever is more. So on the day it went away all together let pass less than
twice the quota of a day, on every later day no more than the quota. A gateway that never had a lease takes a tenth.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeAlias

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_gateway.identities import Identity
from terpadu_wire.digest import content_digest
from terpadu_wire.properties import Quota
from terpadu_wire.quota import Bucket, Spent, day_of, seconds_to_midnight
from terpadu_wire.signing import REQUEST_HEADERS
from terpadu_wire.snapshot import Right
from terpadu_wire.transactions import new_transaction_id

log = structlog.get_logger()
FIRST_PART = 10
"""A gateway that never had a lease, and cannot get one, acts as one of so many."""
CHUNKS = 20
"""A day's quota is given out in at least so many chunks."""
IDLE_SECONDS = 10.0
"""A lease that was not used for so long is given up."""
PATIENCE = 0.5
"""Seconds that a call waits for a lease."""
AWAY_SECONDS = 2.0
"""Seconds after a failure in which no call waits for the control plane again."""
_TIMEOUT = timedelta(seconds=5)

Side: TypeAlias = Literal["out", "in"]
Key: TypeAlias = tuple[str, Side]


class Granted(BaseModel):
    """What the control plane says of one lease. elsewhere: calls of persons at the other gateways today."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    grant_hash: str
    side: Side
    day: str
    granted: int
    used: int
    rate: float
    shared_by: int
    elsewhere: dict[str, int] = {}


_ANSWER = TypeAdapter(list[Granted])


@dataclass(slots=True)
class Lease:
    """This gateway's share of one grant's quota on one side, and what was used of it today."""

    rule: Quota
    day: str
    used: int = 0
    granted: int = 0
    rate: float = 0.0
    shared_by: int = FIRST_PART
    bucket: Bucket = field(default_factory=lambda: Bucket(0.0, 0.0))
    persons: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    unreported: set[str] = field(default_factory=set)
    used_at: float = 0.0
    is_given: bool = False
    is_known: bool = False
    is_exhausted: bool = False
    lately: int = 0
    waiting: int = 0
    asked_for: int = 0

    def begin_day(self, day: str) -> None:
        """Forget what was used on an earlier day."""
        self.day, self.used, self.granted, self.is_exhausted = day, 0, 0, False
        self.persons.clear()
        self.elsewhere.clear()
        self.unreported.clear()

    @property
    def chunk(self) -> int:
        """How many calls of the day to ask for: what the last while needed, at most a small part of the quota."""
        return max(1, self.waiting, min((self.rule.per_day or 0) // CHUNKS, max(16, 4 * self.lately)))

    def needs_an_answer(self, subject: str) -> bool:
        """Say whether the control plane must be asked before the next call can be decided."""
        if not self.is_given:
            return True
        if self.rule.per_day is not None and self.used >= self.granted and not self.is_exhausted:
            return True
        if self.rule.per_subject_day is None or not subject or self.shared_by == 1:
            return False
        return subject not in self.persons and subject not in self.elsewhere

    def runs_low(self) -> bool:
        """Say whether the chunk is nearly used."""
        return self.rule.per_day is not None and self.granted - self.used < self.chunk / 2

    def take(self, subject: str, *, now: float, is_away: bool) -> Spent | None:
        """Take one call; return what stands against it.

        Args:
            subject: pseudonym of the person it is about, or "".
            now: Unix seconds.
            is_away: whether the control plane cannot be asked.
        """
        self.used_at = now
        spent = self._day_spent(now, is_away=is_away) or self._person_spent(subject, now)
        spent = spent or self._second_spent(now, is_away=is_away)
        if spent is not None:
            return spent
        self.used += 1
        self.lately += 1
        if subject and self.rule.per_subject_day is not None:
            self.persons[subject] = self.persons.get(subject, 0) + 1
            self.unreported.add(subject)
        return None

    def _day_spent(self, now: float, *, is_away: bool) -> Spent | None:
        limit = self.rule.per_day
        if limit is None:
            return None
        own = max(self.granted, limit // max(1, self.shared_by)) if is_away else self.granted
        if self.used < own:
            return None
        return Spent("quota.day", limit, seconds_to_midnight(now, self.rule.timezone))

    def _person_spent(self, subject: str, now: float) -> Spent | None:
        limit = self.rule.per_subject_day
        if limit is None or not subject:
            return None
        if self.persons.get(subject, 0) + self.elsewhere.get(subject, 0) < limit:
            return None
        return Spent("quota.subject_day", limit, seconds_to_midnight(now, self.rule.timezone))

    def _second_spent(self, now: float, *, is_away: bool) -> Spent | None:
        limit = self.rule.rps
        if limit is None:
            return None
        rate = limit / self.shared_by if is_away and not self.is_given else self.rate
        burst = max(1.0, (self.rule.burst or limit) * rate / limit) if rate > 0 else 0.0
        wait = self.bucket.take(rate=rate, burst=burst, now=now)
        return Spent("quota.second", limit, max(1, math.ceil(wait))) if wait else None

    def accept(self, answer: Granted, *, now: float) -> None:
        """Take over what the control plane gave."""
        if answer.day != self.day:
            return
        asked_for = self.asked_for if self.is_known else 0  # it could not say yet what it had used
        if not self.is_known:
            # What an earlier life of this gateway used of the day counts.
            self.used = max(self.used, answer.used)
        if not self.is_given and self.rule.rps is not None:
            self.bucket = Bucket((self.rule.burst or self.rule.rps) * answer.rate / self.rule.rps, now)
        self.is_given = self.is_known = True
        self.granted, self.rate = answer.granted, answer.rate
        self.shared_by = max(1, answer.shared_by)
        self.is_exhausted = answer.granted < max(asked_for, answer.used + 1)
        self.elsewhere.update(answer.elsewhere)
        self.unreported -= answer.elsewhere.keys()


class Quotas:
    """The leases of one gateway process.

    Args:
        name: the gateway's name.
        url: address of the control plane's leases.
        copy: file that keeps the shares over a restart.
        client: HTTP client towards the control plane.
        identity: agency whose key signs the requests.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        copy: Path,
        client: Client,
        identity: Identity,
        clock: Callable[[], float],
    ) -> None:
        self._name = name
        self._url = url
        self._copy = copy
        self._client = client
        self._identity = identity
        self._clock = clock
        self._leases: dict[Key, Lease] = {}
        self._waiting: dict[Key, set[str]] = {}
        self._asked: dict[Key, set[str]] = {}
        self._running: asyncio.Task[None] | None = None
        self._failed_at = -math.inf
        self._shares = self._read_shares()

    @property
    def is_away(self) -> bool:
        """Whether the control plane did not answer the last time."""
        return self._failed_at > -math.inf

    async def take(self, right: Right, *, side: Side, subject: str) -> Spent | None:
        """Take one call of a grant's quota; return what is used up, or None when the call may be made.

        Args:
            right: the grant.
            side: which side of the exchange this gateway is.
            subject: pseudonym of the person the call is about, or "".
        """
        rule = right.properties.quota
        if rule is None:
            return None
        now = self._clock()
        key = (right.grant_hash, side)
        lease = self._lease(key, rule, now)
        if lease.needs_an_answer(subject) and now >= self._failed_at + AWAY_SECONDS:
            await self._ask_now(key, lease, subject)
        elif lease.runs_low() and not lease.is_exhausted:
            self._start(key, "")
        return lease.take(subject, now=self._clock(), is_away=self.is_away)

    async def keep(self, *, every: float) -> None:
        """Renew for ever the leases that are in use."""
        while True:
            await asyncio.sleep(every)
            now = self._clock()
            for key, lease in list(self._leases.items()):
                if now - lease.used_at < IDLE_SECONDS:
                    self._waiting.setdefault(key, set())
                elif now - lease.used_at > 2 * 86_400:
                    del self._leases[key]
                elif lease.is_given:
                    lease.rate, lease.is_given = 0.0, False
            if self._waiting:
                await asyncio.shield(self._start(*next((key, "") for key in self._waiting)))

    def _lease(self, key: Key, rule: Quota, now: float) -> Lease:
        day = day_of(now, rule.timezone)
        lease = self._leases.get(key)
        if lease is None:
            share = self._shares.get(f"{key[1]}:{key[0]}", {})
            lease = Lease(rule, day, shared_by=max(1, int(share.get("shared_by", FIRST_PART))))
            if share.get("day") == day:
                lease.used = int(share.get("used", 0))
            lease.bucket = Bucket(float(rule.burst or rule.rps or 0) / lease.shared_by, now)
            self._leases[key] = lease
        elif lease.day != day:
            lease.begin_day(day)
        return lease

    async def _ask_now(self, key: Key, lease: Lease, subject: str) -> None:
        lease.waiting += 1
        began = self._failed_at
        try:
            async with asyncio.timeout(PATIENCE):
                # What ends well may have been about other leases alone.
                while lease.needs_an_answer(subject) and self._failed_at <= began:
                    # Shielded: one impatient call must not cancel what others wait for as well.
                    await asyncio.shield(self._start(key, subject))
        except TimeoutError:
            self._note_failure("slow")
        finally:
            lease.waiting -= 1

    def _start(self, key: Key, subject: str) -> asyncio.Task[None]:
        running = self._running
        is_running = running is not None and not running.done()
        asked = self._asked.get(key) if is_running else None
        if asked is None or (subject and subject not in asked):
            self._waiting.setdefault(key, set()).update({subject} - {""})
        if running is None or not is_running:
            running = self._running = asyncio.create_task(self._run(), name="leases")
        return running

    async def _run(self) -> None:
        self._asked, self._waiting = self._waiting, {}
        try:
            answers = await self._send(self._asked)
        except (PyreqwestError, AnswerTooLargeError, ValidationError, _RefusedError) as error:
            self._note_failure(type(error).__name__)
            return
        if self.is_away:
            log.info("quota.leases_again")
        self._failed_at = -math.inf
        now = self._clock()
        for answer in answers:
            lease = self._leases.get((answer.grant_hash, answer.side))
            if lease is not None:
                lease.accept(answer, now=now)
        await asyncio.to_thread(self._keep_shares, self._share_texts())

    async def _send(self, asked: dict[Key, set[str]]) -> list[Granted]:
        wishes = [_wish(key, self._leases[key], new) for key, new in asked.items() if key in self._leases]
        body, now = orjson.dumps({"gateway": self._name, "leases": wishes}), self._clock()
        headers = dict.fromkeys(REQUEST_HEADERS, "") | {
            "content-type": "application/json",
            "content-digest": content_digest(body),
            "fsc-transaction-id": new_transaction_id(now=now),
        }
        signer = self._identity.signer
        signature = signer.sign_request(method="POST", target_uri=self._url, headers=headers, now=now)
        request = self._client.post(self._url).headers(headers | signature.headers()).body_bytes(body)
        status, _, answer = await fetch(request.timeout(_TIMEOUT))
        if status != 200:
            raise _RefusedError(f"status {status}")
        return _ANSWER.validate_json(answer)

    def _note_failure(self, reason: str) -> None:
        if not self.is_away:
            log.warning("quota.no_leases", reason=reason)
        self._failed_at = self._clock()

    def _read_shares(self) -> dict[str, dict[str, str | int]]:
        try:
            value = orjson.loads(self._copy.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return {name: share for name, share in value.items() if isinstance(share, dict)}

    def _share_texts(self) -> bytes:
        """Return all shares, those of leases that were let go too: a grant that wakes up after days keeps its share."""
        self._shares |= {
            f"{side}:{grant}": {"shared_by": lease.shared_by, "day": lease.day, "used": lease.used}
            for (grant, side), lease in self._leases.items()
        }
        return orjson.dumps(self._shares)

    def _keep_shares(self, text: bytes) -> None:
        fresh = self._copy.with_suffix(".new")
        try:
            fresh.write_bytes(text)
            fresh.replace(self._copy)
        except OSError as error:
            log.warning("quota.shares_unwritable", errno=error.errno)


class _RefusedError(Exception):
    """Say that the control plane gave no lease."""


def _wish(key: Key, lease: Lease, new: set[str]) -> dict[str, object]:
    told = {person: lease.persons.get(person, 0) for person in lease.unreported | new}
    wanted = lease.chunk if lease.rule.per_day is not None else 0
    lease.lately //= 2
    lease.asked_for = lease.used + wanted
    return {
        "grant_hash": key[0],
        "side": key[1],
        "day": lease.day,
        # A gateway that was just started cannot say what it used before; the control plane can.
        "used": lease.used if lease.is_known else None,
        "want": wanted,
        "persons": told,
    }
