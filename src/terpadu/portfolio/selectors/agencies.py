"""Agencies as lists name them: by code, peer id, name, short name, or a name they had before."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from terpadu.directory.public import AgencyView, agency_list
from terpadu.portfolio.enums import AliasKind
from terpadu.portfolio.models import AgencyAlias
from terpadu.portfolio.rules.cells import plain


@dataclass(frozen=True)
class Found:
    """The outcome of a search. candidates: the agencies that a former name may mean. kind: of the former name, or ""."""

    candidates: tuple[AgencyView, ...]
    kind: str = ""

    @property
    def agency(self) -> AgencyView | None:
        """The one agency that is meant, None when there is none or more than one."""
        return self.candidates[0] if len(self.candidates) == 1 else None


class AgencyIndex:
    """All agencies by everything that a list may call them; made once for each import."""

    def __init__(self) -> None:
        """Read the directory and the former names. Two queries."""
        self.by_id: dict[UUID, AgencyView] = {one.id: one for one in agency_list()}
        self.by_code = {one.code: one for one in self.by_id.values()}
        self._known: dict[str, list[AgencyView]] = {}
        for one in self.by_id.values():
            for text in (one.code, one.peer_id, one.name, one.short_name):
                self._add(text, one)
        self._former: dict[str, tuple[list[AgencyView], str]] = {}
        for alias in AgencyAlias.objects.order_by("changed_on", "id"):
            entry = self._former.setdefault(plain(alias.former), ([], AliasKind(alias.kind)))
            entry[0].append(self.by_id[alias.agency_id])

    def _add(self, text: str, agency: AgencyView) -> None:
        entries = self._known.setdefault(plain(text), [])
        if agency not in entries:
            entries.append(agency)

    def find(self, text: str) -> Found:
        """Return which agency a text means; present names come before former ones."""
        key = plain(text)
        if text in self.by_code:
            return Found((self.by_code[text],))
        if key in self._known:
            return Found(tuple(self._known[key]))
        if key in self._former:
            agencies, kind = self._former[key]
            return Found(tuple(agencies), kind)
        return Found(())
