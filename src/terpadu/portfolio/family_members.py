"""Where rationalisation asks for families with their members: the overlap engine registers here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FamilyFound:
    """A family by complete linkage. kind: duplicate, product or function. codes: of its members."""

    key: str
    name: str
    kind: str
    codes: tuple[str, ...]


MemberSource = Callable[[str], Sequence[FamilyFound]]
_sources: list[MemberSource] = []


def register_family_members(source: MemberSource) -> None:
    """Register who knows families with members: takes an agency's code, "" for all."""
    _sources.append(source)


def families_with_members(agency_code: str = "") -> list[FamilyFound]:
    """Return the families that touch an agency ("": all), largest first; empty before the first overlap report."""
    found = [one for source in _sources[-1:] for one in source(agency_code)]
    return sorted(found, key=lambda one: (-len(one.codes), one.key))
