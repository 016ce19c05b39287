"""A gateway that lost its control plane and finds it again: what is left of a quota may be used all the while."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from terpadu.exchange.rules.leases import Holding, Wish, allot
from terpadu_gateway import quotas as module
from terpadu_gateway.quotas import AWAY_SECONDS, Granted, Quotas
from terpadu_wire.properties import Properties, Quota
from terpadu_wire.quota import Spent, day_of
from tests.gateway.country import standard_properties

PER_DAY = 1000
RULES = replace(standard_properties(), quota=Quota(per_day=PER_DAY))
Asked = dict[module.Key, set[str]]


@dataclass(frozen=True)
class Allowed:
    """What a quota looks at of a right."""

    grant_hash: str
    properties: Properties = RULES


class Plane:
    """Stands where the control plane is: gives by its own arithmetic, after `pause`, unless it is away."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0
        self.is_away = False
        self.held: dict[str, Holding] = {}
        self.pause: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)

    async def send(self, quotas: Quotas, asked: Asked) -> list[Granted]:
        """Answer like `Quotas._send`."""
        wishes = [module._wish(key, quotas._leases[key], new) for key, new in asked.items()]
        await self.pause()
        if self.is_away:
            raise module._RefusedError("away")
        return [self._give(wish) for wish in wishes]

    def _give(self, wish: dict[str, Any]) -> Granted:
        name = wish["grant_hash"]
        own = self.held.get(name, Holding())
        got = allot(Wish(wish["used"], wish["want"]), own, [], rps=None, per_day=PER_DAY)
        self.held[name] = Holding(got.granted, got.used)
        day = day_of(self.now, "Asia/Jakarta")
        share = {"granted": got.granted, "used": got.used, "rate": got.rate, "shared_by": got.shared_by}
        return Granted(grant_hash=name, side="out", day=day, **share)


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Plane:
    made = Plane()
    monkeypatch.setattr(Quotas, "_send", lambda quotas, asked: made.send(quotas, asked))
    return made


@pytest.fixture
def quotas(plane: Plane, tmp_path: Path) -> Quotas:
    """Quotas whose requests go to the stand-in; so client and identity are not used."""
    rest: Any = {"client": None, "identity": None, "copy": tmp_path / "leases.json"}
    return Quotas("portal", url="", clock=lambda: plane.now, **rest)


async def take(quotas: Quotas, name: str) -> Spent | None:
    right: Any = Allowed(name)
    return await quotas.take(right, side="out", subject="")


def test_first_lease_after_many_calls_without_one_refuses_nobody(plane: Plane, quotas: Quotas) -> None:
    async def main() -> list[Spent | None]:
        plane.is_away = True
        before = [await take(quotas, "a") for _ in range(60)]
        plane.is_away, plane.now = False, plane.now + AWAY_SECONDS
        return before + [await take(quotas, "a") for _ in range(60)]

    assert set(asyncio.run(main())) == {None}


def test_answer_for_another_grant_refuses_nobody_who_still_waits(plane: Plane, quotas: Quotas) -> None:
    async def main() -> list[Spent | None]:
        plane.is_away = True
        assert await take(quotas, "a") is None
        plane.is_away, plane.now = False, plane.now + AWAY_SECONDS
        answer = asyncio.Event()
        plane.pause = answer.wait
        asked = asyncio.create_task(take(quotas, "a"))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(take(quotas, "b"))
        await asyncio.sleep(0)
        answer.set()
        return [await asked, await waiting]

    assert asyncio.run(main()) == [None, None]


def test_quota_that_is_used_up_is_refused_after_the_control_plane_was_away(
    plane: Plane, quotas: Quotas
) -> None:
    async def main() -> list[Spent | None]:
        plane.is_away = True
        first = [await take(quotas, "a") for _ in range(60)]
        plane.is_away, plane.now = False, plane.now + AWAY_SECONDS
        return first + [await take(quotas, "a") for _ in range(PER_DAY)]

    answers = asyncio.run(main())

    assert answers.count(None) == PER_DAY
    assert {spent.code for spent in answers if spent} == {"quota.day"}
