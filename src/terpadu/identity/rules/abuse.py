"""Pure rules of abuse: what in the sign-in history looks like somebody else's hand. They see no name, NIK or page visited."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import TypeVar
from uuid import UUID

from terpadu.identity.enums import SignalKind, SignInOutcome

K = TypeVar("K", bound=Hashable)
EARTH_KM = 6371.0
FAILED = frozenset({SignInOutcome.WRONG_PASSWORD, SignInOutcome.WRONG_CODE, SignInOutcome.LIMITED})


@dataclass(frozen=True)
class TravelLimits:
    """From which speed (km/h) and distance (km) on two sign-ins cannot be one traveller."""

    kilometres_an_hour: float
    least_kilometres: float


@dataclass(frozen=True)
class SharingLimits:
    """How many different accounts on one device, within how many minutes."""

    accounts: int
    within_minutes: int


@dataclass(frozen=True)
class StuffingLimits:
    """How many accounts tried in vain from one network, within how many minutes, and which share of tries failed (0 to 1)."""

    accounts: int
    within_minutes: int
    least_failed: float


@dataclass(frozen=True)
class AbuseLimits:
    """All thresholds in force. window_hours: how far back to look. most_rows: lines looked at for one kind of signal."""

    valid_from: date
    window_hours: int
    most_rows: int
    travel: TravelLimits
    sharing: SharingLimits
    stuffing: StuffingLimits


@dataclass(frozen=True)
class Entry:
    """One line of the sign-in history. account: of whose account the line is, by the person's identifier."""

    account: UUID
    at: datetime
    outcome: str
    network: str
    device: str


@dataclass(frozen=True)
class Place:
    """Where a network is. latitude, longitude: degrees."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Signal:
    """One suspicion. accounts: whose; opened: those of them that were signed in to. detail: kilometres, or tries that failed.

    places: from where to where, for travel.
    """

    kind: SignalKind
    since: datetime
    until: datetime
    networks: tuple[str, ...]
    device: str
    accounts: tuple[UUID, ...]
    opened: tuple[UUID, ...]
    detail: int
    places: tuple[str, ...] = ()


def kilometres(one: Place, other: Place) -> float:
    """Return the distance of two places over the ground (haversine)."""
    lat, lon = (radians(b - a) for a, b in ((one.latitude, other.latitude), (one.longitude, other.longitude)))
    chord = sin(lat / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(lon / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def find_travel(
    entries: Iterable[Entry], *, place_of: Callable[[str], Place | None], limits: TravelLimits
) -> Iterator[Signal]:
    """Tell of accounts that were signed in to from two places between which nobody travels that fast.

    place_of: where a network is, None when nobody knows; such sign-ins are passed over.
    """
    for account, line in _grouped(entries, by=lambda entry: entry.account).items():
        known = [(entry, place) for entry in line if _is_in(entry) and (place := place_of(entry.network))]
        for (before, here), (after, there) in pairwise(known):
            way = kilometres(here, there)
            hours = (after.at - before.at).total_seconds() / 3600
            if way >= limits.least_kilometres and way > limits.kilometres_an_hour * hours:
                yield Signal(
                    kind=SignalKind.TRAVEL,
                    since=before.at,
                    until=after.at,
                    networks=(before.network, after.network),
                    device=after.device,
                    accounts=(account,),
                    opened=(account,),
                    detail=round(way),
                    places=(here.name, there.name),
                )


def find_sharing(entries: Iterable[Entry], *, limits: SharingLimits) -> Iterator[Signal]:
    """Tell of networks and kinds of device from which many different accounts were signed in to within a short time."""
    signed_in = [entry for entry in entries if _is_in(entry)]
    for (network, device), line in _grouped(signed_in, by=lambda e: (e.network, e.device)).items():
        found = _busiest(line, within=timedelta(minutes=limits.within_minutes))
        if len(_accounts(found)) >= limits.accounts:
            yield _signal(SignalKind.SHARING, found, network=network, device=device, opened=_accounts(found))


def find_stuffing(entries: Iterable[Entry], *, limits: StuffingLimits) -> Iterator[Signal]:
    """Tell of networks from which many accounts were tried in vain; `opened` are those where a try was right in the end."""
    for network, line in _grouped(entries, by=lambda entry: entry.network).items():
        failed = [entry for entry in line if entry.outcome in FAILED]
        found = _busiest(failed, within=timedelta(minutes=limits.within_minutes))
        if len(_accounts(found)) < limits.accounts:
            continue
        around = [entry for entry in line if found[0].at <= entry.at <= found[-1].at]
        if len(found) >= limits.least_failed * len(around):
            later = [one for one in line if _is_in(one) and one.at >= found[0].at]
            yield _signal(SignalKind.STUFFING, found, network=network, device="", opened=_accounts(later))


def _signal(
    kind: SignalKind, found: Sequence[Entry], *, network: str, device: str, opened: tuple[UUID, ...]
) -> Signal:
    since, until = found[0].at, found[-1].at
    return Signal(kind, since, until, (network,), device, _accounts(found), opened, detail=len(found))


def _is_in(entry: Entry) -> bool:
    return entry.outcome == SignInOutcome.SIGNED_IN


def _accounts(entries: Iterable[Entry]) -> tuple[UUID, ...]:
    return tuple(sorted({entry.account for entry in entries}))


def _grouped(entries: Iterable[Entry], *, by: Callable[[Entry], K]) -> dict[K, list[Entry]]:
    """Put entries together by a key, oldest first in each."""
    found: dict[K, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.at):
        found[by(entry)].append(entry)
    return found


def _busiest(line: Sequence[Entry], *, within: timedelta) -> Sequence[Entry]:
    """Return the stretch of a line, no longer than `within`, that touches the most accounts."""
    counts: Counter[UUID] = Counter()
    best, start, most = (0, 0), 0, 0
    for end, entry in enumerate(line):
        counts[entry.account] += 1
        while entry.at - line[start].at > within:
            counts[line[start].account] -= 1
            counts += Counter()
            start += 1
        if len(counts) > most:
            most, best = len(counts), (start, end + 1)
    return line[slice(*best)]
