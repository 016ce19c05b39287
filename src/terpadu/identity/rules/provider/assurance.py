"""Levels of authentication (`acr`): how somebody signed in, kept apart from how their identity was proofed.

acr says how sure we are that it is the same person as at registration; who that person is stands in `verified_claims`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from terpadu.identity.enums import SignInMethod
from terpadu.identity.rules.assurance import LEVEL_OF_METHOD

LOW, TWO_FACTORS, PHISHING_RESISTANT = "loa1", "loa2", "loa3"
LEVELS: tuple[str, ...] = (LOW, TWO_FACTORS, PHISHING_RESISTANT)
"""loa1: one factor. loa2: two factors. loa3: a passkey with user verification, which no false site can ask for."""

ALIASES: dict[str, str] = {"easy": TWO_FACTORS, "secure": PHISHING_RESISTANT}
"""INApas' words for its two ways (its documents name no acr values; the mapping is assumed)."""

AMR_OF_METHOD: dict[str, tuple[str, ...]] = {
    SignInMethod.PASSWORD: ("pwd",),
    SignInMethod.TOTP: ("pwd", "otp", "mfa"),
    SignInMethod.RECOVERY_CODE: ("pwd", "otp", "mfa"),
    SignInMethod.PASSKEY: ("hwk", "user", "mfa"),
    SignInMethod.CROSS_DEVICE: ("mca",),
    SignInMethod.RECOVERY: (),
    SignInMethod.AGENCY: (),
    SignInMethod.DEMO: (),
}
"""RFC 8176."""


@dataclass(frozen=True)
class Proof:
    """One time somebody proved in this session who they are. method: a SignInMethod. acr: its level, "" for the method's own."""

    method: str
    at: datetime
    acr: str = ""

    @property
    def level(self) -> str:
        """Return what the proof is worth, "" for an unknown method."""
        return self.acr or str(LEVEL_OF_METHOD.get(self.method, ""))


@dataclass(frozen=True)
class Level:
    """What a session stands for: its level, RFC 8176 methods, and when the newest proof of that level was given."""

    acr: str
    amr: tuple[str, ...]
    auth_time: datetime


@dataclass(frozen=True)
class Demand:
    """What a request needs. acr_values: any of these or higher will do, "" is any. max_age: None is any."""

    acr_values: tuple[str, ...] = ()
    is_essential: bool = False
    max_age: timedelta | None = None


def level_of(proofs: Sequence[Proof]) -> Level | None:
    """Return what proofs amount to: the highest level among them, and when it was proved last; None without a proof.

    A newer proof of a lower level never makes the higher one look fresh.
    """
    known = [proof for proof in proofs if proof.level]
    if not known:
        return None
    best = max(known, key=lambda proof: (rank(proof.level), proof.at))
    return Level(best.level, AMR_OF_METHOD.get(best.method, ()), best.at)


def recent_enough(proofs: Sequence[Proof], demand: Demand, *, since: datetime, now: datetime) -> list[Proof]:
    """Keep the proofs that `max_age` lets count (Core 3.1.2.1). since: when the request came; what was proved after it counts."""
    if demand.max_age is None:
        return list(proofs)
    edge = min(since.replace(microsecond=0), now)
    return [proof for proof in proofs if now - proof.at <= demand.max_age or proof.at >= edge]


def rank(acr: str) -> int:
    """Return how high a level is: 0 for unknown."""
    named = ALIASES.get(acr, acr)
    return LEVELS.index(named) + 1 if named in LEVELS else 0


def lowest_of(acr_values: Iterable[str]) -> str:
    """Return the lowest known level among those that would do, "" when none is known."""
    known = [ALIASES.get(value, value) for value in acr_values if rank(value)]
    return min(known, key=rank) if known else ""


def level_is_enough(level: Level, demand: Demand, *, minimum: str) -> bool:
    """Tell whether a level is high enough for a demand and for the client's own minimum."""
    return rank(level.acr) >= rank(wanted_level(demand, minimum=minimum))


def wanted_level(demand: Demand, *, minimum: str) -> str:
    """Return the level that a session must reach: the client's minimum, or what was asked when that is higher."""
    asked = lowest_of(demand.acr_values)
    return max((asked, minimum), key=rank)
