"""Template words for cases and services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from terpadu.casework.public import CaseView, FactView, SourceView
from terpadu.kernel.templatetags import ui
from terpadu.portal.web.words import TAGS

register = template.Library()


@register.simple_tag
def case_tag(case: CaseView) -> SafeString:
    """Draw where a case stands as a word with its state; a case over its promised day says so."""
    if case.is_late:
        return SafeString(ui.tag("late", gettext("Later than promised")))
    return SafeString(ui.tag(TAGS[case.state], case.state.label))


@register.filter
def working_days(days: int) -> str:
    """Write a number of working days."""
    return ngettext("%(count)d working day", "%(count)d working days", days) % {"count": days}


@register.filter
def fee(rupiah: int) -> str:
    """Write a fee; "Free" for none."""
    return ui.rupiah(rupiah) if rupiah else gettext("Free")


@dataclass(frozen=True)
class FactGroup:
    """Facts that came from one register at one time; source is None for what the applicant declared."""

    source: SourceView | None
    facts: list[FactView]

    @property
    def disputable(self) -> list[FactView]:
        """The facts that the applicant may call wrong."""
        return [fact for fact in self.facts if fact.can_dispute]


@register.filter
def by_source(facts: Iterable[FactView]) -> list[FactGroup]:
    """Group facts that stand together and come from the same reading, so that the source is said once."""
    groups = groupby(facts, key=lambda fact: fact.source)
    return [FactGroup(source, list(group)) for source, group in groups]


@register.filter
def entry(mapping: dict[str, object], key: str) -> object:
    """Return what a mapping holds under a key, None when nothing."""
    return mapping.get(key)
