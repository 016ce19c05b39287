"""Pure rules of assurance: how strong a sign-in was, how sure a proofing is, and whether that is enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from terpadu.identity.enums import AuthenticationLevel, ProofingLevel, ProofingMethod, SignInMethod

LOA1, LOA2, LOA3 = AuthenticationLevel.LOA1, AuthenticationLevel.LOA2, AuthenticationLevel.LOA3
AUTHENTICATION_ORDER: tuple[AuthenticationLevel, ...] = (LOA1, LOA2, LOA3)
PROOFING_ORDER = (ProofingLevel.DECLARED, ProofingLevel.MATCHED, ProofingLevel.CONFIRMED)

LEVEL_OF_METHOD: Mapping[str, AuthenticationLevel] = {
    SignInMethod.PASSWORD.value: LOA1,
    SignInMethod.TOTP.value: LOA2,
    SignInMethod.RECOVERY_CODE.value: LOA2,
    SignInMethod.PASSKEY.value: LOA3,
    SignInMethod.RECOVERY.value: LOA1,
    SignInMethod.DEMO.value: LOA1,
}
"""What each way to sign in is worth. A recovery at a counter hands over an account, it authenticates nobody strongly."""

CROSS_DEVICE_AT_MOST = LOA2
"""A code shown by one screen can be relayed by a cheat, so it is never worth a passkey used on the spot."""

VOUCHED_FOR = frozenset({SignInMethod.CROSS_DEVICE.value, SignInMethod.AGENCY.value})
"""Ways in which somebody else says how strongly a person signed in; held to the same limit."""

LEVEL_OF_PROOFING: Mapping[str, ProofingLevel] = {
    ProofingMethod.REGISTRY.value: ProofingLevel.MATCHED,
    ProofingMethod.FACE.value: ProofingLevel.CONFIRMED,
    ProofingMethod.COUNTER.value: ProofingLevel.CONFIRMED,
}


@dataclass(frozen=True)
class Authentication:
    """How somebody is signed in. level: `acr`. at: seconds since 1970 of the newest proof. methods: `amr`, in order."""

    level: AuthenticationLevel
    at: int
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Requirement:
    """What a service needs. max_age_s: how old the proof of that strength may be; None for as old as the session."""

    authentication: AuthenticationLevel = LOA1
    proofing: ProofingLevel = ProofingLevel.DECLARED
    max_age_s: int | None = None


def level_of(record: Mapping[str, Any]) -> AuthenticationLevel:
    """Return what one entry of a session's methods is worth.

    record: {"method", "at", "level" of another device or of an agency's login}.
    """
    if record.get("method") in VOUCHED_FOR:
        told = str(record.get("level", ""))
        level = AuthenticationLevel(told) if told in AuthenticationLevel.values else LOA1
        return min(level, CROSS_DEVICE_AT_MOST, key=AUTHENTICATION_ORDER.index)
    return LEVEL_OF_METHOD.get(str(record.get("method", "")), LOA1)


def authentication_from(records: Iterable[Mapping[str, Any]]) -> Authentication:
    """Work out how somebody is signed in from all that they proved in this session; the strongest counts."""
    known = list(records)
    if not known:
        return Authentication(LOA1, 0, ())
    level = max((level_of(record) for record in known), key=AUTHENTICATION_ORDER.index)
    methods = tuple(dict.fromkeys(str(record.get("method", "")) for record in known))
    return Authentication(level, max(int(record.get("at", 0)) for record in known), methods)


def proofing_level(methods: Collection[str]) -> ProofingLevel:
    """Return the highest level among the methods by which a person was proofed."""
    levels = [LEVEL_OF_PROOFING[method] for method in methods if method in LEVEL_OF_PROOFING]
    return max(levels, key=PROOFING_ORDER.index, default=ProofingLevel.DECLARED)


def is_authentication_enough(
    records: Iterable[Mapping[str, Any]], *, wanted: Requirement, now_s: float
) -> bool:
    """Tell whether what was proved in a session is strong enough, and recent enough when that is asked."""
    least = AUTHENTICATION_ORDER.index(wanted.authentication)
    if least == 0 and wanted.max_age_s is None:
        return True
    oldest = 0.0 if wanted.max_age_s is None else now_s - wanted.max_age_s
    return any(
        AUTHENTICATION_ORDER.index(level_of(record)) >= least and int(record.get("at", 0)) >= oldest
        for record in records
    )


def is_proofing_enough(have: ProofingLevel, *, wanted: ProofingLevel) -> bool:
    """Tell whether a person is proofed well enough."""
    return PROOFING_ORDER.index(have) >= PROOFING_ORDER.index(wanted)
