"""Template words for dates, money, icons, states and menus."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from urllib.parse import quote

from django import template
from django.forms import BoundField
from django.template.context import Context
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from terpadu.kernel import formats
from terpadu.kernel.clock import JAKARTA

register = template.Library()

STATES = {"ok", "wait", "late", "info"}


@register.filter
def date_id(day: date | datetime | None) -> str:
    """Write a day, or the day in Jakarta of a moment, in the language in force; nothing for None."""
    return formats.format_date(_day_of(day)) if day else ""


@register.filter
def weekday_id(day: date | datetime | None) -> str:
    """Write a day, or the day in Jakarta of a moment, with its weekday; nothing for None."""
    return formats.format_date(_day_of(day), weekday=True) if day else ""


def _day_of(day: date | datetime) -> date:
    return day.astimezone(JAKARTA).date() if isinstance(day, datetime) else day


@register.filter
def datetime_id(at: datetime | None) -> str:
    """Write a moment in the language in force; nothing for None."""
    return formats.format_moment(at) if at else ""


@register.filter
def time_id(at: datetime | None) -> str:
    """Write only the time of a moment, such as "14.30 WIB"; nothing for None."""
    return formats.format_moment(at)[-len("00.00 WIB") :] if at else ""


@register.filter
def rupiah(amount: int) -> str:
    """Write whole rupiah."""
    return formats.format_rupiah(amount)


@register.filter
def number_id(value: int | float) -> str:
    """Write a whole number with separators."""
    return formats.format_number(value)


@register.filter
def decimal_id(value: Decimal | None) -> str:
    """Write an index or a mean with two decimals; a dash for None."""
    return "–" if value is None else formats.format_number(value, decimals=2)


@register.filter
def in_language(texts: dict[str, str] | None) -> str:
    """Pick the text in the language in force from {"id": …, "en": …}."""
    return (texts or {}).get(formats.language(), "")


@cache
def _drawing(name: str) -> SafeString:
    return SafeString(get_template(f"ui/icons/{name}.svg").render().strip())


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw the icon `name` of `ui/icons/`; it is decoration, the word beside it carries the meaning."""
    return _drawing(name)


@register.simple_tag
def tag(state: str, text: str | Promise) -> SafeString:
    """Draw a word with a state: ok, wait, late or info."""
    if state not in STATES:
        raise ValueError(f"no such state: {state}")
    return format_html('<span class="tag {}">{}</span>', state, text)


@register.simple_tag(takes_context=True)
def nav_link(
    context: Context, address: str, icon_name: str, label: str, count: int | None = None
) -> SafeString:
    """Draw one entry of a menu, marked when the page stands at or under its address.

    icon_name: an icon of `ui/icons/`, or "". count: how many things wait there; None or 0 shows nothing.
    """
    path = context["request"].path if "request" in context else ""
    home = address in ("/", "/petugas/")
    here = path == address if home else path.startswith(address)
    current = SafeString(' aria-current="page"') if here else ""
    drawing = _drawing(icon_name) if icon_name else ""
    return format_html('<a href="{}"{}>{}{}{}</a>', address, current, drawing, label, _badge(count))


def _badge(count: int | None) -> SafeString | str:
    if not count:
        return ""
    text = formats.format_number(count) if count < 100 else "99+"
    return format_html(' <span class="badge">{}<span class="gone"> {}</span></span>', text, gettext("unread"))


@register.simple_tag(takes_context=True)
def sign_in_url(context: Context) -> str:
    """Return the address of the sign-in page that comes back to the page in view."""
    request = context.get("request")
    if request is None or request.method != "GET" or request.path in ("/", "/masuk/"):
        return "/masuk/"
    return f"/masuk/?next={quote(request.get_full_path())}"


@register.filter
def focus_id(field: BoundField) -> str:
    """Return the id of the part of a field that an error's link should lead to."""
    return field.id_for_label or f"{field.auto_id}_0"
