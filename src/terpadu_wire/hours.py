"""Opening hours of a contract: on which days and at which times a provider answers, in its own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import STRICT

_DAYS_AHEAD = 31
"""How many days ahead the next opening is looked for."""


def _checked_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("the time zone is unknown") from error
    return name


Zone: TypeAlias = Annotated[str, Field(max_length=50), AfterValidator(_checked_zone)]
"""A name of the IANA time zone database, such as ``Asia/Jakarta``."""
TimeOfDay: TypeAlias = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Day: TypeAlias = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


@dataclass(frozen=True, config=STRICT)
class Opening:
    """Times of day on some days of the week. days: 1 (Monday) to 7 (Sunday). until: ``24:00`` ends the day.

    A time over midnight is two openings: one until ``24:00``, one from ``00:00`` on the days after.
    """

    days: Annotated[tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1)]
    since: Annotated[TimeOfDay, Field(alias="from")]
    until: TimeOfDay

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.since >= self.until:
            raise ValueError(
                "an opening over midnight is two: one until 24:00, one from 00:00 of the next day"
            )
        return self


@dataclass(frozen=True, config=STRICT)
class Hours:
    """When calls are answered. closed: days without any, such as national holidays, as ``YYYY-MM-DD``."""

    timezone: Zone
    openings: Annotated[tuple[Opening, ...], Field(min_length=1, max_length=50)]
    closed: Annotated[tuple[Day, ...], Field(max_length=1000)] = ()

    def is_open(self, now: float) -> bool:
        """Say whether calls are answered at a moment (Unix seconds)."""
        local = datetime.fromtimestamp(now, self._zone)
        at = f"{local:%H:%M}"
        return any(since <= at < until for since, until in self._times_on(local.date()))

    def seconds_until_open(self, now: float) -> int:
        """Return in how many seconds calls are answered again; 0 when they are now, or not within a month."""
        if self.is_open(now):
            return 0
        local = datetime.fromtimestamp(now, self._zone)
        for ahead in range(_DAYS_AHEAD + 1):
            day = local.date() + timedelta(days=ahead)
            for since, _ in sorted(self._times_on(day)):
                opens = datetime.combine(day, time.fromisoformat(since), self._zone).astimezone(UTC)
                if opens.timestamp() > now:
                    return max(1, int(opens.timestamp() - now))
        return 0

    def _times_on(self, day: date) -> list[tuple[str, str]]:
        if day.isoformat() in self._closed:
            return []
        return [(one.since, one.until) for one in self.openings if day.isoweekday() in one.days]

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _closed(self) -> frozenset[str]:
        return frozenset(self.closed)
