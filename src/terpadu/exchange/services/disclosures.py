"""From when the person sees each exchange: worked out as its records come in, by the rule of the signed grant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from terpadu.exchange.enums import DisclosureKind
from terpadu.exchange.models import ClosedCase, Grant, TrailRow
from terpadu.exchange.rules.disclosure import disclosed_from
from terpadu.kernel.clock import JAKARTA
from terpadu_wire.disclosures import AT_ONCE, Disclosure, disclosure_from_json

_Way: TypeAlias = tuple[str, str, str, str]
"""A grant's hash, and the consumer, provider and service between which it opens a way."""


def disclosures_set(rows: Sequence[TrailRow]) -> None:
    """Set in rows, saved by the caller, from when the person sees them. One query, two where a case's end counts."""
    rules = _rules_of({row.grant_hash for row in rows} - {""})
    by_case = [row for row in rows if row.evidence and _kind(rules, row) == DisclosureKind.CLOSED]
    closed = _closings_of(by_case)
    for row in rows:
        rule = rules.get(_way_of(row), AT_ONCE)
        closed_at = closed.get((reader_of(row), row.evidence))
        row.disclosure = _kind(rules, row)
        row.disclosed_from = (
            disclosed_from(rule, at=row.at, closed_at=closed_at, zone=JAKARTA) if rule else None
        )


def reader_of(row: TrailRow) -> str:
    """Return the peer id in whose name an exchange was made."""
    return row.delegator or row.consumer


def _way_of(row: TrailRow) -> _Way:
    return row.grant_hash, row.consumer, row.provider, row.service


def _rules_of(hashes: set[str]) -> dict[_Way, Disclosure | None]:
    """Return the rules of the grants that have one; None for one that is not understood, which shows nothing.

    A record may name any grant; a rule counts for the way that its own grant opens, and for no other agencies' readings.
    """
    rows = Grant.objects.filter(grant_hash__in=hashes, properties__has_key="disclosure")
    found = rows.values_list("grant_hash", "consumer", "provider", "service", "properties__disclosure")
    return {(one[0], one[1], one[2], one[3]): disclosure_from_json(one[4]) for one in found} if hashes else {}


def _kind(rules: dict[_Way, Disclosure | None], row: TrailRow) -> str:
    rule = rules.get(_way_of(row), AT_ONCE)
    return rule.kind if rule else DisclosureKind.SUPERVISOR


def _closings_of(rows: Sequence[TrailRow]) -> dict[tuple[str, str], datetime]:
    if not rows:
        return {}
    found = ClosedCase.objects.filter(reference__in={row.evidence for row in rows})
    return {(row.reader, row.reference): row.closed_at for row in found}
