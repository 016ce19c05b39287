"""Quotas as pure arithmetic: a bucket of calls per second, calendar days, and what a refusal says.

Both gateways of an exchange count for themselves; a day is a calendar day in the quota's own time zone. A gateway that
shares a quota with others holds a *share* of it: so many calls a second, so many calls of the day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Spent:
    """A quota that is used up.

    Args:
        code: ``quota.second``, ``quota.day`` or ``quota.subject_day``.
        limit: calls that the contract allows in that time.
        retry_after: seconds until there may be one more.
    """

    code: str
    limit: int
    retry_after: int

    def detail(self) -> dict[str, int | str]:
        """Return what the problem says about it."""
        return {"window": self.code.partition(".")[2], "limit": self.limit, "remaining": 0}


@dataclass(slots=True)
class Bucket:
    """A token bucket. level: calls that may be made at ``at`` (Unix seconds)."""

    level: float
    at: float

    def take(self, *, rate: float, burst: float, now: float) -> float:
        """Take one call; return 0.0, or the seconds to wait when the bucket is empty.

        Args:
            rate: calls a second that flow in.
            burst: most calls that it holds.
            now: Unix seconds; a clock that was set back gives nothing and takes nothing.
        """
        self.level = min(burst, self.level + max(0.0, now - self.at) * rate)
        self.at = now
        if self.level >= 1.0:
            self.level -= 1.0
            return 0.0
        return (1.0 - self.level) / rate if rate > 0 else 1.0


def day_of(now: float, timezone: str) -> str:
    """Return the calendar day (``YYYY-MM-DD``) of a moment (Unix seconds)."""
    return _day(int(now // 60), timezone)


def seconds_to_midnight(now: float, timezone: str) -> int:
    """Return the seconds until the next calendar day begins, at least 1."""
    zone = ZoneInfo(timezone)
    local = datetime.fromtimestamp(now, zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    return max(1, int(midnight.timestamp() - now) + 1)


@lru_cache(maxsize=64)
def _day(minute: int, timezone: str) -> str:
    # Every offset in use is a whole number of minutes.
    return datetime.fromtimestamp(minute * 60, ZoneInfo(timezone)).date().isoformat()
