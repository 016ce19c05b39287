"""Calls with an Idempotency-Key are carried out at most once, events at least once, also across restarts and processes.

Before a system is called a file is made under a hash of the key; whoever makes it first may call. The outcome goes into it
before the answer leaves, sealed with a key that follows from the Idempotency-Key itself, of which no copy is kept: only
who sends it again can have the answer again. A file without an outcome is a call whose end nobody knows.
"""

import asyncio
import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from terpadu_gateway.messages import Refusal

log = structlog.get_logger()
HEADER = "idempotency-key"
KEEP_SECONDS = 24 * 3600
"""How long an outcome is kept."""
NOT_CARRIED_OUT = frozenset(
    {
        "gateway.deadline",
        "gateway.length_required",
        "signature.digest",
        "system.busy",
        "system.circuit_open",
        "system.not_found",
        "system.not_set_up",
        "system.refused",
        "system.sign_in_failed",
        "system.target_refused",
        "upload.broken",
        "upload.invalid",
    }
)
"""Refusals after which the system did nothing, so that the same Idempotency-Key may be tried again."""
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_NONCE = 12
_FACTS = ("status", "fields", "subject", "broken")


def idempotency_key(headers: dict[str, str]) -> str:
    """Return the Idempotency-Key of a request, "" when it has none.

    Raises:
        Refusal: ``gateway.header_refused``; it is malformed.
    """
    key = headers.get(HEADER, "")
    if key and _KEY.fullmatch(key) is None:
        raise Refusal("gateway.header_refused", "Idempotency-Key is 1 to 100 letters, digits or . _ : -")
    return key


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """How a call came out: status and body; the fields that passed and the person's pseudonym, for the record.

    broken: where the system's answer broke its OpenAPI document, "" for nowhere; the rules look at it each time.
    """

    status: int
    body: bytes
    fields: tuple[str, ...]
    subject: str
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call under its key: the file of its outcome, what it asks (a hash), and what seals the outcome."""

    path: Path
    fingerprint: str
    seal: AESGCM


class Outcomes:
    """The outcomes of one gateway.

    Args:
        folder: where they are kept; made at first use.
        secret: secret of the gateway that goes into every seal.
        clock: gives Unix seconds.
    """

    def __init__(self, folder: Path, *, secret: bytes, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._secret = secret
        self._clock = clock

    def attempt(self, key: str, *, caller: str, asked: tuple[str, ...]) -> Attempt:
        """Return an attempt.

        Args:
            key: the Idempotency-Key.
            caller: whose key it is; callers cannot meet under one key.
            asked: all that must be the same when it is sent again.
        """
        name = hmac.digest(self._secret, f"name\n{caller}\n{key}".encode(), hashlib.sha256).hex()
        seal = AESGCM(hmac.digest(self._secret, f"seal\n{caller}\n{key}".encode(), hashlib.sha256))
        fingerprint = hashlib.sha256("\n".join(asked).encode()).hexdigest()
        return Attempt(self._folder / name, fingerprint, seal)

    async def begin(self, attempt: Attempt, *, at_least_once: bool = False) -> KeptOutcome | None:
        """Return the outcome of the call when it was carried out before; None lets it be carried out now.

        Args:
            attempt: the call.
            at_least_once: carry out again what was begun and never ended.

        Raises:
            Refusal: ``idempotency.mismatch``, the key was used for another request; ``idempotency.unknown``, the call
                was begun and nobody knows how it ended; ``gateway.records_unwritable``.
        """
        try:
            return await asyncio.to_thread(self._begin, attempt)
        except Refusal as refusal:
            if at_least_once and refusal.code == "idempotency.unknown":
                return None
            raise
        except OSError as error:
            raise Refusal("gateway.records_unwritable", retry_after=5) from error

    async def finish(self, attempt: Attempt, outcome: KeptOutcome) -> None:
        """Keep the outcome of a call.

        Raises:
            Refusal: ``gateway.records_unwritable``.
        """
        try:
            await asyncio.to_thread(self._finish, attempt, outcome)
        except OSError as error:
            raise Refusal("gateway.records_unwritable", retry_after=5) from error

    async def forget(self, attempt: Attempt) -> None:
        """Let a call that never reached the system be tried again."""
        await asyncio.to_thread(attempt.path.unlink, missing_ok=True)

    async def keep_clean(self, *, every: float = 600.0) -> None:
        """Remove what is older than KEEP_SECONDS, for ever."""
        while True:
            await asyncio.to_thread(self._clean)
            await asyncio.sleep(every)

    def _begin(self, attempt: Attempt) -> KeptOutcome | None:
        self._folder.mkdir(parents=True, exist_ok=True)
        head = {"fingerprint": attempt.fingerprint, "at": int(self._clock())}
        try:
            file = os.open(attempt.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(attempt)
        _write(file, orjson.dumps(head) + b"\n")
        _sync_folder(self._folder)
        return None

    def _finish(self, attempt: Attempt, outcome: KeptOutcome) -> None:
        facts = {name: getattr(outcome, name) for name in _FACTS}
        nonce = os.urandom(_NONCE)
        text = orjson.dumps(facts) + b"\n" + outcome.body
        sealed = attempt.seal.encrypt(nonce, text, attempt.fingerprint.encode())
        _write(os.open(attempt.path, os.O_WRONLY | os.O_APPEND), nonce + sealed)

    def _clean(self) -> None:
        oldest = self._clock() - KEEP_SECONDS
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue


def _read(attempt: Attempt) -> KeptOutcome:
    head, _, sealed = attempt.path.read_bytes().partition(b"\n")
    try:
        fingerprint = orjson.loads(head)["fingerprint"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        fingerprint = ""  # cut off by a crash
    if fingerprint and fingerprint != attempt.fingerprint:
        raise Refusal("idempotency.mismatch")
    try:
        text = attempt.seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], attempt.fingerprint.encode())
    except (InvalidTag, ValueError) as error:
        raise Refusal("idempotency.unknown", retry_after=2) from error
    facts, _, body = text.partition(b"\n")
    value = orjson.loads(facts)
    broken = value.get("broken", "")
    return KeptOutcome(value["status"], body, tuple(value["fields"]), value["subject"], broken)


def _write(file: int, raw: bytes) -> None:
    try:
        view = memoryview(raw)
        while view:
            view = view[os.write(file, view) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
