"""Consents at a gateway: artefacts opened once, and the newest word on whether they still hold, at most a minute old."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Literal, NamedTuple, TypeAlias

import structlog
from pyreqwest.client import Client
from pyreqwest.exceptions import PyreqwestError

from terpadu_gateway.clients import AnswerTooLargeError, fetch
from terpadu_wire.consents import MAX_AGE, ConsentArtefact, open_consent, open_consent_status
from terpadu_wire.errors import ConsentError
from terpadu_wire.keys import PublicKey

log = structlog.get_logger()
HEADER = "terpadu-consent-artefact"
"""Header that carries the artefact; its id stands in the signed header ``terpadu-consent``."""
_KEEP = 10_000
_TIMEOUT = timedelta(seconds=2)

Word: TypeAlias = Literal["given", "withdrawn", "unchecked"]


class Shown(NamedTuple):
    """The artefact of a call as it came ("" when none did), and opened when its own signature holds."""

    text: str
    artefact: ConsentArtefact | None


class ConsentDesk:
    """Opens artefacts and asks the control plane for the word on them.

    Args:
        status_base: address below which every revocation address must be; nothing else is ever asked.
        group_key: key that signs artefacts and words.
        client: HTTP client towards the control plane.
        seconds: how old a word may be, at most MAX_AGE.
        clock: gives Unix seconds.
    """

    def __init__(
        self,
        status_base: str,
        *,
        group_key: PublicKey,
        client: Client,
        seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._base = status_base
        self._group_key = group_key
        self._client = client
        self._seconds = min(seconds, MAX_AGE)
        self._clock = clock
        self._opened: OrderedDict[str, Shown] = OrderedDict()
        self._words: OrderedDict[str, tuple[Word, float]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Word]] = {}

    def shown(self, headers: dict[str, str]) -> Shown:
        """Return the consent artefact of a call."""
        text = headers.get(HEADER, "")
        if not text:
            return Shown("", None)
        known = self._opened.get(text)
        if known is None:
            known = Shown(text, self._open(text))
            self._opened[text] = known
            if len(self._opened) > _KEEP:
                self._opened.popitem(last=False)
        return known

    async def word_on(self, artefact: ConsentArtefact) -> Word:
        """Return whether a consent still holds; "unchecked" when nobody can say."""
        word, until = self._words.get(artefact.id, ("unchecked", 0.0))
        if word == "withdrawn" or self._clock() < until:
            return word
        task = self._asking.get(artefact.id)
        if task is None:
            task = asyncio.create_task(self._ask(artefact))
            self._asking[artefact.id] = task
            task.add_done_callback(lambda _: self._asking.pop(artefact.id, None))
        # Shielded: one impatient call must not cancel what others wait for as well.
        return await asyncio.shield(task)

    def _open(self, text: str) -> ConsentArtefact | None:
        try:
            return open_consent(text, group_key=self._group_key)
        except ConsentError:
            return None

    async def _ask(self, artefact: ConsentArtefact) -> Word:
        if not artefact.revocation_url.startswith(self._base):
            log.warning("consent.foreign_address")
            return "unchecked"
        began = self._clock()
        try:
            status, _, body = await fetch(self._client.get(artefact.revocation_url).timeout(_TIMEOUT))
            if status != 200:
                raise ConsentError("consent.unchecked", f"status {status}")
            found = open_consent_status(
                body.decode("ascii"), group_key=self._group_key, consent_id=artefact.id, now=self._clock()
            )
        except (PyreqwestError, AnswerTooLargeError, ConsentError, UnicodeDecodeError) as error:
            log.warning("consent.unchecked", reason=type(error).__name__)
            return "unchecked"
        self._words[artefact.id] = (found.status, min(began, found.at) + self._seconds)
        if len(self._words) > _KEEP:
            self._words.popitem(last=False)
        return found.status
