"""Template words for dates, money, icons and states."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from terpadu.kernel import formats

register = template.Library()

STATES = {"ok", "wait", "late", "info"}


@register.filter
def date_id(day: date | None) -> str:
    """Write a day in the language in force; nothing for None."""
    return formats.format_date(day) if day else ""


@register.filter
def datetime_id(at: datetime | None) -> str:
    """Write a moment in the language in force; nothing for None."""
    return formats.format_moment(at) if at else ""


@register.filter
def rupiah(amount: int) -> str:
    """Write whole rupiah."""
    return formats.format_rupiah(amount)


@register.filter
def number_id(value: int | float) -> str:
    """Write a whole number with separators."""
    return formats.format_number(value)


@register.filter
def in_language(texts: dict[str, str] | None) -> str:
    """Pick the text in the language in force from {"id": …, "en": …}."""
    return (texts or {}).get(formats.language(), "")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw the icon `name` of `ui/icons/`; it is decoration, the word beside it carries the meaning."""
    return SafeString(get_template(f"ui/icons/{name}.svg").render())


@register.simple_tag
def tag(state: str, text: str) -> SafeString:
    """Draw a word with a state: ok, wait, late or info."""
    if state not in STATES:
        raise ValueError(f"no such state: {state}")
    return format_html('<span class="tag {}">{}</span>', state, text)
