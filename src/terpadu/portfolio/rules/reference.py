"""The national reference architecture as a tree of codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ReferenceList:
    """One list, such as RAB. name_id, name_en: its name. trust: how far its codes are to be trusted. codes: name by code."""

    key: str
    name_id: str
    name_en: str
    trust: str
    codes: Mapping[str, str]

    def children(self, parent: str = "") -> list[tuple[str, str]]:
        """Return code and name of what stands directly below a code, of the top when none is given."""
        parent = parent or self.key
        return [(code, name) for code, name in self.codes.items() if code.rpartition(".")[0] == parent]

    def path(self, code: str) -> list[tuple[str, str]]:
        """Return code and name of a code and of all above it, from the top."""
        parts = code.split(".")
        above = [".".join(parts[: at + 1]) for at in range(1, len(parts))]
        return [(one, self.codes[one]) for one in above if one in self.codes]


@dataclass(frozen=True)
class ReferenceArchitecture:
    """All lists of one version. in_force_until: None while it holds."""

    version: str
    title: str
    legal_basis: str
    in_force_from: date
    in_force_until: date | None
    lists: Mapping[str, ReferenceList]

    @property
    def codes(self) -> frozenset[str]:
        """Every code of every list."""
        return frozenset(code for one in self.lists.values() for code in one.codes)

    def name(self, code: str) -> str:
        """Return the name of a code, "" for one that is unknown."""
        found = self.lists.get(code.partition(".")[0])
        return found.codes.get(code, "") if found else ""

    def path(self, code: str) -> list[tuple[str, str]]:
        """Return code and name of a code and of all above it, from the top; [] for one that is unknown."""
        found = self.lists.get(code.partition(".")[0])
        return found.path(code) if found else []
