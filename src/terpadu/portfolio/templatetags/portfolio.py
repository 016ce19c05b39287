"""Template words for short amounts and for data in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from terpadu.kernel.formats import language
from terpadu.portfolio.web import words

register = template.Library()


@register.filter
def short_rupiah(rupiah: int) -> str:
    """Write an amount briefly, such as "1,2 M"."""
    return words.short_rupiah(rupiah)


@register.filter
def worded(texts: Mapping[str, str]) -> str:
    """Return a text of the data in the language in force."""
    return texts[language()]
