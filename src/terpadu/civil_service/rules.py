"""Rules of the civil service: what an NIP says, what earns credit, how a month adds up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from terpadu.civil_service.enums import CreditState, EmploymentKind

YOUNGEST, OLDEST = 17, 60  # age at appointment; own design of this project, not a legal text
FIRST_CONTRACT = 21  # PPPK: the number of contracts starts at 21, so that it cannot be a month
HOLD = timedelta(
    days=14
)  # assumed: the days in which a case is usually reopened, until an agency sets its own
LONGEST_EFFORT_MINUTES = 8 * 60


@dataclass(frozen=True)
class Nip:
    """What the 18 digits of an NIP say (PNS: Perka BKN 43/2007).

    began: first day of the month of appointment (PNS), or of its year (PPPK). contracts: of a PPPK, counted from 1;
    None for a PNS. sex: "L" or "P". serial: 1..999.
    """

    number: str
    kind: EmploymentKind
    birth_on: date
    began: date
    sex: str
    contracts: int | None
    serial: int


@dataclass(frozen=True)
class NipFault:
    """Why a number is no NIP; reason: format, birth, start, age, sex or serial."""

    reason: str


def parse_nip(text: str) -> Nip | NipFault:
    """Read an NIP; spaces, dots and hyphens between the digits are allowed. Checks in the order of the digits."""
    number = re.sub(r"[ .-]", "", text)
    if not re.fullmatch(r"[0-9]{18}", number):
        return NipFault("format")
    birth_on = _day(number[:8])
    if birth_on is None:
        return NipFault("birth")
    began, contracts = _start_of(number)
    if began is None:
        return NipFault("start")
    if not YOUNGEST <= began.year - birth_on.year <= OLDEST:
        return NipFault("age")
    if number[14] not in "12":
        return NipFault("sex")
    if number[15:] == "000":
        return NipFault("serial")
    return Nip(
        number=number,
        kind=EmploymentKind.PNS if contracts is None else EmploymentKind.PPPK,
        birth_on=birth_on,
        began=began,
        sex="L" if number[14] == "1" else "P",
        contracts=contracts,
        serial=int(number[15:]),
    )


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _start_of(number: str) -> tuple[date | None, int | None]:
    """Return the start and the number of contracts: digits 13-14 are a month (PNS), or 21 and up (PPPK)."""
    year, part = int(number[8:12]), int(number[12:14])
    if year == 0:
        return None, None
    if 1 <= part <= 12:
        return date(year, part, 1), None
    if part >= FIRST_CONTRACT:
        return date(year, 1, 1), part - FIRST_CONTRACT + 1
    return None, None


def nip_warnings(nip: Nip, *, birth_on: date, sex: str) -> list[str]:
    """Return what differs from the person's registered data: "birth", "sex"; a difference is no error."""
    warnings = ["birth"] if nip.birth_on != birth_on else []
    return warnings + (["sex"] if nip.sex != sex else [])


@dataclass(frozen=True)
class HandledStep:
    """One handled step as it is told: who acted in which position, and when. Moments are aware."""

    actor_person_id: UUID | None
    position_id: str
    started_at: datetime
    finished_at: datetime
    effort_minutes: int


def earns_credit(step: HandledStep, *, held_positions: Iterable[str]) -> bool:
    """Tell whether a step becomes a credit: a person acted, in a position they held, and time ran forwards."""
    is_officer = step.actor_person_id is not None and step.position_id in set(held_positions)
    return is_officer and step.started_at <= step.finished_at


def credited_effort(minutes: int) -> int:
    """Return the effort that is written down: never negative, never more than a working day."""
    return min(max(minutes, 0), LONGEST_EFFORT_MINUTES)


def state_of(held_until: datetime, *, at: datetime) -> CreditState:
    """Tell whether a credit can still be questioned at a moment."""
    return CreditState.HELD if at < held_until else CreditState.FINAL


@dataclass(frozen=True)
class Month:
    """A calendar month in Asia/Jakarta."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """Return the month a day lies in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month | None:
        """Read "2026-11"; None for anything else."""
        match = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text)
        return cls(int(match[1]), int(match[2])) if match else None

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.month, 1)

    @property
    def after(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    def days(self) -> list[date]:
        """Return all days of the month in order."""
        return [self.first + timedelta(days=n) for n in range((self.after - self.first).days)]

    def shifted(self, months: int) -> Month:
        """Return the month so many months later, or earlier when negative."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True)
class Tally:
    """How a month adds up. steps: handled; on_time: of these, within their limit; minutes: usual effort, summed."""

    steps: int
    on_time: int
    minutes: int
    per_day: dict[date, int]

    @property
    def on_time_percent(self) -> int | None:
        """Share handled within the limit, 0..100 rounded down; None when nothing was handled."""
        return self.on_time * 100 // self.steps if self.steps else None


def tally(handled: Iterable[tuple[date, bool, int]], *, month: Month) -> Tally:
    """Add up a month; handled: (day, was on time, effort in minutes) of each step, in any order."""
    rows = list(handled)
    counts = Counter(day for day, _on_time, _minutes in rows)
    return Tally(
        steps=len(rows),
        on_time=sum(on_time for _day, on_time, _minutes in rows),
        minutes=sum(minutes for _day, _on_time, minutes in rows),
        per_day={day: counts[day] for day in month.days()},
    )
