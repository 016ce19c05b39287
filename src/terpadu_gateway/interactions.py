"""Calls whose result comes later: open from the answer 202 until the result, between the same two agencies, for so long.

The id of an interaction is the transaction id of the call that was answered 202. Each gateway keeps the open ones of its
agencies as small files in its data folder: it is asked for them by a later call in either direction.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from terpadu_gateway.messages import Refusal

_KEEP_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Interaction:
    """An interaction: the two agencies, its last moment (Unix seconds), and by which call it ended, "" while it is open."""

    one: str
    other: str
    until: float
    ended_by: str = ""


class Interactions:
    """The interactions of one gateway.

    Args:
        folder: where they are kept; made at first use.
        clock: gives Unix seconds.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    async def open(self, interaction_id: str, *, parties: tuple[str, str], within: int) -> None:
        """Open an interaction; opening it again changes nothing.

        Raises:
            Refusal: ``gateway.records_unwritable``.
        """
        one, other = sorted(parties)
        fresh = Interaction(one, other, self._clock() + within)
        if await asyncio.to_thread(self._read, interaction_id) is None:
            await self._keep(interaction_id, fresh)

    async def check(self, interaction_id: str, *, parties: tuple[str, str], call: str) -> None:
        """Let a call pass that belongs to an open interaction.

        Args:
            interaction_id: what the call names; "" lets it pass.
            parties: caller and called, in any order.
            call: what names the call when it is sent again: the Idempotency-Key, else its transaction id.

        Raises:
            Refusal: ``interaction.unknown``, ``.expired`` or ``.ended``.
        """
        if not interaction_id:
            return
        found = await asyncio.to_thread(self._read, interaction_id)
        if found is None or [found.one, found.other] != sorted(parties):
            raise Refusal("interaction.unknown")
        if found.ended_by and found.ended_by != _mark(call):
            raise Refusal("interaction.ended")
        if self._clock() >= found.until:
            raise Refusal("interaction.expired")

    async def end(self, interaction_id: str, *, call: str) -> None:
        """Take note that a call brought the result. Raises Refusal as :meth:`open`."""
        found = await asyncio.to_thread(self._read, interaction_id)
        if found is not None and not found.ended_by:
            await self._keep(interaction_id, replace(found, ended_by=_mark(call)))

    async def keep_clean(self, *, every: float = 3600.0) -> None:
        """Remove what is over for a day, for ever."""
        while True:
            await asyncio.to_thread(self._clean)
            await asyncio.sleep(every)

    async def _keep(self, interaction_id: str, interaction: Interaction) -> None:
        try:
            await asyncio.to_thread(self._write, interaction_id, interaction)
        except OSError as error:
            raise Refusal("gateway.records_unwritable", retry_after=5) from error

    def _read(self, interaction_id: str) -> Interaction | None:
        try:
            return Interaction(**orjson.loads((self._folder / interaction_id).read_bytes()))
        except (OSError, orjson.JSONDecodeError, TypeError):
            return None

    def _write(self, interaction_id: str, interaction: Interaction) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f".{interaction_id}"
        with fresh.open("wb") as file:
            file.write(orjson.dumps(asdict(interaction)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / interaction_id)

    def _clean(self) -> None:
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            found = self._read(path.name)
            if found is None or found.until + _KEEP_SECONDS < self._clock():
                path.unlink(missing_ok=True)


def _mark(call: str) -> str:
    """Return what is kept of a call: an Idempotency-Key seals outcomes, so it is not kept itself."""
    return hashlib.sha256(call.encode()).hexdigest()
