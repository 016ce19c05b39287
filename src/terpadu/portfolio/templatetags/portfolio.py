"""Template words for short amounts."""

from __future__ import annotations

from django import template

from terpadu.portfolio.web import words

register = template.Library()


@register.filter
def short_rupiah(rupiah: int) -> str:
    """Write an amount briefly, such as "1,2 M"."""
    return words.short_rupiah(rupiah)
