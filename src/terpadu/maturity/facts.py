"""Facts that the platform can see about an agency, offered as evidence with the query and date behind them.

A domain below says what it can count by registering a source; nothing here ever sets a level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from terpadu.maturity.rules.instrument import Indicator, Text


@dataclass(frozen=True)
class PlatformFact:
    """One thing the platform counted.

    number: what was counted. statement: what it says, in both languages. query: how it was counted, in words that
    another could repeat. on: the day it was counted for.
    """

    key: str
    number: int
    statement: Text
    query: str
    on: date


@dataclass(frozen=True)
class FactSubject:
    """Who a fact is about. agency_code: as measured. region_code: Kemendagri's code, "" for a national agency."""

    agency_code: str
    region_code: str


FactSource = Callable[[FactSubject, date], PlatformFact | None]
_sources: dict[str, FactSource] = {}


def register_fact(key: str, source: FactSource) -> None:
    """Register who counts a fact, such as "exchange.contracts_in_force".

    source: takes a subject and a day, returns the fact or None when it cannot tell. Raises ValueError when the
    key has a source already.
    """
    if key in _sources:
        raise ValueError(f"two sources for the fact {key}")
    _sources[key] = source


def forget_fact(key: str) -> None:
    """Take a source away again."""
    _sources.pop(key, None)


def facts_for(indicator: Indicator, *, about: FactSubject, on: date) -> list[PlatformFact]:
    """Return what the platform can say about an agency under an indicator, in the order of the instrument."""
    found = [_sources[rule.key](about, on) for rule in indicator.facts if rule.key in _sources]
    return [fact for fact in found if fact is not None]


def contradictions(indicator: Indicator, *, level: int, facts: list[PlatformFact]) -> list[PlatformFact]:
    """Return the facts that speak against a claimed level, by the rules that the instrument's file gives."""
    rules = {rule.key: rule for rule in indicator.facts}
    return [
        fact
        for fact in facts
        if (rule := rules.get(fact.key))
        and rule.contradicts_above is not None
        and rule.when_below is not None
        and level > rule.contradicts_above
        and fact.number < rule.when_below
    ]
