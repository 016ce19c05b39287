"""When a person sees the exchanges about them: a rule that stands in the signed purpose and in the signed grant.

Gateways keep to no such rule: they record every exchange alike. Whoever shows a trail does, by the rule of the grant
that the records of the exchange name.
"""

from dataclasses import dataclass as plain_dataclass
from datetime import date
from typing import Annotated, Literal, Self, TypeAlias

import orjson
from pydantic import Field, JsonValue, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from terpadu_wire.contracts import STRICT
from terpadu_wire.hours import Day

DisclosureClass: TypeAlias = Literal["now", "delayed", "closed", "supervisor"]
LONGEST_DAYS = 3660
"""No reading stays hidden for longer than ten years, unless it is for the supervisor alone."""


@dataclass(frozen=True, config=STRICT)
class Ground:
    """The law by which a reading may be kept from the person: code of the ground, its article.

    ``is_assumed``: the text of the law was not read.
    """

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")]
    article: Annotated[str, Field(min_length=1, max_length=500)]
    is_assumed: bool = False


@dataclass(frozen=True, config=STRICT)
class Disclosure:
    """When a person sees the exchanges of a grant that are about them.

    ``now``: at once. ``delayed``: so many ``days`` after each exchange, or from a ``date`` on; one of the two.
    ``closed``: when the case that the call named was closed, at the latest so many ``days`` after the exchange.
    ``supervisor``: never; the data protection supervisor alone sees them. All but ``now`` name their ``ground``.
    """

    kind: Annotated[DisclosureClass, Field(alias="class")] = "now"
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] | None = None
    date: Day | None = None
    ground: Ground | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        fault = _fault(self)
        if fault:
            raise ValueError(fault)
        return self


@plain_dataclass(frozen=True)
class _Members:
    """Which members a class takes. one_of: just one of them."""

    one_of: tuple[str, ...]
    has_ground: bool = True


_TAKES = {
    "now": _Members((), has_ground=False),
    "delayed": _Members(("days", "date")),
    "closed": _Members(("days",)),
    "supervisor": _Members(()),
}
_ADAPTER = TypeAdapter(Disclosure)


def disclosure_from_json(value: JsonValue) -> Disclosure | None:
    """Return the rule of a JSON object, or None when it is not one that is understood."""
    try:
        return _ADAPTER.validate_json(orjson.dumps(value))
    except ValidationError:
        return None


def disclosure_to_json(disclosure: Disclosure) -> dict[str, JsonValue]:
    """Return a rule as the JSON object that is signed; what is as if it were not there is left out."""
    value: dict[str, JsonValue] = _ADAPTER.dump_python(
        disclosure, mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return value


def _fault(disclosure: Disclosure) -> str:
    """Return what is wrong with a rule, "" when nothing is."""
    takes = _TAKES[disclosure.kind]
    given = [name for name in ("days", "date") if getattr(disclosure, name) is not None]
    if takes.one_of and (len(given) != 1 or given[0] not in takes.one_of):
        return f"{disclosure.kind} takes one of {' and '.join(takes.one_of)}"
    if not takes.one_of and given:
        return f"{disclosure.kind} takes no {given[0]}"
    if takes.has_ground != (disclosure.ground is not None):
        return f"{disclosure.kind} {'needs a' if takes.has_ground else 'takes no'} ground"
    return _fault_of_day(disclosure.date)


def _fault_of_day(day: str | None) -> str:
    """Return "" for a day of the calendar; the pattern alone lets 30 February pass."""
    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError:
        return "date is no day of the calendar"
    return ""


AT_ONCE = Disclosure()
"""What counts where nothing is said."""
